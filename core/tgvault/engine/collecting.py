"""Putting the parts of a chat that workers read together again."""

from __future__ import annotations

from tgvault.archive.cuts import Cuts
from tgvault.archive.lists import BlobStore, Line, Ref, cut
from tgvault.engine.tasks import SpanDone

__all__ = ["Collector"]


class Collector:
    """Takes the parts in order and gives the segments of the whole."""

    def __init__(self, store: BlobStore, cuts: Cuts) -> None:
        self._store = store
        self._cuts = cuts
        self._refs: list[Ref] = []
        self._open: list[Line] = []
        self._last: int | None = None

    def continues(self, part: SpanDone) -> bool:
        """Tell whether the ids ascend within a part, and from what was taken to it."""
        first, _ = _ends(part)
        return part.ordered and (first is None or self._last is None or first > self._last)

    def add(self, part: SpanDone) -> None:
        """Take the next part, which continues what was taken."""
        _, last = _ends(part)
        self._last = last if last is not None else self._last
        self._open.extend(part.head)
        if part.refs or part.tail:
            self._close()
            self._refs.extend(part.refs)
            self._open = list(part.tail)

    def refs(self) -> list[Ref]:
        """Give the segments."""
        self._close()
        return self._refs

    def _close(self) -> None:
        self._refs.extend(cut(self._open, self._store, self._cuts))
        self._open = []


def _ends(part: SpanDone) -> tuple[int | None, int | None]:
    keys = [line.key for line in (*part.head[:1], *part.head[-1:])]
    keys += [key for ref in (*part.refs[:1], *part.refs[-1:]) for key in (ref.first, ref.last)]
    keys += [line.key for line in (*part.tail[:1], *part.tail[-1:])]
    numbers = [key for key in keys if isinstance(key, int)]
    return (numbers[0], numbers[-1]) if numbers else (None, None)
