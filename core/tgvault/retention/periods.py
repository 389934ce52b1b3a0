"""The periods of the calendar that a rule keeps one snapshot of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import TypeAlias

__all__ = ["PERIODS", "Period", "on_calendar"]

#: What two moments of one period have in common, and no others.
Period: TypeAlias = tuple[object, ...]


def on_calendar(moment: datetime, zone: tzinfo | None) -> datetime:
    """Give a moment as the calendar of a zone shows it; None is the zone of this machine, with its past rules."""
    return moment.astimezone(zone)


def _hour(moment: datetime) -> Period:
    # Where clocks are put back, one hour comes twice; the distance from UTC tells which of the two it is.
    return (moment.date(), moment.hour, moment.utcoffset())


def _day(moment: datetime) -> Period:
    return (moment.date(),)


def _week(moment: datetime) -> Period:
    return tuple(moment.isocalendar()[:2])


def _month(moment: datetime) -> Period:
    return (moment.year, moment.month)


def _quarter(moment: datetime) -> Period:
    return (moment.year, (moment.month - 1) // 3)


def _year(moment: datetime) -> Period:
    return (moment.year,)


#: By the rule's word, from short to long. Weeks begin on Monday.
PERIODS: Mapping[str, Callable[[datetime], Period]] = {
    "hourly": _hour,
    "daily": _day,
    "weekly": _week,
    "monthly": _month,
    "quarterly": _quarter,
    "yearly": _year,
}
