"""An HTML export as a source of records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tgvault.api import (
    Finding,
    FindingKind,
    HostilePathError,
    MediaFile,
    Message,
    OpenedMedia,
    Record,
    SegmentStarts,
    SourceError,
    SourceInfo,
    Span,
    UnrecognisedExportError,
)
from tgvault_plugins.desktop_export.html.account import is_account, read_account
from tgvault_plugins.desktop_export.html.chats import ChatReader, Token, read_page
from tgvault_plugins.desktop_export.html.layout import CHAT_LIST, pages_by_folder
from tgvault_plugins.desktop_export.html.pages import utf8
from tgvault_plugins.desktop_export.html.reader import PageReader, last_time
from tgvault_plugins.desktop_export.html.times import Wall
from tgvault_plugins.desktop_export.paths import PAGE, shown
from tgvault_plugins.desktop_export.root import Root, listing

__all__ = ["HtmlExport", "recognise"]

_SINGLE = "telegram desktop html, single chat"
_FULL = "telegram desktop html, full account"

#: Raised when the same pages would be read differently, so that an archive reads them again.
_READER = b"desktop-export html 1\n"

#: How much of a page is looked at to recognise it.
_HEAD = 64 << 10


def recognise(root: Root) -> bool:
    """Whether there are pages of Telegram Desktop's HTML export; the folder's own name does not matter."""
    names = [name for name in root.names() if PAGE.fullmatch(name)]
    if any(_is_page(root, name) for name in [*names, CHAT_LIST]):
        return True
    return any(_is_page(root, file.name) for pages in pages_by_folder(root) for _, file in pages.pages[:1])


def _is_page(root: Root, name: str) -> bool:
    with suppress(FileNotFoundError, HostilePathError), root.open(name).file as file:
        head = utf8(file.read(_HEAD))
        return b'class="page_wrap"' in head and b'class="page_header"' in head
    return False


class HtmlExport:
    """Reads the pages of one export.

    `source_tz` is the IANA name of the exporting machine's time zone, None where it is not known; `observed_at` is when
    the export was made. Account data (contacts, sessions, …) is no record here: pages tell less of it than the JSON
    export does, without ids, and would take the place of what an archive has already. The pages themselves are kept as
    files, so nothing is lost.
    """

    def __init__(self, root: Root, *, source_tz: str | None, observed_at: datetime | None) -> None:
        self._root = root
        self._source_tz = source_tz
        self._observed_at = observed_at

    def info(self) -> SourceInfo:
        """Recognise the export.

        Raises:
            UnrecognisedExportError: there are no pages.
            SourceError: `source_tz` is no time zone.
        """
        if not recognise(self._root):
            raise UnrecognisedExportError(
                f"`{self._root.location}` holds no pages of Telegram Desktop",
                hint="name the folder that holds `messages.html` or `export_results.html`",
            )
        files = list(self.media())
        return SourceInfo(
            form=_FULL if is_account(self._root, pages_by_folder(self._root)) else _SINGLE,
            location=str(self._root.location),
            observed_at=self._observed_at,
            fingerprint=self._fingerprint(files),
            bytes_total=sum(file.size for file in files),
        )

    def _fingerprint(self, files: list[MediaFile]) -> bytes | None:
        # The zone is part of it: with another one, the same pages mean other times.
        zone = self._zone.key if self._zone else None
        if not all(file.stamp for file in files):
            return None
        return hashlib.sha256(_READER + msgspec.json.encode([zone, files])).digest()

    @cached_property
    def _zone(self) -> ZoneInfo | None:
        if self._source_tz is None:
            return None
        try:
            return ZoneInfo(self._source_tz)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            name = shown(self._source_tz)
            raise SourceError(f"`{name}` is no time zone", hint="use a name such as `Europe/Vienna`") from exc

    def media(self) -> Iterator[MediaFile]:
        """List all files, the pages too: an exact restore gives those back as they are."""
        return listing(self._root)

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        """Yield the chats, their pages as spans; never coverage, for which see `ChatReader`."""
        groups = pages_by_folder(self._root)
        if is_account(self._root, groups):
            yield from read_account(self._root, groups)
        else:
            chats = ChatReader(self._root)
            for pages in groups:
                yield from chats.read(pages)
        for name, reason in sorted(self._root.refused.items()):
            yield Finding(FindingKind.REFUSED_PATH, shown(name), reason)

    def raw(self, span: Span) -> bytes | None:
        """Nothing: what a page means hangs on the page before it as well, and pages shift with every new message."""
        return None

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        """Read the messages of a page."""
        token = msgspec.json.decode(span.token, type=Token)
        reader = PageReader(token.page, folder=token.folder, zone=self._zone)
        yield from reader.read(read_page(self._root, token.page), before=self._before(token))

    def _before(self, token: Token) -> Wall | None:
        if self._zone is None or token.before is None:
            return None
        return last_time(read_page(self._root, token.before))

    def open_media(self, name: str) -> OpenedMedia:
        """Open a file for reading."""
        return self._root.open(name)

    def close(self) -> None:
        """Let go of the export."""
        self._root.close()
