"""Sizes and counts as people read them."""

from __future__ import annotations

__all__ = ["count", "size"]

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


def count(number: int, one: str, many: str | None = None) -> str:
    """A number and what is counted: `1 chat`, `660,000 messages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _three_digits(value: float) -> str:
    if abs(value) < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 99.95 else f"{value:.0f}"
