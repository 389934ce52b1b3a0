"""Ranges of message ids, and when they were seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tgvault.archive.entries import Seen

__all__ = ["MAX_HOLES", "Range", "covers", "holed", "newest", "noted", "runs", "seen_at", "touches"]

#: Messages that may be missing from a covered range before what is left of it is not worth its rows: each takes about
#: 50 bytes in the list of chats, at every change of the chat.
MAX_HOLES = 100


class Range(NamedTuple):
    """Ids from first to last, both included."""

    first: int
    last: int


def covers(ranges: Iterable[Range], number: int) -> bool:
    """Tell whether an id lies in one of the ranges."""
    return any(first <= number <= last for first, last in ranges)


def touches(ranges: Iterable[Range], other: Range) -> bool:
    """Tell whether one of the ranges has an id in common with another one."""
    return any(first <= other.last and other.first <= last for first, last in ranges)


def runs(numbers: Iterable[int]) -> Iterator[Range]:
    """Give ids as ranges, ascending."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield Range(first, last)
            first = last = number
    if first is not None and last is not None:
        yield Range(first, last)


def seen_at(rows: Iterable[Seen], number: int) -> str:
    """Tell when an id was seen last; empty if it never was."""
    return newest(row for row in rows if row.first <= number <= row.last)


def newest(rows: Iterable[Seen]) -> str:
    """Tell when any id was seen last; empty if none was."""
    return max((row.at for row in rows), default="")


def noted(rows: Sequence[Seen], row: Seen) -> tuple[Seen, ...]:
    """Add a row; those that a newer one contains say nothing any more."""
    if any(_contains(each, row) for each in rows):
        return tuple(rows)
    return (*(each for each in rows if not _contains(row, each)), row)


def holed(ranges: Iterable[Range], dropped: Iterable[int]) -> Iterator[Range]:
    """Take ids out of ranges; gives nothing at all if that makes more than `MAX_HOLES` holes."""
    holes = sorted(number for number in set(dropped) if covers(ranges := tuple(ranges), number))
    if len(holes) > MAX_HOLES:
        return
    for first, last in ranges:
        start = first
        for hole in holes:
            if start <= hole <= last:
                if start < hole:
                    yield Range(start, hole - 1)
                start = hole + 1
        if start <= last:
            yield Range(start, last)


def _contains(one: Seen, other: Seen) -> bool:
    return one.first <= other.first and other.last <= one.last and one.at >= other.at
