"""What observers are told of a run."""

from __future__ import annotations

import msgspec

__all__ = ["Event", "RunStarted", "SnapshotCommitted", "VerifyFinished"]


class RunStarted(msgspec.Struct, frozen=True, tag="run started"):
    """A command began that writes to the vault or checks it."""

    command: str
    archive: str | None = None


class SnapshotCommitted(msgspec.Struct, frozen=True, tag="snapshot committed"):
    """A snapshot is safe in the sink."""

    archive: str
    snapshot: str
    losses: int


class VerifyFinished(msgspec.Struct, frozen=True, tag="verify finished"):
    """A verification ended; `problems` is the number of objects that are not as they should be."""

    level: str
    problems: int


Event = RunStarted | SnapshotCommitted | VerifyFinished
