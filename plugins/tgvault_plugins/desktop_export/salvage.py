"""Finding chats again where the text between them is damaged, by the indentation of what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tgvault_plugins.desktop_export.heads import Head, head_of
from tgvault_plugins.desktop_export.layout import Layout
from tgvault_plugins.desktop_export.parts import Run
from tgvault_plugins.desktop_export.tidy import tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["LineSalvage", "Region", "Salvaged"]

_KEY = b'"messages"'
_HEAD_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Region:
    """A damaged stretch of chats, where to go on behind it, and with what: a `chat`, a `member` of the root, or the
    `end` of the file.
    """

    start: int
    stop: int
    following: int
    leads_to: str


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A chat of which the head or the end of its messages is damaged."""

    head: Head
    run: Run


class LineSalvage:
    """Looks for lines of a chat's own indentation only; what is deeper belongs to its messages."""

    def __init__(self, view: View, layout: Layout) -> None:
        self._view = view
        self._layout = layout

    def region(self, at: int, level: int) -> Region:
        """How far the damage at a place may reach: to the next chat, the next member of the root, or the end."""
        if level == 1:
            return Region(at, self._view.size, self._view.size, "end")
        above, root = self._layout.lead(level - 1), self._layout.lead(1)
        stop, which = self._view.first((above + b"}," + above + b"{", root + b'"', root + b"}"), at + 1)
        if which < 0:
            return Region(at, self._view.size, self._view.size, "end")
        if which == 0:
            return Region(at, stop, stop + len(above) + 1, "chat")
        return Region(at, stop, stop if which == 1 else stop + len(root) + 1, "member")

    def is_chat(self, at: int) -> bool:
        """Whether what stands at a place must be a chat whose brace is damaged: its line ends before a chat's field."""
        field = self._layout.lead(4) + b'"'
        if self._view.peek(max(at - len(field) + 1, 0), len(field)) == field:
            return True
        seen = self._view.peek(at, 256)
        return seen.startswith(field, seen.find(self._layout.newline) % 256)

    def next_chat(self, at: int) -> int:
        """Where the next chat of a list begins, if one does before the next member of the root; otherwise -1."""
        lead = self._layout.lead(3)
        found, which = self._view.first((lead + b"{", self._layout.lead(1) + b'"'), at)
        return found + len(lead) if which == 0 else -1

    def hidden_chat(self, start: int, stop: int) -> int:
        """Where the first chat begins in a stretch that should be something else, or -1."""
        key = self._view.find(self._layout.lead(4) + _KEY, start, stop)
        lead = self._layout.lead(3)
        found = self._view.rfind(lead + b"{", start, key) if key >= 0 else -1
        return found + len(lead) if found >= 0 else -1

    def next_member(self, at: int) -> int:
        """Where the next member of the root stands, or the end of the file."""
        found = self._view.find(self._layout.lead(1) + b'"', at)
        return found if found >= 0 else self._view.size

    def chats(self, region: Region, level: int) -> Iterator[Salvaged]:
        """Yield the chats of a region, of which there are several when the text between them is damaged."""
        start = region.start
        while start < region.stop:
            stop = self._next_head(start, region.stop, level)
            if (found := self._chat(start, stop, level)) is not None:
                yield found
            start = stop

    def _next_head(self, start: int, stop: int, level: int) -> int:
        """Where the second chat's fields begin, if messages of two chats stand in the range."""
        key = self._layout.lead(level) + _KEY
        first = self._view.find(key, start, stop)
        second = self._view.find(key, first + 1, stop) if first >= 0 else -1
        if second < 0:
            return stop
        for end in (self._layout.lead(level) + b"]", self._layout.lead(level + 1) + b"}"):
            if (at := self._view.rfind(end, first, second)) >= 0:
                return at + len(end)
        return stop

    def _chat(self, start: int, stop: int, level: int) -> Salvaged | None:
        lead = self._layout.lead(level + 1)
        first = self._view.find(lead + b"{", start, stop)
        last = self._view.rfind(lead + b"}", first, stop) if first >= 0 else -1
        head = self._head(start, min(first if first >= 0 else stop, start + _HEAD_LIMIT), level)
        if head is None:
            return None
        if last < 0:
            return Salvaged(head, Run(stop, stop, None))
        return Salvaged(head, Run(first + len(lead), last + len(lead) + 1, None, lead))

    def _head(self, start: int, stop: int, level: int) -> Head | None:
        start = max(start - len(self._layout.lead(level)), 0)
        lines = self._view.take(start, stop).split(self._layout.lead(level) + b'"')[1:]
        members = [tidied(b'{"%b}' % line.strip().removesuffix(b",")) for line in lines]
        good = [member.data[1:-1] for member in members if member and not member.data.startswith(b'{"messages"')]
        return head_of(b"{%b" % b"".join(each + b"," for each in good) + b'"messages":[', b"]}")
