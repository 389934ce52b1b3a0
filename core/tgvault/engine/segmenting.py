"""Cutting a run of messages into segments where it is known where they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge

from tgvault.archive.cuts import MAX_LEAF, Cuts
from tgvault.archive.lists import Line, Ref
from tgvault.crypto.keyed import BlobId

__all__ = ["Segmenter"]


class Segmenter:
    """Cuts a part of a chat. What lies before the first cut and after the last belongs to the neighbours too.

    Messages come in batches, and a segment is cut out of lists of ids and lines by slices: with a call for each
    message the cutting took 2.4 µs of each, this way 0.4 µs (600,000 messages of 450 bytes).

    `store` takes a finished segment. Afterwards `head` and `tail` are the lines that were not cut, and `refs` the
    segments between; without any cut all lines are in `head`. With `whole` the part begins and ends where segments do,
    so that all of it is in `refs`.
    """

    def __init__(self, cuts: Cuts, store: Callable[[bytes], BlobId], *, whole: bool = False) -> None:
        self._cuts = cuts
        self._store = store
        self._ids: list[int] = []
        self._lines: list[bytes] = []
        self._whole = whole
        self._cut_seen = whole
        self._last: int | None = None
        self.head: list[Line] = []
        self.tail: list[Line] = []
        self.refs: list[Ref] = []
        #: Whether the ids strictly ascended.
        self.ordered = True

    def add(self, ids: Sequence[int], lines: Sequence[bytes]) -> None:
        """Add messages: their ids, and what stands for each in a segment, without the last line feed."""
        if not ids:
            return
        if (self._last is not None and ids[0] <= self._last) or any(map(ge, ids, ids[1:])):
            self.ordered = False
        self._last = ids[-1]
        start = 0
        for at in self._cuts.among(ids):
            self._ids += ids[start:at]
            self._lines += lines[start:at]
            self._close()
            start = at
        self._ids += ids[start:]
        self._lines += lines[start:]

    def finish(self) -> None:
        """End the run."""
        if self._whole:
            self._close()
        rest = [Line(key, line + b"\n") for key, line in zip(self._ids, self._lines, strict=True)]
        if self._cut_seen:
            self.tail = rest
        else:
            self.head = rest

    def _close(self) -> None:
        if not self._cut_seen:
            self.finish()
            self._cut_seen = True
        elif self._ids:
            self._cut(self._ids, self._lines)
        self._ids, self._lines = [], []

    def _cut(self, ids: Sequence[int], lines: Sequence[bytes]) -> None:
        content = b"\n".join((*lines, b""))
        if len(content) > MAX_LEAF and len(ids) > 1:
            self._cut_by_size(ids, lines)
        else:
            self._put(ids, content)

    def _cut_by_size(self, ids: Sequence[int], lines: Sequence[bytes]) -> None:
        start = size = 0
        for at, line in enumerate(lines):
            if at > start and size + len(line) + 1 > MAX_LEAF:
                self._put(ids[start:at], b"\n".join((*lines[start:at], b"")))
                start, size = at, 0
            size += len(line) + 1
        self._put(ids[start:], b"\n".join((*lines[start:], b"")))

    def _put(self, ids: Sequence[int], content: bytes) -> None:
        self.refs.append(Ref(ids[0], ids[-1], len(ids), self._store(content).hex()))
