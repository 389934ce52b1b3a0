"""Telling what time a page means.

A page says wall-clock times of the machine that exported it, and since 3.7.6 an offset beside them. That offset is the
zone's standard one even in summer (tried out with Qt 6.12): taken literally, every summer time is an hour off in zones
with daylight saving. So the zone's name, where the user gives it, decides; the offset is the second best.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["Confidence", "Moment", "Wall", "moment", "moments", "wall"]

_TITLE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):([0-5]\d):([0-5]\d)(?: UTC(?:([+-])(\d\d):(\d\d))?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times have no zone
#: Clocks are put back and forward on quarters of an hour, everywhere since long before Telegram.
_QUARTER = 900
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Confidence(StrEnum):
    """How sure a time is."""

    #: The wall clock in a zone that the user named.
    ZONE = "zone"
    #: The wall clock and the page's offset, or an hour that the zone has twice: it may be an hour off.
    OFFSET_ONLY = "offset_only"
    #: There is nothing to make a point in time of.
    WALL_CLOCK_ONLY = "wall_clock_only"


class Wall(msgspec.Struct, frozen=True, gc=False):
    """A wall-clock time as the page says it.

    `text` is in the JSON export's form; `seconds` counts from 1970 as if the clock showed UTC; `offset` is what the
    page says beside it, in seconds, None where it says none.
    """

    text: str
    seconds: int
    offset: int | None


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A point in time in seconds of Unix time, None where there is none, and how sure it is."""

    unix: int | None
    confidence: Confidence


def wall(title: str) -> Wall | None:
    """Read a time as it stands in a `title`; None where it is none."""
    found = _TITLE.fullmatch(title)
    if not found:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    days = _days(year, month, day)
    if days is None or hour > "23":
        return None
    offset = None
    if "U" in title:
        offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    return Wall(f"{year}-{month}-{day}T{hour}:{minute}:{second}", seconds, offset)


@lru_cache(512)
def _days(year: str, month: str, day: str) -> int | None:
    try:
        return date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        return None


def moment(time: Wall, zone: ZoneInfo | None) -> Moment:
    """Tell the point in time of one wall-clock time that stands alone."""
    if zone is not None:
        candidates = _candidates(time, zone)
        if len(candidates) == 1:
            return Moment(candidates[0], Confidence.ZONE)
        if candidates and (time.offset is None or time.seconds - time.offset not in candidates):
            return Moment(candidates[0], Confidence.OFFSET_ONLY)
    if time.offset is None:
        return Moment(None, Confidence.WALL_CLOCK_ONLY)
    return Moment(time.seconds - time.offset, Confidence.OFFSET_ONLY)


def moments(times: Sequence[Wall], zone: ZoneInfo | None, *, before: Wall | None = None) -> list[Moment]:
    """Tell the points in time of messages in their order; `before` is the time of the message before them.

    Messages never go back in time, so where the wall clock does within an hour that the zone has twice, the clocks
    were put back in between: all up to there belong to the first pass, all from there on to the second. In an hour in
    which it never goes back nothing tells the passes apart.
    """
    found = [moment(time, zone) for time in times]
    if zone is None:
        return found
    start = 0
    while start < len(times):
        stop = start
        while stop < len(times) and len(_candidates(times[stop], zone)) > 1:
            stop += 1
        if stop > start:
            earlier = times[start - 1] if start else before
            found[start:stop] = _told_apart(times[start:stop], zone, earlier) or found[start:stop]
        start = stop + 1
    return found


def _told_apart(times: Sequence[Wall], zone: ZoneInfo, earlier: Wall | None) -> list[Moment]:
    if earlier is None or len(_candidates(earlier, zone)) < 2:
        earlier = times[0]
    turn = None
    for index, time in enumerate(times):
        if time.seconds < earlier.seconds:
            turn = index
            break
        earlier = time
    if turn is None:
        return []
    passes = [_candidates(time, zone) for time in times]
    return [Moment(each[0 if index < turn else 1], Confidence.ZONE) for index, each in enumerate(passes)]


def _candidates(time: Wall, zone: ZoneInfo) -> tuple[int, ...]:
    """The points in time at which clocks in the zone show this: two where they were put back, none where forward."""
    first, second = _offsets(time.seconds // _QUARTER, zone)
    if first == second:
        return (time.seconds - first,)
    return (time.seconds - first, time.seconds - second) if first > second else ()


@lru_cache(4096)
def _offsets(quarter: int, zone: ZoneInfo) -> tuple[int, int]:
    naive = _EPOCH + timedelta(seconds=quarter * _QUARTER)
    return _offset(naive, zone), _offset(naive.replace(fold=1), zone)


def _offset(naive: datetime, zone: ZoneInfo) -> int:
    offset = zone.utcoffset(naive)
    return int(offset.total_seconds()) if offset else 0
