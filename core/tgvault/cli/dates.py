"""Dates as people type them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tgvault.errors import UsageError

__all__ = ["beginning", "end", "period"]

_HINT = "write `2026-11-23`, `2026-11-23 14:30` or `2026-11-23T14:30:00+01:00`"


def beginning(text: str) -> datetime:
    """Read a date, which stands for its first moment, or a time; on the clock of this machine unless it says otherwise.

    Raises:
        UsageError: it is neither.
    """
    return _here(_parsed(text), text)


def period(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Read the two ends of a range of time, the second one not included.

    Raises:
        UsageError: one of them is no date, or the second lies before the first.
    """
    first, last = beginning(since) if since else None, end(until) if until else None
    if first is not None and last is not None and last <= first:
        raise UsageError(f"`{until}` lies before `{since}`", hint="`--since` takes the earlier date")
    return first, last


def end(text: str) -> datetime:
    """Read a date, which stands for the first moment after it, or a time; raises as `beginning` does."""
    parsed = _parsed(text)
    if len(text.strip()) <= len("2026-11-23") and parsed.time() == time():
        try:
            parsed += timedelta(days=1)
        except OverflowError:
            raise _beyond(text) from None
    return _here(parsed, text)


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"`{text}` is no date", hint=_HINT) from None


def _here(parsed: datetime, text: str) -> datetime:
    try:
        return parsed.astimezone()
    except (OverflowError, ValueError, OSError):
        raise _beyond(text) from None


def _beyond(text: str) -> UsageError:
    return UsageError(f"`{text}` is beyond all calendars", hint=_HINT)
