"""What tests of how things stand need: places in every state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from tgvault.engine.sink_info import Whereabouts
from tgvault.engine.verified import Verified
from tgvault.standing.sinks import Known, SinkState, SinkStatus

__all__ = ["NOTHING", "NOW", "a_place", "known", "snapshot_name"]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTHING = Verified(packs=0, bytes=0, share=0.0, recent=0.0, damaged=0, newest=None, oldest=None)


def snapshot_name(days: int) -> str:
    """The name of a snapshot made so many days ago."""
    return f"snapshots/{NOW - timedelta(days=days):%Y%m%dT%H%M%SZ}-{days:064x}.age"


def known(name: str = "disk", *, synced: int | None = None) -> Known:
    """What is known of a place that was brought up to date so many days ago."""
    time = NOW - timedelta(days=synced) if synced is not None else None
    return Known(name, "local", Whereabouts(medium="local", offsite=False), time, NOTHING)


def a_place(name: str, state: SinkState = SinkState.WHOLE, **more: object) -> SinkStatus:
    """A place in some state."""
    place = SinkStatus(
        name=name,
        type="local",
        medium="local",
        offsite=False,
        state=state,
        snapshots=2,
        missing=0,
        newest=None,
        newest_time=None,
        synced=None,
        behind_since=None,
        verified=NOTHING,
        problem=None,
        hint=None,
    )
    return msgspec.structs.replace(place, **more)
