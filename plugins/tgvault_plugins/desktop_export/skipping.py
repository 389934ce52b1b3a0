"""Skipping over values and chats, by the first of several ways that gives legal JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Protocol

from tgvault_plugins.desktop_export.heads import head_of
from tgvault_plugins.desktop_export.members import is_messages, member_at
from tgvault_plugins.desktop_export.parts import Broken, ChatPart, Ended, Run
from tgvault_plugins.desktop_export.tidy import Tidied, closed, tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["Skip", "Skipped", "Skipper"]

#: The text around a chat's messages is a few hundred bytes, and no other member of an export has reached a megabyte.
_HEAD_LIMIT = 1 << 20
_VALUE_LIMIT = 1 << 26
_BEFORE = b'{"m":['


class Skip(Protocol):
    """One way to find the ends of values; see `LineSkip` and `BracketSkip`."""

    def value(self, at: int, level: int) -> int:
        """Position after a value."""

    def run(self, at: int, level: int) -> Run:
        """The messages of an array."""


class Skipped(NamedTuple):
    """A value's end and its text, None when that is damaged or, as `ended` says, cut off by the end of the file."""

    stop: int
    body: Tidied | None
    ended: bool


class Skipper:
    """Tries the ways in turn. When none serves, the first one's opinion stands: it knows best where damage ends."""

    def __init__(self, view: View, skips: list[Skip]) -> None:
        self._view = view
        self._skips = skips

    def after(self, at: int, level: int) -> int:
        """Position after a value that is not looked at; raises as the skips do."""
        return self._skips[0].value(at, level)

    def value(self, start: int, level: int) -> Skipped:
        """The value at a place."""
        failed: list[Skipped] = []
        for skip in self._skips:
            try:
                stop = skip.value(start, level)
            except Broken as broken:
                failed.append(Skipped(broken.at, None, ended=False))
                continue
            except Ended:
                failed.append(Skipped(self._view.size, None, ended=True))
                continue
            body = tidied(self._view.take(start, stop)) if stop - start <= _VALUE_LIMIT else None
            if body is not None:
                return Skipped(stop, body, ended=False)
            failed.append(Skipped(stop, None, ended=False))
        return failed[0]

    def salvaged(self, start: int, stop: int) -> Tidied:
        """What is complete of a damaged value; `null` if nothing is."""
        return tidied(closed(self._view.take(start, min(stop, start + _VALUE_LIMIT)))) or Tidied(b"null")

    def chat(self, start: int, level: int, empty: ChatPart) -> tuple[ChatPart, int] | None:
        """The chat at a place, `empty` filled in, and the position after it; None when its own fields are damaged.

        Raises:
            Ended: the file ends before it is known which chat it is.
        """
        found: list[tuple[ChatPart, int] | None] = []
        for skip in self._skips:
            try:
                part, stop = self._chat_by(skip, start, level, empty)
            except Broken:
                found.append(None)
                continue
            holes = part.run is not None and part.run.holes
            if not part.ended and not holes:
                return part, stop
            # With damage up to the end of the file, other chats may stand in what is left.
            found.append(None if part.ended and holes else (part, stop))
        return found[0]

    def _chat_by(self, skip: Skip, start: int, level: int, empty: ChatPart) -> tuple[ChatPart, int]:
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
            return self._filled(start, opened, self._view.size, replace(empty, run=run, ended=True)), self._view.size
        return self._filled(start, opened, at, replace(empty, run=run)), at

    def _filled(self, start: int, opened: int, stop: int, part: ChatPart) -> ChatPart:
        opening, closing = self._around(start, opened, stop, part)
        head = head_of(opening, closing)
        if head is None:
            raise Broken(start)
        if part.ended and part.run is None and head.id is None:
            raise Ended(start)
        return replace(part, head=head)

    def _around(self, start: int, opened: int, stop: int, part: ChatPart) -> tuple[bytes, bytes]:
        if part.run is None:
            whole = self._view.take(start, min(stop, start + _HEAD_LIMIT))
            return (closed(whole) if part.ended else whole)[:-1], b"}"
        opening = self._view.take(start, min(opened, start + _HEAD_LIMIT))
        close = part.run.close
        closing = b"]" if close is None else self._view.take(close, min(stop, close + _HEAD_LIMIT))
        return opening, closed(_BEFORE + closing)[len(_BEFORE) :] if part.ended else closing
