"""Finding out what stands where in a `result.json`, without reading the messages."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol

from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.brackets import BracketSkip, gap_end
from tgvault_plugins.desktop_export.heads import head_of
from tgvault_plugins.desktop_export.known import ROOT_FIELDS
from tgvault_plugins.desktop_export.layout import LineSkip, layout_of
from tgvault_plugins.desktop_export.members import (
    SINGLE,
    Member,
    form_by,
    is_messages,
    is_section,
    member_at,
    name_of,
)
from tgvault_plugins.desktop_export.parts import Broken, ChatPart, Ended, Part, Run, Text, Value
from tgvault_plugins.desktop_export.salvage import LineSalvage
from tgvault_plugins.desktop_export.tidy import Tidied, closed, tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["Outline"]

#: The text around a chat's messages is a few hundred bytes, and no other member of an export has reached a megabyte.
_HEAD_LIMIT = 1 << 20
_VALUE_LIMIT = 1 << 26
_BEFORE = b'{"m":['


class _Skip(Protocol):
    def value(self, at: int, level: int) -> int: ...

    def run(self, at: int, level: int) -> Run: ...


class _RootMember(Exception):  # noqa: N818 -- a signal between the methods below
    """Behind the damage stands a member of the root."""


class Outline:
    """The parts of one file, in its order. What is damaged is told and left out; nothing is raised for it.

    Values are skipped by indentation where that gives legal JSON, then by brackets, and when both fail by what can be
    seen of the lines around the damage.
    """

    def __init__(self, view: View, start: int = 0) -> None:
        self._view = view
        self._start = gap_end(view, start)
        layout = layout_of(view, self._start)
        self._skips: list[_Skip] = [LineSkip(view, layout)] if layout else []
        self._skips.append(BracketSkip(view))
        self._salvage = LineSalvage(view, layout) if layout else None
        self._at = self._start
        self._chats = 0
        self._told = False

    def form(self) -> str | None:
        """`FULL`, `SINGLE`, or None when the root has no field that tells."""
        at = self._start + 1
        try:
            while self._view.peek(self._start, 1) == b"{":
                member, at = member_at(self._view, at)
                if member is None:
                    break
                if (form := form_by(self._view, member)) is not None:
                    return form
                at = self._skips[0].value(member.at, 1)
        except (Broken, Ended):
            pass
        return None

    def parts(self) -> Iterator[Part]:
        """Yield the file's parts. Put together they are legal JSON: closers that the file lacks are put in."""
        self._at, self._chats, self._told = self._start, 0, False
        try:
            if self.form() == SINGLE:
                yield from self._chat("", b"", 1)
            else:
                yield from self._enclosed(b"{", self._root(), b"}")
        except Ended:
            if not self._told:
                yield Finding(FindingKind.TRUNCATED, "result.json", "the file ends before the export is complete")
            return
        rest = self._view.size - self._at
        if self._view.peek(self._at, min(rest, 1 << 12)).strip(b" \t\r\n\0"):
            yield Finding(FindingKind.LOST, "result.json", f"{rest} bytes behind the end of the export")

    def _enclosed(self, opener: bytes, inner: Iterator[Part], closer: bytes) -> Iterator[Part]:
        yield Text(opener)
        self._at += 1
        try:
            yield from inner
        except (Ended, _RootMember):
            yield Text(closer)
            raise
        yield Text(closer)

    def _root(self) -> Iterator[Part]:
        comma = b""
        while True:
            try:
                member, self._at = member_at(self._view, self._at)
                if member is None:
                    return
                yield from self._root_member(member, comma)
            except _RootMember:
                pass
            except Broken:
                yield from self._resumed()
                continue
            comma = b","

    def _root_member(self, member: Member, comma: bytes) -> Iterator[Part]:
        name = name_of(member.key)
        if name not in ROOT_FIELDS:
            yield Finding(FindingKind.UNKNOWN_FIELD, f"root.{name}")
        key = comma + _key(member.key) + b":"
        if is_section(self._view, member):
            yield from self._enclosed(key + b"{", self._section(name), b"}")
        else:
            yield Text(key)
            yield from self._value(name, 1)

    def _resumed(self) -> Iterator[Part]:
        """Go on with the next member of the root."""
        following = self._salvage.next_member(self._at + 1) if self._salvage else self._view.size
        yield Finding(FindingKind.LOST, "result.json", f"{following - self._at} damaged bytes from byte {self._at}")
        self._at = following
        if following == self._view.size:
            self._told = True
            raise Ended(following)

    def _section(self, section: str) -> Iterator[Part]:
        comma = b""
        while True:
            try:
                member, self._at = member_at(self._view, self._at)
            except Broken:
                yield from self._found_list(section, comma)
                raise _RootMember from None
            if member is None:
                return
            key = comma + _key(member.key) + b":"
            if self._view.peek(self._at, 1) == b"[":
                yield from self._enclosed(key + b"[", self._list(section), b"]")
            else:
                yield Text(key)
                yield from self._value("", 2)
            comma = b","

    def _found_list(self, section: str, comma: bytes) -> Iterator[Part]:
        """The list of a section whose beginning is damaged."""
        first = self._salvage.next_chat(self._at) if self._salvage else -1
        if first < 0:
            yield from self._resumed()
            return
        yield Finding(FindingKind.LOST, section, f"{first - self._at} damaged bytes from byte {self._at}")
        self._at = first - 1
        yield from self._enclosed(comma + b'"list":[', self._list(section), b"]")

    def _list(self, section: str) -> Iterator[Part]:
        comma = b""
        while True:
            self._at = gap_end(self._view, self._at)
            first = self._view.peek(self._at, 1)
            if not first:
                raise Ended(self._at)
            if first == b"]":
                self._at += 1
                return
            if first == b"{":
                comma = yield from self._chat(section, comma, 4)
            else:
                yield Text(comma)
                yield from self._value("", 3)
                comma = b","

    def _value(self, name: str, level: int) -> Iterator[Part]:
        """The value here: a part of its own when it has a name, otherwise text."""
        start, subject = self._at, name or "list of chats"
        self._at, body, ended = self._value_end(start, level)
        if body is None:
            kind = FindingKind.TRUNCATED if ended else FindingKind.LOST
            yield Finding(kind, subject, f"incomplete, from byte {start} on {self._at - start} bytes")
            body = tidied(closed(self._view.take(start, min(self._at, start + _VALUE_LIMIT)))) or Tidied(b"null")
        yield from body.findings(subject)
        yield Value(name, body.data) if name else Text(body.data)
        if ended:
            self._told = True
            raise Ended(start)

    def _value_end(self, start: int, level: int) -> tuple[int, Tidied | None, bool]:
        failed: list[tuple[int, bool]] = []
        for skip in self._skips:
            try:
                end = skip.value(start, level)
            except Broken as broken:
                failed.append((broken.at if self._salvage else self._view.size, False))
                continue
            except Ended:
                failed.append((self._view.size, True))
                continue
            body = tidied(self._view.take(start, end)) if end - start <= _VALUE_LIMIT else None
            if body is not None:
                return end, body, False
            failed.append((end, False))
        return failed[0][0], None, failed[0][1]

    def _chat(self, section: str, comma: bytes, level: int) -> Generator[Part, None, bytes]:
        """The chat here; gives what has to stand before the next one."""
        self._chats += 1
        best = self._best(section, level)
        if best is None:
            return (yield from self._salvaged(section, comma, level))
        part, self._at = best
        yield Text(comma)
        yield part
        if part.ended:
            self._told = True
            raise Ended(self._at)
        return b","

    def _best(self, section: str, level: int) -> tuple[ChatPart, int] | None:
        found: list[tuple[ChatPart, int] | None] = []
        for skip in self._skips:
            try:
                part, stop = self._chat_by(skip, section, level)
            except Broken:
                found.append(None)
                continue
            if not part.ended and not (part.run and part.run.holes):
                return part, stop
            found.append((part, stop))
        return found[0]

    def _chat_by(self, skip: _Skip, section: str, level: int) -> tuple[ChatPart, int]:
        start = self._at
        at, opened, run = start + 1, 0, None
        try:
            while True:
                member, at = member_at(self._view, at)
                if member is None:
                    break
                if run is None and is_messages(self._view, member):
                    opened = at + 1
                    run = skip.run(opened, level)
                    at = self._view.size if run.close is None else run.close + 1
                else:
                    at = skip.value(at, level)
        except Ended:
            return self._part(section, start, opened, self._view.size, run, ended=True), self._view.size
        return self._part(section, start, opened, at, run, ended=False), at

    def _part(self, section: str, start: int, opened: int, stop: int, run: Run | None, *, ended: bool) -> ChatPart:
        if run is None:
            whole = self._view.take(start, min(stop, start + _HEAD_LIMIT))
            whole = closed(whole) if ended else whole
            opening, closing = whole[:-1], b"}"
        else:
            opening = self._view.take(start, min(opened, start + _HEAD_LIMIT))
            closing = b"]" if run.close is None else self._view.take(run.close, min(stop, run.close + _HEAD_LIMIT))
            closing = closed(_BEFORE + closing)[len(_BEFORE) :] if ended else closing
        head = head_of(opening, closing)
        if head is None:
            raise Broken(start)
        if ended and run is None and head.id is None:
            raise Ended(start)
        return ChatPart(section, self._chats, head, run, ended)

    def _salvaged(self, section: str, comma: bytes, level: int) -> Generator[Part, None, bytes]:
        if self._salvage is None:
            yield from self._resumed()
            return comma
        region = self._salvage.region(self._at, level)
        yield Finding(FindingKind.LOST, section or "result.json", f"text around a chat is damaged near byte {self._at}")
        for number, found in enumerate(self._salvage.chats(region, level)):
            self._chats += number > 0
            yield Text(comma)
            yield ChatPart(section, self._chats, found.head, found.run, mended=True)
            comma = b","
        self._at = region.following
        if region.leads_to == "member":
            raise _RootMember
        if region.leads_to == "end":
            self._told = True
            raise Ended(self._at)
        return comma


def _key(written: bytes) -> bytes:
    tidy = tidied(written)
    return tidy.data if tidy else b'"damaged"'
