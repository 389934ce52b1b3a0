"""Reading a page: its messages in their order, with what one shares with the one before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from tgvault.api import Finding, FindingKind, Message
from tgvault_plugins.desktop_export.html.message import read_message
from tgvault_plugins.desktop_export.html.pages import Cut, cut, is_finished, is_message_id
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.service import read_separator, read_service
from tgvault_plugins.desktop_export.html.tags import parse
from tgvault_plugins.desktop_export.html.times import Wall, moment, moments, wall
from tgvault_plugins.desktop_export.paths import shown

__all__ = ["PageReader", "last_time"]

_TIME = re.compile(rb'<div class="pull_right date details" title="([^"<>]{0,64})"')
#: Where in a page its last message stands.
_TAIL = 256 << 10


class _Run(NamedTuple):
    """What a message shown under another shares with it."""

    sender: str | UnsetType | None
    via_bot: str | UnsetType
    origin: str | UnsetType | None
    userpic: str


class PageReader:
    """Reads one page, once.

    A message shown under the one before it (`joined`) has that one's sender, bot and origin. Such a run never goes on
    over a date, a service message, or the end of a page; where the message before it could not be read, nobody is
    taken for its sender.
    """

    def __init__(self, name: str, *, folder: str, zone: ZoneInfo | None) -> None:
        """Take the page's name, and the folder it lies in, with a slash at its end or empty."""
        self._name = name
        self._folder = folder
        # How links on the page begin that lead back into its own folder. In what people wrote, quotes are escaped.
        self._climb = "../" * folder.count("/") + folder
        self._zone = zone
        self._day = ""
        self._before: _Run | None = None
        self._found: Counter[tuple[FindingKind, str, str]] = Counter()

    def read(self, page: bytes, *, before: Wall | None = None) -> Iterator[Message | Finding]:
        """Yield what was found on the way, then the messages, in the page's order.

        `before` is the time of the last message of the page before it.
        """
        finished = is_finished(page)
        readings = [reading for piece in cut(page) if (reading := self._piece(piece, finished=finished))]
        if not finished and all(kind is not FindingKind.TRUNCATED for kind, _, _ in self._found):
            self._note(FindingKind.TRUNCATED, "the page has no end, so messages may be missing")
        for (kind, subject, detail), count in self._found.items():
            yield Finding(kind, subject, detail, count)
        dated = [reading for reading in readings if reading.wall]
        times = moments([reading.wall for reading in dated if reading.wall], self._zone, before=before)
        for reading, time in zip(dated, times, strict=True):
            if time.unix is not None:
                reading.body.date_unixtime = str(time.unix)
            reading.html.time_confidence = time.confidence.value
        for reading in readings:
            yield Message(reading.body.id, msgspec.json.encode(reading.body), tuple(reading.media))

    def _note(self, kind: FindingKind, detail: str, subject: str = "") -> None:
        self._found[kind, subject or self._name, detail] += 1

    def _piece(self, piece: Cut, *, finished: bool) -> Reading | None:
        before, self._before = self._before, None
        if piece.unread:
            self._note(FindingKind.LOST, f"message {piece.id} {piece.unread}")
            return None
        if piece.last and not piece.closed and not finished:
            self._note(FindingKind.TRUNCATED, f"the page ends within message {piece.id}")
            return None
        if not piece.closed:
            self._note(FindingKind.REPAIRED, "messages without an end were read up to the next one")
        if piece.between:
            self._note(FindingKind.UNKNOWN_TYPE, "stands between messages; kept in the page only", "markup")
        if not is_message_id(piece.id):
            self._separator(piece)
            return None
        return self._message(piece, before)

    def _separator(self, piece: Cut) -> None:
        day = read_separator(parse(self._text(piece)))
        if day is None:
            self._note(FindingKind.UNKNOWN_TYPE, "is no date separator; kept in the page only", f"message{piece.id}")
        self._day = day or self._day

    def _text(self, piece: Cut) -> str:
        try:
            return piece.inner.decode()
        except UnicodeDecodeError:
            self._note(FindingKind.REPAIRED, "bytes that are not UTF-8 were read as U+FFFD")
            return piece.inner.decode("utf-8", "replace")

    def _message(self, piece: Cut, before: _Run | None) -> Reading:
        text, classes = self._text(piece), piece.classes.split()
        service = "service" in classes
        reading = Reading(piece.id, "service" if service else "message", folder=self._folder)
        if service:
            read_service(reading, parse(text))
        else:
            read_message(reading, parse(text))
            if "joined" in classes:
                _join(reading, before)
            self._check_sender(reading, classes)
        self._finish(reading, text)
        return reading

    def _check_sender(self, reading: Reading, classes: list[str]) -> None:
        if "default" not in classes:
            reading.unknown.append(f"message {' '.join(classes)[:100]}")
        if reading.body.sender is UNSET:
            self._note(FindingKind.LOST, "messages do not tell their sender, which stood in one that is missing")
        else:
            body = reading.body
            self._before = _Run(body.sender, body.via_bot, body.forwarded_from, reading.html.userpic)
        if reading.body.action == "phone_call":
            reading.body.actor, reading.body.sender = reading.body.sender, UNSET

    def _finish(self, reading: Reading, text: str) -> None:
        body, html = reading.body, reading.html
        if reading.wall:
            body.date, self._day = reading.wall.text, reading.wall.text[:10]
        else:
            html.day = self._day
        if reading.forwarded_wall:
            body.forwarded_date = reading.forwarded_wall.text
            unix = moment(reading.forwarded_wall, self._zone).unix
            body.forwarded_date_unixtime = UNSET if unix is None else str(unix)
        html.raw = text.replace(f'"{self._climb}', '"{chat}/') if self._climb else text
        body.html = html
        for name in reading.unknown:
            self._note(FindingKind.UNKNOWN_TYPE, "kept as it stands in the page", name)
        for link in reading.refused:
            self._note(FindingKind.REFUSED_PATH, f"named by message {body.id}", shown(link))


def _join(reading: Reading, before: _Run | None) -> None:
    reading.html.joined = True
    if before is None:
        return
    reading.html.userpic = before.userpic
    reading.body.sender = before.sender
    reading.body.via_bot = before.via_bot
    if reading.forwarded and reading.body.forwarded_from is UNSET:
        reading.body.forwarded_from = before.origin


def last_time(page: bytes) -> Wall | None:
    """Tell the time of a page's last message."""
    found = _TIME.findall(page, max(0, len(page) - _TAIL))
    return wall(found[-1].decode("utf-8", "replace")) if found else None
