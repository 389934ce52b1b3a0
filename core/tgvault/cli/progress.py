"""Showing progress: a bar on a terminal, now and then a line elsewhere, nothing when told to be quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from tgvault.cli.output import Output
from tgvault.cli.safe import safe_line
from tgvault.cli.text import count, countdown, duration, rate, size
from tgvault.engine.progress import NullProgress, Progress

__all__ = ["LineProgress", "progress_for"]

#: Seconds between two lines of progress: often enough to see life, seldom enough for a log.
INTERVAL = 5.0
MINUTE = 60.0


def progress_for(output: Output, *, clock: Callable[[], float]) -> Progress:
    """Choose who is told of progress. clock returns seconds and never goes back."""
    if output.quiet or output.json:
        return NullProgress()
    if output.is_terminal:
        # rich costs 45 ms to import, and only terminals need it.
        from tgvault.cli.bar import BarProgress

        return BarProgress(output.stderr, clock=clock)
    return LineProgress(output.stderr, clock=clock)


@dataclass(slots=True)
class LineProgress:
    """Writes a line every few seconds, and one at the end of a phase that took as long; short phases say nothing."""

    stream: TextIO
    clock: Callable[[], float]
    interval: float = INTERVAL
    _phase: _Phase | None = field(default=None, init=False)
    _waits: float | None = field(default=None, init=False)

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        """End the phase before and begin this one."""
        self.done()
        now = self.clock()
        self._phase = _Phase(name, total_bytes, began=now, told=now)

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        """Count, and write a line if the last one is long ago."""
        if (phase := self._phase) is None:
            return
        phase.bytes += amount
        phase.items += items
        now = self.clock()
        if now - phase.told >= self.interval:
            phase.told = now
            self.stream.write(f"{phase.name}: {phase.so_far(now)}\n")

    def note(self, text: str) -> None:
        """Write it at once."""
        self.stream.write(safe_line(text) + "\n")

    def title(self, name: str) -> None:
        """Use the name in the lines to come."""
        if self._phase is not None:
            self._phase.name = name

    def waiting(self, seconds: float, reason: str) -> None:
        """Write a line at the beginning, one a minute, and one at the end."""
        now = self.clock()
        if seconds <= 0:
            if self._waits is not None:
                self.stream.write("going on\n")
            self._waits = None
        elif self._waits is None or now - self._waits >= MINUTE:
            self._waits = now
            self.stream.write(f"{safe_line(reason)}: {countdown(seconds)} left\n")

    def done(self) -> None:
        """Write what the phase came to, if it was a long one."""
        if (phase := self._phase) is None:
            return
        self._phase = None
        now = self.clock()
        if now - phase.began >= self.interval:
            self.stream.write(f"{phase.name}: {phase.in_all(now)}\n")


@dataclass(slots=True)
class _Phase:
    name: str
    total: int | None
    began: float
    told: float
    bytes: int = 0
    items: int = 0

    def so_far(self, now: float) -> str:
        seconds = now - self.began
        parts = [*self._counted(), *([rate(self.bytes, seconds=seconds)] if self.bytes else [])]
        if self.total and 0 < self.bytes < self.total:
            parts[0] = f"{100 * self.bytes // self.total} %, {size(self.bytes)} of {size(self.total)}"
            parts.append(f"{duration(seconds * (self.total - self.bytes) / self.bytes)} left")
        return ", ".join(parts or [duration(seconds)])

    def in_all(self, now: float) -> str:
        return ", ".join([*self._counted(), duration(now - self.began)])

    def _counted(self) -> list[str]:
        counted = [size(self.bytes)] if self.bytes else []
        return [*counted, count(self.items, "item")] if self.items else counted
