"""Spans of time as people write them: `30d`, `1y6m`, `12h`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from tgvault.errors import UsageError

__all__ = ["Duration", "seconds_of"]

_PARTS = re.compile(r"(?:([0-9]{1,4})y)?(?:([0-9]{1,4})m)?(?:([0-9]{1,4})w)?(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """Months (years are twelve of them), days (weeks are seven) and hours; months are those of the calendar."""

    months: int = 0
    days: int = 0
    hours: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a span such as `1y6m` or `2w`: numbers with `y`, `m`, `w`, `d` and `h`, in this order.

        Raises:
            UsageError: it is none, or it is no time at all.
        """
        found = _PARTS.fullmatch(text)
        years, months, weeks, days, hours = (int(part or 0) for part in found.groups()) if found else (0,) * 5
        span = cls(years * 12 + months, weeks * 7 + days, hours)
        if span == cls():
            raise UsageError(f"`{text}` is no span of time", hint="write it as `30d`, `12h`, `2w` or `1y6m`")
        return span

    def before(self, moment: datetime) -> datetime:
        """Go back from a moment; the calendar is that of its own zone. Never further than the year 1 allows."""
        try:
            return self._months_before(moment) - timedelta(days=self.days, hours=self.hours)
        except (OverflowError, ValueError):
            return datetime.min.replace(tzinfo=moment.tzinfo)

    def _months_before(self, moment: datetime) -> datetime:
        year, month = divmod(moment.year * 12 + moment.month - 1 - self.months, 12)
        # A month back from the 31st is the last day of a shorter month.
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = ((years, "y"), (months, "m"), (self.days, "d"), (self.hours, "h"))
        return "".join(f"{number}{unit}" for number, unit in parts if number)


def seconds_of(text: str, now: datetime) -> float:
    """Read a span in seconds, or `0` for no time at all; months are those before `now`, which is aware.

    Raises:
        UsageError: it is no span.
    """
    return 0.0 if text == "0" else (now - Duration.parse(text).before(now)).total_seconds()
