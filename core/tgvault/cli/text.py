"""Sizes, durations, counts and dates as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["count", "duration", "local_time", "moment", "rate", "size"]

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size(amount: int | float) -> str:
    """A number of bytes, in powers of 1000: `0 B`, `999 B`, `90.2 kB`, `1.25 GB`."""
    value, unit = float(amount), 0
    # 999.95 would be rounded to 1000.0: such a value belongs to the next unit.
    while abs(value) >= (1000 if unit == 0 else 999.5) and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return f"{value:.0f} B"
    return f"{_three_digits(value)} {_UNITS[unit]}"


def rate(amount: float, *, seconds: float) -> str:
    """Bytes a second: `31.5 MB/s`."""
    return f"{size(amount / seconds)}/s" if seconds > 0 else "– B/s"


def duration(seconds: float) -> str:
    """A span of time with the precision that people need: `0.4 s`, `42 s`, `3 min 20 s`, `1 h 05 min`, `2 d 3 h`."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number and what is counted: `1 chat`, `660,000 messages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def local_time(time: datetime) -> str:
    """A moment on the reader's clock, with its distance from UTC: `2026-11-23 05:38:11 +01:00`."""
    here = time.astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S} {here.isoformat()[-6:]}"


def moment(time: datetime) -> str:
    """A moment for programs: `2026-11-23T04:38:11Z`."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _three_digits(value: float) -> str:
    if abs(value) < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 99.95 else f"{value:.0f}"
