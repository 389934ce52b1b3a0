"""Sizes, durations, counts and dates as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from tgvault.engine.amounts import count, size

__all__ = ["ago", "count", "countdown", "duration", "local_time", "moment", "rate", "size"]


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


def ago(seconds: float) -> str:
    """How long ago something was, to stand behind it: `, 3 min 20 s ago`; nothing where clocks of machines differ."""
    return f", {duration(seconds)} ago" if seconds >= 0 else ""


def countdown(seconds: float) -> str:
    """What is left of a wait, to the second: `0:42`, `59:58`, `23:59:58`."""
    whole = max(0, round(seconds))
    hours = f"{whole // 3600}:{whole % 3600 // 60:02}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02}"


def local_time(time: datetime) -> str:
    """A moment on the reader's clock, with its distance from UTC: `2026-11-23 05:38:11 +01:00`."""
    here = time.astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S} {here.isoformat()[-6:]}"


def moment(time: datetime) -> str:
    """A moment for programs: `2026-11-23T04:38:11Z`."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
