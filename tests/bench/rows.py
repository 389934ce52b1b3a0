"""The rows of the table: what is timed, in which order, and what each goal is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["GOALS", "Goal", "Row", "needed"]


class Row(StrEnum):
    """One kind of work, in the order in which it is done."""

    FIRST = "first"
    UNCHANGED = "unchanged"
    NEXT = "next"
    RESTORE = "restore"
    ONE = "one"
    VERIFY = "verify"
    HELP = "help"
    LIST = "snapshots"

    @property
    def label(self) -> str:
        """What the table calls it."""
        return _LABELS[self]

    @property
    def repeats(self) -> int:
        """How often it runs in one round: start-up is so short that one run says little."""
        return 5 if self in (Row.HELP, Row.LIST) else 1


_LABELS = {
    Row.FIRST: "first backup",
    Row.UNCHANGED: "nothing changed",
    Row.NEXT: "next version",
    Row.RESTORE: "restore everything",
    Row.ONE: "restore one file",
    Row.VERIFY: "verify all data",
    Row.HELP: "start-up, `--help`",
    Row.LIST: "start-up, `snapshots`",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What tgvault's median has to hold: a share of the faster peer's, or seconds."""

    ratio: float | None = None
    seconds: float | None = None


GOALS = {
    Row.FIRST: Goal(ratio=0.5),
    Row.UNCHANGED: Goal(ratio=1.0),
    Row.NEXT: Goal(ratio=1.0),
    Row.RESTORE: Goal(ratio=0.7),
    Row.ONE: Goal(ratio=1.0),
    Row.VERIFY: Goal(ratio=0.7),
    Row.HELP: Goal(seconds=0.25),
    Row.LIST: Goal(seconds=0.25),
}

#: These need the second version in the repository.
_AFTER_NEXT = frozenset({Row.RESTORE, Row.ONE, Row.VERIFY})


def needed(wanted: Collection[Row]) -> list[Row]:
    """The rows that have to be run, in their order, so that the wanted ones can be."""
    rows = set(wanted)
    if rows & _AFTER_NEXT:
        rows.add(Row.NEXT)
    if rows - {Row.HELP}:
        rows.add(Row.FIRST)
    return [row for row in Row if row in rows]
