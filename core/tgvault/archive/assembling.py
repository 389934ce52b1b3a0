"""A chat's messages and its history, joined in the order of ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tgvault.archive.entries import ChatEntry, Past, parse_history
from tgvault.archive.lists import BlobSource, Line, Ref
from tgvault.archive.readable import OnLoss, readable
from tgvault.archive.segments import parse_segment

__all__ = ["Told", "Untouched", "assemble"]


@dataclass(frozen=True, slots=True)
class Untouched:
    """A segment of which no message has a history: its lines as they lie in the archive."""

    ref: Ref
    content: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """A message and what is kept of its past; a message that is gone has no line."""

    line: Line | None
    past: Past | None


def assemble(
    entry: ChatEntry,
    source: BlobSource,
    *,
    lost: OnLoss,
    lost_past: OnLoss,
    between: tuple[int, int] | None = None,
) -> Iterator[Untouched | Told]:
    """Give all messages of a chat, the gone ones in their places.

    Segments without a history come whole: most of an archive passes without being taken apart. `lost` is told of the
    messages that cannot be read, `lost_past` of the rows of the history. With `between` only what may hold ids from the
    first to the last of it is read; more than these may come.
    """
    pasts = _Pasts(entry, source, lost_past, between)
    for ref, content in readable(entry.messages, source, lost=lost, between=between):
        assert isinstance(ref.first, int)
        assert isinstance(ref.last, int)
        for past in pasts.before(ref.first):
            yield Told(None, past)
        if pasts.is_next_up_to(ref.last):
            yield from _joined(content, pasts)
        else:
            yield Untouched(ref, content)
    for past in pasts.before(None):
        yield Told(None, past)


def _joined(content: bytes, pasts: _Pasts) -> Iterator[Told]:
    for line in parse_segment(content):
        assert isinstance(line.key, int)
        for past in pasts.before(line.key):
            yield Told(None, past)
        yield Told(line, pasts.of(line.key))


class _Pasts:
    """The rows of a chat's history, taken one by one in ascending order."""

    def __init__(self, entry: ChatEntry, source: BlobSource, lost: OnLoss, between: tuple[int, int] | None) -> None:
        leaves = readable(entry.history, source, lost=lost, between=between)
        self._rows = (past for _, content in leaves for past in parse_history(content))
        self._next = next(self._rows, None)

    def is_next_up_to(self, number: int) -> bool:
        """Tell whether a row up to that id is left."""
        return self._next is not None and self._next.id <= number

    def before(self, number: int | None) -> Iterator[Past]:
        """Take the rows below that id; all that are left with None."""
        while self._next is not None and (number is None or self._next.id < number):
            yield self._take(self._next)

    def of(self, number: int) -> Past | None:
        """Take the row of that id, if it is the next one."""
        return self._take(self._next) if self._next is not None and self._next.id == number else None

    def _take(self, past: Past) -> Past:
        self._next = next(self._rows, None)
        return past
