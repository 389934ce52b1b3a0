"""The progress bar of a terminal: bytes, rate and time left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from tgvault.cli.safe import safe_line
from tgvault.cli.text import count, countdown, duration, rate, size

__all__ = ["BarProgress"]


#: Columns of a terminal below which the bar itself is left out.
_ROOM_FOR_A_BAR = 110


class BarProgress:
    """Draws one bar a phase; a phase that ended leaves its line on the screen."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float]) -> None:
        console = Console(file=stream, markup=False, emoji=False, highlight=False)
        # One line each on any terminal: what does not fit is cut off, the bar first.
        line = partial(Column, no_wrap=True, overflow="ellipsis")
        name = TextColumn("{task.description}", markup=False, table_column=line())
        bar = [BarColumn(bar_width=24)] if console.width >= _ROOM_FOR_A_BAR else []
        columns = (SpinnerColumn(), name, *bar, _Figures(table_column=line()))
        self._bar = Progress(*columns, console=console, get_time=clock, redirect_stdout=False, redirect_stderr=False)
        self._task: TaskID | None = None
        self._items = 0
        self._name = ""

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        """End the phase before and begin this one."""
        self._end_phase()
        self._bar.start()
        self._items = 0
        self._name = name
        self._task = self._bar.add_task(name, total=total_bytes, items=0)

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        """Count; a thread of rich's own draws, ten times a second."""
        if self._task is not None:
            self._items += items
            self._bar.update(self._task, advance=amount, items=self._items)

    def note(self, text: str) -> None:
        """Write it above the bar."""
        self._bar.console.print(Text(safe_line(text)))

    def title(self, name: str) -> None:
        """Show the name in the place of the one before."""
        self._name = name
        if self._task is not None:
            self._bar.update(self._task, description=safe_line(name))

    def waiting(self, seconds: float, reason: str) -> None:
        """Show how long it takes yet in the place of the phase's name."""
        if self._task is not None:
            waits = f"{safe_line(reason)}, {countdown(seconds)} left"
            self._bar.update(self._task, description=waits if seconds > 0 else self._name)

    def done(self) -> None:
        """Stop drawing and leave the last state on the screen."""
        self._end_phase()
        self._bar.stop()

    def _end_phase(self) -> None:
        if self._task is not None:
            self._bar.stop_task(self._task)
            self._task = None


class _Figures(ProgressColumn):
    """`120 MB of 1.20 GB · 1,250 items · 31.5 MB/s · 34 s left`."""

    def render(self, task: Task) -> Text:
        ended = task.finished or task.stop_time is not None
        known = task.total is not None and not ended
        parts = []
        if task.completed:
            parts.append(f"{size(task.completed)} of {size(task.total or 0)}" if known else size(task.completed))
        if items := task.fields["items"]:
            parts.append(count(items, "item"))
        if ended or not task.completed:
            parts.append(duration(task.elapsed or 0.0))
        else:
            parts.append(rate(task.speed or 0.0, seconds=1.0))
        if known and task.time_remaining is not None:
            parts.append(f"{duration(task.time_remaining)} left")
        return Text(" · ".join(parts), style="progress.data.speed")
