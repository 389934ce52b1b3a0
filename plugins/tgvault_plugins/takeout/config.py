"""The `[sources.…]` table of type `takeout`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from tgvault_plugins.takeout.choices import Category, ChatType, Selector, selected
from tgvault_plugins.takeout.files import FileKind

__all__ = ["LARGEST_FILE", "Server", "TakeoutConfig"]

#: Bytes; Telegram's own limit, 4000 MiB.
LARGEST_FILE = 4000 << 20

_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kmg]?i?b)", re.IGNORECASE)
_PLACE = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^\[\]:\s]+)):(?P<port>[0-9]{1,5})")


class Server(msgspec.Struct, frozen=True):
    """Where a data centre is reached."""

    dc: int
    host: str
    port: int


class TakeoutConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a source that reads a live Telegram account."""

    ELSEWHERE: ClassVar[Mapping[str, str]] = {
        "api_hash": "it is a secret: delete the line; `tgvault login` asks for it, and keeps it sealed"
    }

    api_id: Annotated[
        Annotated[int, Meta(gt=0)] | None,
        Meta(
            description="The number of your own application at https://my.telegram.org/apps. `tgvault login` asks for"
            " it where it is not given, and always for the `api_hash` that belongs to it, which it keeps sealed."
        ),
    ] = None
    takeout: Annotated[
        bool,
        Meta(
            description="Read by Telegram's data export, which Telegram made for this and slows down least. `false`"
            " reads as an app does: slower, and the only way for bots."
        ),
    ] = True
    categories: Annotated[
        tuple[Category, ...] | None, Meta(description="The sorts of data to read. All where nothing is given.")
    ] = None
    chats: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="The chats to read: titles (`*` stands for anything), ids, `@name`, `folder:NAME`,"
            " `type:private_group`, `saved`. All where nothing is given."
        ),
    ] = None
    chat_types: Annotated[
        tuple[ChatType, ...] | None, Meta(description="The types of chats to read. All where nothing is given.")
    ] = None
    exclude: Annotated[
        tuple[str, ...], Meta(description="The chats to leave out, named as in `chats`; it goes before `chats`.")
    ] = ()
    left: Annotated[bool, Meta(description="Read supergroups and channels too that you have left.")] = True
    own_only: Annotated[bool, Meta(description="Read no messages but those that you sent.")] = False
    since: Annotated[
        str | None, Meta(description="Read messages from that day or time on: `2024-03-31`, `2024-03-31 14:30`.")
    ] = None
    until: Annotated[str | None, Meta(description="Read messages up to the end of that day, or up to that time.")] = (
        None
    )
    media: Annotated[
        tuple[FileKind, ...] | None, Meta(description="The sorts of files to fetch. All where nothing is given.")
    ] = None
    max_size: Annotated[
        str | None, Meta(description='The largest file to fetch: `"50 MB"`. Telegram\'s own limit is 4 GB.')
    ] = None
    max_sizes: Annotated[
        dict[str, str],
        Meta(description='The largest file to fetch of a sort, by sort: `{ videos = "100 MB" }`.'),
    ] = msgspec.field(default_factory=dict)
    raw: Annotated[
        bool,
        Meta(description="Keep each message as Telegram sent it, too: what a later tgvault knows to read is in it."),
    ] = True
    comments: Annotated[bool, Meta(description="Read the comments below the posts of channels, too.")] = False
    timezone: Annotated[
        str | None,
        Meta(
            description="The time zone of the dates in messages, and of `since` and `until`: `Europe/Vienna`."
            " That of this machine where none is given."
        ),
    ] = None
    server: Annotated[
        str | None,
        Meta(description="Another server than Telegram's own, such as its test servers: `149.154.167.40:443`."),
    ] = None
    server_dc: Annotated[
        Annotated[int, Meta(ge=1, le=20_000)], Meta(description="The number of the data centre at `server`.")
    ] = 2
    server_keys: Annotated[
        Path | None,
        Meta(description="A PEM file with the RSA public keys by which `server` is known, in place of Telegram's own."),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        for key, check in _CHECKS.items():
            _about(key, check, self)

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of dates; None is that of this machine."""
        return None if self.timezone is None else ZoneInfo(self.timezone)

    @property
    def wanted(self) -> tuple[Selector, ...] | None:
        """The rules of `chats`; None where all are meant."""
        return None if self.chats is None else selected(self.chats)

    @property
    def unwanted(self) -> tuple[Selector, ...]:
        """The rules of `exclude`."""
        return selected(self.exclude)

    @property
    def own_server(self) -> Server | None:
        """Where `server` is; None stands for Telegram's own."""
        return None if self.server is None else _server(self.server, self.server_dc)

    def reads(self, category: Category) -> bool:
        """Tell whether that sort of data is to be read."""
        return self.categories is None or category in self.categories

    def fetches(self, kind: FileKind) -> bool:
        """Tell whether files of that sort are to be fetched."""
        return self.media is None or kind in self.media

    def largest(self, kind: FileKind) -> int:
        """Bytes of the largest file of that sort to be fetched."""
        said = self.max_sizes.get(kind, self.max_size)
        return LARGEST_FILE if said is None else min(_size(said), LARGEST_FILE)

    def period(self) -> tuple[int | None, int | None]:
        """The range of time to be read, in seconds since 1970; the second end is not included."""
        first = None if self.since is None else _moment(self.since, self.zone)
        last = None if self.until is None else _moment(self.until, self.zone, end=True)
        return first, last


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is no size; write `50 MB`")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def _moment(text: str, zone: tzinfo | None, *, end: bool = False) -> int:
    try:
        parsed = datetime.fromisoformat(text.strip())
        if end and len(text.strip()) <= len("2024-03-31") and parsed.time() == time():
            parsed += timedelta(days=1)
        if parsed.tzinfo is None and zone is not None:
            parsed = parsed.replace(tzinfo=zone)
        return int(parsed.timestamp())
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"`{text}` is no date; write `2024-03-31` or `2024-03-31T14:30:00+01:00`") from None


