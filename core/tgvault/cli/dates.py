"""Dates as people type them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tgvault.errors import UsageError

__all__ = ["beginning", "end"]

_HINT = "write `2026-11-23`, `2026-11-23 14:30` or `2026-11-23T14:30:00+01:00`"


def beginning(text: str) -> datetime:
    """Read a date, which stands for its first moment, or a time; on the clock of this machine unless it says otherwise.

    Raises:
        UsageError: it is neither.
    """
    return _parsed(text).astimezone()


def end(text: str) -> datetime:
    """Read a date, which stands for the first moment after it, or a time; raises as `beginning` does."""
    parsed = _parsed(text)
    if len(text.strip()) <= len("2026-11-23") and parsed.time() == time():
        parsed += timedelta(days=1)
    return parsed.astimezone()


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"`{text}` is no date", hint=_HINT) from None
