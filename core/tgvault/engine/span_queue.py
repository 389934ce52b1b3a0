"""Putting spans together that are worth a task, as long as they begin and end where segments do."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault.archive.cuts import Cuts
from tgvault.model.records import Span

__all__ = ["SpanQueue"]

#: Bytes of spans that are read in one task: enough that sending them to a worker costs nothing, few enough that nobody
#: waits long for the last worker.
TASK = 2 << 20


class SpanQueue:
    """Takes a chat's spans in order and gives them in groups, each with whether segments start before all its spans and
    behind its last one. The others come alone.
    """

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._ready: list[Span] = []
        self._weight = 0
        #: The span that came last: only the next one tells whether a segment ends with it.
        self._last: Span | None = None
        #: Whether a segment starts with the next span, whatever its first id is: nothing stands before it.
        self._at_start = True

    def add(self, span: Span) -> Iterator[tuple[tuple[Span, ...], bool]]:
        """Take a span, and give what is ready."""
        yield from self._next(ends=self._starts(span))
        self._last = span

    def end(self, *, is_last: bool) -> Iterator[tuple[tuple[Span, ...], bool]]:
        """Give everything that is left; `is_last` says that no messages of the chat follow."""
        yield from self._next(ends=is_last)
        yield from self._flush()
        self._at_start = False

    def _next(self, *, ends: bool) -> Iterator[tuple[tuple[Span, ...], bool]]:
        span, self._last = self._last, None
        if span is None:
            return
        starts = self._at_start or self._starts(span)
        self._at_start = False
        if not (starts and ends and span.ordered):
            yield from self._flush()
            yield (span,), False
            return
        self._ready.append(span)
        self._weight += span.weight
        if self._weight >= TASK:
            yield from self._flush()

    def _flush(self) -> Iterator[tuple[tuple[Span, ...], bool]]:
        if self._ready:
            yield tuple(self._ready), True
        self._ready, self._weight = [], 0

    def _starts(self, span: Span) -> bool:
        return span.first is not None and self._cuts.before(span.first)
