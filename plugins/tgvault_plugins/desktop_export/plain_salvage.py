"""Finding chats again behind damage in a file without lines, by keys that only chats and whole accounts have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tgvault_plugins.desktop_export.brackets import BracketSkip
from tgvault_plugins.desktop_export.heads import head_of
from tgvault_plugins.desktop_export.known import ROOT_FIELDS
from tgvault_plugins.desktop_export.parts import Run
from tgvault_plugins.desktop_export.salvage import Region, Salvaged
from tgvault_plugins.desktop_export.tidy import closed
from tgvault_plugins.desktop_export.view import View

__all__ = ["PlainSalvage"]

_LONGEST = 1 << 13
# Inside a string every quote is escaped, so these never match text that somebody wrote.
_KEY = re.compile(rb'"messages"\s{0,99}:\s{0,99}\[')
_CHAT = re.compile(rb'\{[^\[\]{}]{0,4096}"messages"\s{0,99}:\s{0,99}\[')
_MEMBER = re.compile(
    rb',\s{0,99}"(?:%b)"\s{0,9}:\s{0,9}[{\[]' % b"|".join(name.encode() for name in sorted(ROOT_FIELDS))
)
#: How messages begin where that key is damaged.
_FIRST = re.compile(rb'\[\s{0,99}\{\s{0,99}"(?:id|type)"\s{0,99}:')


class PlainSalvage:
    """Does what `LineSalvage` does where there is no indentation to go by."""

    def __init__(self, view: View) -> None:
        self._view = view

    def region(self, at: int, level: int) -> Region:
        """How far the damage at a place may reach."""
        size = self._view.size
        member = self.next_member(at + 1) if level > 1 else size
        chat = self._search(_CHAT, at + 1, member) if level > 1 else -1
        if chat >= 0:
            return Region(at, chat, chat, "chat")
        return Region(at, member, member, "member" if member < size else "end")

    def is_chat(self, at: int) -> bool:
        """Never: without its brace a chat cannot be told from other text."""
        return False

    def next_chat(self, at: int) -> int:
        """Where the next chat begins, if one does before the next member of the root; otherwise -1."""
        return self._search(_CHAT, at, self.next_member(at))

    def hidden_chat(self, start: int, stop: int) -> int:
        """Where the first chat begins in a stretch that should be something else, or -1."""
        return self._search(_CHAT, start, stop)

    def next_member(self, at: int) -> int:
        """Where the next member of the root stands, or the end of the file."""
        found = self._search(_MEMBER, at, self._view.size)
        return found if found >= 0 else self._view.size

    def chats(self, region: Region, level: int) -> Iterator[Salvaged]:
        """Yield the chat of a region, if its messages can be found."""
        found = self._view.search(_KEY, region.start, region.stop, _LONGEST)
        found = found or self._view.search(_FIRST, region.start, region.stop, _LONGEST)
        if found is None:
            return
        before = closed(self._view.take(max(region.start, found[0] - _LONGEST), found[0]))[:-1]
        run = BracketSkip(self._view).run(found[0] + found[1].index(b"[") + 1, level)
        holes = tuple((start, min(stop, region.stop)) for start, stop in run.holes)
        comma = b"," if before[-1:] not in {b"{", b""} else b""
        for opening in (before + comma + b'"messages":[', b'{"messages":['):
            if (head := head_of(opening, b"]}")) is not None:
                yield Salvaged(head, Run(run.start, run.stop, None, b"", run.cuts, holes))
                return

    def _search(self, pattern: re.Pattern[bytes], start: int, stop: int) -> int:
        found = self._view.search(pattern, start, stop, _LONGEST)
        return found[0] if found else -1