def _server(text: str, dc: int) -> Server:
    found = _PLACE.fullmatch(text.strip())
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        raise ValueError(f"`{text}` is no server; write host and port, `149.154.167.40:443`")
    return Server(dc, found["six"] or found["host"], int(found["port"]))


def _about(key: str, check: Callable[[TakeoutConfig], object], config: TakeoutConfig) -> None:
    try:
        check(config)
    except ValueError as error:
        raise ValueError(f"`{key}`: {error}") from None


def _check_period(config: TakeoutConfig) -> None:
    first, last = config.period()
    if first is not None and last is not None and last <= first:
        raise ValueError(f"`{config.until}` lies before `{config.since}`, the date of `since`")


def _check_sizes(config: TakeoutConfig) -> None:
    for kind, text in config.max_sizes.items():
        if kind not in set(FileKind):
            known = ", ".join(f"`{each}`" for each in FileKind)
            raise ValueError(f"there is no sort of files `{kind}`; there are {known}")
        _size(text)


def _check_zone(config: TakeoutConfig) -> None:
    try:
        assert config.zone is None or config.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone `{config.timezone}`; write `Europe/Vienna`") from None


def _check_keys(config: TakeoutConfig) -> None:
    if config.server is None and config.server_keys is not None:
        raise ValueError("they are those of `server`, which is not given")


#: By the key that a mistake is told of. The time zone comes first: dates are read in it.
_CHECKS: dict[str, Callable[[TakeoutConfig], object]] = {
    "timezone": _check_zone,
    "since": lambda config: config.since and _moment(config.since, config.zone),
    "until": _check_period,
    "chats": lambda config: config.wanted,
    "exclude": lambda config: config.unwanted,
    "max_size": lambda config: config.max_size and _size(config.max_size),
    "max_sizes": _check_sizes,
    "server": lambda config: config.own_server,
    "server_keys": _check_keys,
}
