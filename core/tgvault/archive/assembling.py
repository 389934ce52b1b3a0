"""A chat's messages and its history, joined in the order of ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tgvault.archive.entries import ChatEntry, Past, parse_history
from tgvault.archive.lists import BlobSource, Line, Ref, leaves, read_leaf
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


def assemble(entry: ChatEntry, source: BlobSource) -> Iterator[Untouched | Told]:
    """Give all messages of a chat, the gone ones in their places.

    Segments without a history come whole: most of an archive passes without being taken apart.
    """
    pasts = _History(entry, source)
    refs = list(leaves(entry.messages, source))
    for number, ref in enumerate(refs):
        content = read_leaf(ref, source)
        end = refs[number + 1].first if number + 1 < len(refs) else None
        assert end is None or isinstance(end, int)
        touched = pasts.before(end)
        if not touched:
            yield Untouched(ref, content)
        else:
            yield from _joined(content, touched)
    for past in pasts.before(None):
        yield Told(None, past)


def _joined(content: bytes, pasts: list[Past]) -> Iterator[Told]:
    waiting = {past.id: past for past in pasts}
    order = sorted(waiting)
    for line in parse_segment(content):
        assert isinstance(line.key, int)
        while order and order[0] < line.key:
            yield Told(None, waiting.pop(order.pop(0)))
        if order and order[0] == line.key:
            order.pop(0)
        yield Told(line, waiting.pop(line.key, None))
    for number in order:
        yield Told(None, waiting[number])


class _History:
    """The rows of a chat's history, taken in ascending order."""

    def __init__(self, entry: ChatEntry, source: BlobSource) -> None:
        rows = leaves(entry.history, source)
        self._rows = (past for ref in rows for past in parse_history(read_leaf(ref, source)))
        self._next = next(self._rows, None)

    def before(self, end: int | None) -> list[Past]:
        """Take the rows below that id; all that are left with None."""
        taken = []
        while self._next is not None and (end is None or self._next.id < end):
            taken.append(self._next)
            self._next = next(self._rows, None)
        return taken
