"""From single runs to the tables: medians, ratios, goals, memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from course import Record
from rows import GOALS, Goal, Row

__all__ = ["Figures"]

MIB = 1 << 20

#: The tools that tgvault is held against. `cp` is no peer: it neither encrypts nor keeps versions.
RIVALS = ("restic", "borg")

#: What the next version may cost besides its new media, at scale 1: 22 MB with the 18.4 MB of media.
TEXT_GROWTH_GOAL = 3.6e6

#: What all processes together may have, at any scale.
MEMORY_GOAL = 256 * MIB

NONE = "–"


@dataclass(frozen=True, slots=True)
class Figures:
    """All runs of a course; `tools` are in the order of the columns, with the heads of these."""

    records: Sequence[Record]
    tools: dict[str, str]
    #: The data set's scale, and the bytes of media that its second version adds.
    scale: float
    new_media: int

    def tables(self) -> str:
        """Everything, as Markdown."""
        parts = [self.main(), "", *_MEMORY_NOTE, "", self.memory(), "", *_SPREAD_NOTE, "", self.spread()]
        return "\n".join(parts)

    def main(self) -> str:
        """Medians, the ratio to the faster peer, and whether the goal is reached."""
        lines = [self._times(row) for row in self._rows()]
        if Row.NEXT in self._rows():
            lines.insert(self._rows().index(Row.NEXT) + 1, self._growth())
        return _table(["work", *self.tools.values(), "tgvault / faster peer", "goal", ""], [*lines, self._peaks()])

    def memory(self) -> str:
        """Peaks of each row."""
        return self._by_row(_memory_cell)

    def spread(self) -> str:
        """Fastest and slowest run of each row, and processor time."""
        return self._by_row(_spread_cell)

    def watching(self) -> float:
        """The watcher's own share of one core while the tools ran."""
        measures = [record.measure for record in self.records]
        return sum(each.watching for each in measures) / sum(each.seconds for each in measures)

    def _rows(self) -> list[Row]:
        return [row for row in Row if any(record.row is row for record in self.records)]

    def _of(self, tool: str, row: Row) -> list[Record]:
        return [record for record in self.records if record.tool == tool and record.row is row]

    def _by_row(self, cell: Callable[[list[Record]], str]) -> str:
        lines = [[row.label, *(cell(self._of(tool, row)) for tool in self.tools)] for row in self._rows()]
        return _table(["work", *self.tools.values()], lines)

    def _times(self, row: Row) -> list[str]:
        times = {tool: _median_seconds(self._of(tool, row)) for tool in self.tools}
        cells = [_seconds(times[tool]) for tool in self.tools]
        return [row.label, *cells, *_judged(times, GOALS[row])]

    def _growth(self) -> list[str]:
        grown = {tool: [record.growth for record in self._of(tool, Row.NEXT)] for tool in self.tools}
        cells = [f"+{median(values) / 1e6:.1f} MB" if values else NONE for values in grown.values()]
        ours, rivals = grown.get("tgvault"), [median(grown[tool]) for tool in RIVALS if grown.get(tool)]
        ratio = f"{median(ours) / min(rivals):.2f}" if ours and rivals else NONE
        goal = self.new_media + TEXT_GROWTH_GOAL * self.scale
        reached = _verdict(median(ours) / goal) if ours else NONE
        return ["next version, growth", *cells, ratio, f"≤ +{goal / 1e6:.0f} MB", reached]

    def _peaks(self) -> list[str]:
        peaks = {tool: [each.measure.memory.anon for each in self.records if each.tool == tool] for tool in self.tools}
        highest = {tool: max(values, default=0) for tool, values in peaks.items()}
        cells = [f"{value / MIB:.0f} MiB" if value else NONE for value in highest.values()]
        rivals = [highest[tool] for tool in RIVALS if highest.get(tool)]
        ours = highest.get("tgvault", 0)
        ratio = f"{ours / min(rivals):.2f}" if ours and rivals else NONE
        goal = f"≤ {MEMORY_GOAL / MIB:.0f} MiB"
        return ["peak memory of all processes", *cells, ratio, goal, _verdict(ours / MEMORY_GOAL) if ours else NONE]


_MEMORY_NOTE = (
    "Peak memory in MiB: anonymous / file mappings and shared memory, and the number of processes.",
    "Each is the highest sum over the process tree that was seen in any round.",
)
_SPREAD_NOTE = ("Fastest to slowest run, processor time of all processes, and writing out after the command ended.",)


def _judged(times: dict[str, float | None], goal: Goal) -> list[str]:
    ours = times.get("tgvault")
    rivals = [value for tool in RIVALS if (value := times.get(tool)) is not None]
    ratio = ours / min(rivals) if ours is not None and rivals else None
    shown = f"{ratio:.2f}" if ratio is not None else NONE
    if goal.seconds is not None:
        return [shown, f"≤ {goal.seconds:.2f} s", _verdict(ours / goal.seconds) if ours is not None else NONE]
    if goal.ratio is None:
        return [shown, NONE, NONE]
    return [shown, f"≤ {goal.ratio:.1f}", _verdict(ratio / goal.ratio) if ratio is not None else NONE]


def _verdict(share_of_goal: float) -> str:
    return "reached" if share_of_goal <= 1 else f"short: {share_of_goal:.2f} × the goal"


def _median_seconds(records: list[Record]) -> float | None:
    return median(record.measure.seconds for record in records) if records else None


def _seconds(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.0f} ms"


def _memory_cell(records: list[Record]) -> str:
    if not records:
        return NONE
    peaks = [record.measure.memory for record in records]
    anon, mapped = max(peak.anon for peak in peaks), max(peak.mapped for peak in peaks)
    pss = max(peak.pss for peak in peaks)
    proportional = f", PSS {pss / MIB:.0f}" if pss else ""
    return f"{anon / MIB:.0f} / {mapped / MIB:.0f}{proportional} ({max(peak.processes for peak in peaks)})"


def _spread_cell(records: list[Record]) -> str:
    if not records:
        return NONE
    times = [record.measure.seconds for record in records]
    cpu, settling = (median(each) for each in zip(*((r.measure.cpu, r.settling) for r in records), strict=True))
    return f"{min(times):.2f}–{max(times):.2f} s, {cpu:.2f} s, {settling:.2f} s"


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
