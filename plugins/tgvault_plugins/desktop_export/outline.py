"""Finding out what stands where in a `result.json`, without reading the messages."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol

from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.brackets import BracketSkip, gap_end
from tgvault_plugins.desktop_export.heads import Head
from tgvault_plugins.desktop_export.known import ROOT_FIELDS
from tgvault_plugins.desktop_export.layout import LineSkip, layout_of
from tgvault_plugins.desktop_export.members import (
    SINGLE,
    Member,
    form_by,
    is_section,
    member_at,
    name_of,
)
from tgvault_plugins.desktop_export.parts import Broken, ChatPart, Ended, Part, Text, Value
from tgvault_plugins.desktop_export.paths import shown
from tgvault_plugins.desktop_export.plain_salvage import PlainSalvage
from tgvault_plugins.desktop_export.salvage import LineSalvage, Region, Salvaged
from tgvault_plugins.desktop_export.skipping import Skip, Skipper
from tgvault_plugins.desktop_export.tidy import Tidied, tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["Outline"]


class _Salvage(Protocol):
    def region(self, at: int, level: int) -> Region: ...

    def is_chat(self, at: int) -> bool: ...

    def next_chat(self, at: int) -> int: ...

    def hidden_chat(self, start: int, stop: int) -> int: ...

    def next_member(self, at: int) -> int: ...

    def chats(self, region: Region, level: int) -> Iterator[Salvaged]: ...


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
        skips: list[Skip] = [LineSkip(view, layout)] if layout else []
        self._skipper = Skipper(view, [*skips, BracketSkip(view)])
        self._salvage: _Salvage = LineSalvage(view, layout) if layout else PlainSalvage(view)
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
                at = self._skipper.after(member.at, 1)
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
                if member is None and self._is_end():
                    return
                if member is None:
                    comma = yield from self._resumed(comma)
                    continue
                yield from self._root_member(member, comma)
            except _RootMember:
                pass
            except Broken:
                comma = yield from self._resumed(comma)
                continue
            comma = b","

    def _root_member(self, member: Member, comma: bytes) -> Iterator[Part]:
        name = name_of(member.key)
        if name not in ROOT_FIELDS:
            yield Finding(FindingKind.UNKNOWN_FIELD, f"root.{shown(name, 80)}")
        tidy = _key(member.key)
        yield from tidy.findings("result.json")
        key = comma + tidy.data + b":"
        if is_section(self._view, member):
            yield from self._enclosed(key + b"{", self._section(name), b"}")
        else:
            yield Text(key)
            yield from self._value(name, 1)

    def _is_end(self) -> bool:
        """Whether the brace just met can be the root's: no member of the root stands behind it."""
        return self._salvage.next_member(self._at) == self._view.size

    def _resumed(self, comma: bytes) -> Generator[Part, None, bytes]:
        """Go on with the next member of the root, or with chats that stand before it."""
        following = self._salvage.next_member(self._at + 1)
        hidden = self._salvage.hidden_chat(self._at, following)
        yield self._lost("result.json", following if hidden < 0 else hidden)
        if hidden >= 0:
            yield from self._enclosed_list(comma + b'"chats":{"list":[', "damaged", b"]}")
            return b","
        if following == self._view.size:
            self._told = True
            raise Ended(following)
        return comma

    def _lost(self, subject: str, stop: int) -> Finding:
        """Leave out what stands before a place, and tell."""
        detail = f"{stop - self._at} damaged bytes from byte {self._at}"
        self._at = stop
        return Finding(FindingKind.LOST, shown(subject, 80), detail)

    def _section(self, section: str) -> Iterator[Part]:
        comma = b""
        while True:
            try:
                member, self._at = member_at(self._view, self._at)
                damaged = member is None and self._hidden_chat() >= 0
            except Broken:
                member, damaged = None, True
            if damaged:
                yield from self._found_list(section, comma)
                raise _RootMember
            if member is None:
                return
            tidy = _key(member.key)
            yield from tidy.findings(shown(section, 80))
            key = comma + tidy.data + b":"
            if self._view.peek(self._at, 1) == b"[":
                yield from self._enclosed(key + b"[", self._list(section), b"]")
            else:
                yield Text(key)
                yield from self._value("", 2)
            comma = b","

    def _hidden_chat(self) -> int:
        """Where a chat begins in what should be the end of a list or section, or -1."""
        return self._salvage.next_chat(self._at)

    def _found_list(self, section: str, comma: bytes) -> Iterator[Part]:
        """The list of a section whose beginning is damaged."""
        first = self._hidden_chat()
        if first < 0:
            raise _RootMember
        yield self._lost(section, first)
        yield from self._enclosed_list(comma + b'"list":[', section, b"]")

    def _enclosed_list(self, opener: bytes, section: str, closer: bytes) -> Iterator[Part]:
        """A list whose own bracket is damaged: here its first chat begins."""
        self._at -= 1
        yield from self._enclosed(opener, self._list(section), closer)

    def _list(self, section: str) -> Iterator[Part]:
        comma = b""
        while True:
            self._at = gap_end(self._view, self._at)
            first = self._view.peek(self._at, 1)
            if not first:
                raise Ended(self._at)
            if first == b"]" and (hidden := self._hidden_chat()) >= 0:
                yield self._lost(section, hidden)
                continue
            if first == b"]":
                self._at += 1
                return
            if first == b"{" or self._salvage.is_chat(self._at):
                comma = yield from self._chat(section, comma, 4)
            else:
                comma = yield from self._element(section, comma)

    def _element(self, section: str, comma: bytes) -> Generator[Part, None, bytes]:
        """Something in a list of chats that is no chat."""
        found = self._skipper.value(self._at, 3)
        if found.body is None:
            return (yield from self._salvaged(section, comma, 4))
        self._at = found.stop
        yield Text(comma + found.body.data)
        return b","

    def _value(self, name: str, level: int) -> Iterator[Part]:
        """The value here: a part of its own when it has a name, otherwise text."""
        start, subject = self._at, shown(name, 80) or "list of chats"
        self._at, body, ended = self._skipper.value(start, level)
        hidden = -1
        if body is None:
            hidden = self._salvage.hidden_chat(start, self._at) if name else -1
            self._at, ended = (hidden, False) if hidden >= 0 else (self._at, ended)
            kind = FindingKind.TRUNCATED if ended else FindingKind.LOST
            yield Finding(kind, subject, f"incomplete, from byte {start} on {self._at - start} bytes")
            body = self._skipper.salvaged(start, self._at)
        yield from body.findings(subject)
        yield Value(name, body.data) if name else Text(body.data)
        if hidden >= 0:
            yield from self._enclosed_list(b',"chats":{"list":[', "damaged", b"]}")
        if ended:
            self._told = True
            raise Ended(start)

    def _chat(self, section: str, comma: bytes, level: int) -> Generator[Part, None, bytes]:
        """The chat here; gives what has to stand before the next one."""
        self._chats += 1
        found = self._skipper.chat(self._at, level, ChatPart(section, self._chats, Head(b"", b""), None))
        if found is None:
            return (yield from self._salvaged(section, comma, level))
        part, self._at = found
        yield Text(comma)
        yield part
        if part.ended:
            self._told = True
            raise Ended(self._at)
        return b","

    def _salvaged(self, section: str, comma: bytes, level: int) -> Generator[Part, None, bytes]:
        region = self._salvage.region(self._at, level)
        detail = f"text around a chat is damaged near byte {self._at}"
        yield Finding(FindingKind.LOST, shown(section, 80) or "result.json", detail)
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


def _key(written: bytes) -> Tidied:
    return tidied(written) or Tidied(b'"damaged"', replaced=1)
