"""Cutting a run of messages into segments where it is known where they start."""

from __future__ import annotations

from collections.abc import Callable

from tgvault.archive.cuts import MAX_LEAF, Cuts
from tgvault.archive.lists import Line, Ref
from tgvault.crypto.keyed import BlobId

__all__ = ["Segmenter"]


class Segmenter:
    """Cuts a part of a chat. What lies before the first cut and after the last belongs to the neighbours too.

    `store` takes a finished segment. Afterwards `head` and `tail` are the lines that were not cut, and `refs` the
    segments between; without any cut all lines are in `head`.
    """

    def __init__(self, cuts: Cuts, store: Callable[[bytes], BlobId]) -> None:
        self._cuts = cuts
        self._store = store
        self._open: list[Line] = []
        self._size = 0
        self._cut_seen = False
        self.head: list[Line] = []
        self.refs: list[Ref] = []
        #: Whether the ids strictly ascended.
        self.ordered = True
        self._last: int | None = None

    @property
    def tail(self) -> list[Line]:
        """The lines after the last cut."""
        return self._open if self._cut_seen else []

    def add(self, line: Line) -> None:
        """Add a message."""
        key = line.key
        assert isinstance(key, int)
        if self._last is not None and key <= self._last:
            self.ordered = False
        self._last = key
        if self._cuts.before(key):
            self._close()
            self._cut_seen = True
        elif self._cut_seen and self._open and self._size + len(line.data) > MAX_LEAF:
            self._close()
        self._open.append(line)
        self._size += len(line.data)

    def finish(self) -> None:
        """End the run."""
        if not self._cut_seen:
            self.head, self._open = self._open, []

    def _close(self) -> None:
        if not self._cut_seen:
            self.head = self._open
        elif self._open:
            blob = self._store(b"".join([line.data for line in self._open]))
            self.refs.append(Ref(self._open[0].key, self._open[-1].key, len(self._open), blob.hex()))
        self._open, self._size = [], 0
