"""Skipping through a file that is indented as its writer indents it, at the speed of a search."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tgvault_plugins.desktop_export import brackets
from tgvault_plugins.desktop_export.parts import Broken, Ended, Run
from tgvault_plugins.desktop_export.view import View

__all__ = ["Layout", "LineSkip", "layout_of"]

_FIRST_LINE = re.compile(rb"\{(\r?\n)([ \t]{1,16})[\"}]")
_EMPTY = re.compile(rb"[\[{]\s*[\]}]")
_CLOSES = re.compile(rb"\s*\]")
_CLOSER = {ord("{"): b"}", ord("["): b"]"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is indented. Telegram Desktop uses one space a level."""

    newline: bytes
    unit: bytes

    def lead(self, level: int) -> bytes:
        """What stands before the first character of a line at a level.

        A raw newline never stands inside a JSON string, so it is always structure, and with exactly this indentation
        it is structure at this level.
        """
        return self.newline + self.unit * level


def layout_of(view: View, at: int) -> Layout | None:
    """Find how the object at a place is indented, if it is."""
    found = view.match(_FIRST_LINE, at)
    return Layout(found[1], found[2]) if found else None


class LineSkip:
    """Finds the ends of values by their indentation; never looks inside."""

    def __init__(self, view: View, layout: Layout) -> None:
        self._view = view
        self._layout = layout

    def value(self, at: int, level: int) -> int:
        """Position after the value of a member at a level.

        Raises:
            Ended: the file ends first.
            Broken: the next member begins first.
        """
        closer = _CLOSER.get(self._view.peek(at, 1)[0] if at < self._view.size else 0)
        if closer is None:
            return brackets.scalar_end(self._view, at)
        if empty := self._view.match(_EMPTY, at):
            return at + empty.end()
        lead = self._layout.lead(level)
        if self._view.peek(at + 1, len(self._layout.newline)) != self._layout.newline:
            return brackets.BracketSkip(self._view).value(at, level)
        end, which = self._view.first((lead + closer, lead + b'"'), at)
        if which == 1:
            raise Broken(end)
        if end < 0:
            raise Ended(at)
        return end + len(lead) + 1

    def run(self, at: int, level: int) -> Run:
        """Find the messages of an array that a member at a level holds; `at` is behind its bracket.

        Raises:
            Broken: the messages do not stand where this layout has them, or their end is damaged.
        """
        if closes := self._view.match(_CLOSES, at):
            return Run(at, at, at + closes.end() - 1)
        lead = self._layout.lead(level + 1)
        start = at + len(lead)
        if self._view.peek(at, len(lead) + 1) != lead + b"{":
            if at + len(lead) >= self._view.size:
                return Run(at, at, None)
            raise Broken(at)
        last = lead + b"}" + self._layout.newline
        end, which = self._view.first((last, *self._next_chat(level)), at)
        if which == 1:
            raise Broken(end)
        return self._closed(start, end + len(lead) + 1, lead) if end >= 0 else self._unclosed(start, lead)

    def _next_chat(self, level: int) -> tuple[bytes, ...]:
        # Met before the end of the messages, it tells that the end is damaged and these are two chats. It stands some
        # hundred bytes behind that end, so that damage seldom reaches both.
        return (self._layout.lead(level) + b'"messages":',) if level > 1 else ()

    def _closed(self, start: int, stop: int, lead: bytes) -> Run:
        if closes := self._view.match(_CLOSES, stop):
            return Run(start, stop, stop + closes.end() - 1, lead)
        if stop + 64 > self._view.size and not self._view.take(stop, self._view.size).strip():
            return Run(start, stop, None, lead)
        raise Broken(stop)

    def _unclosed(self, start: int, lead: bytes) -> Run:
        end = self._view.rfind(lead + b"}", start, self._view.size)
        return Run(start, end + len(lead) + 1 if end >= 0 else start, None, lead)
