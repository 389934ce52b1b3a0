"""What pruning is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["PruneOptions", "PruneReport"]


@dataclass(frozen=True, slots=True)
class PruneOptions:
    """How to prune: the name of this machine, for how many seconds forgotten snapshots can be had back, and which share
    of the packs (0 to 1) may be waste.
    """

    machine: str
    grace: float
    max_unused: float
    dry_run: bool = False


class PruneReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a prune deleted, or would delete, and what it left."""

    snapshots: Annotated[list[str], Meta(description="Forgotten snapshots that are deleted now, by id.")]
    snapshots_later: Annotated[int, Meta(description="Forgotten snapshots that can be had back still.")]
    packs_deleted: Annotated[int, Meta(description="Packs that were deleted.")]
    packs_rewritten: Annotated[int, Meta(description="Packs of which what is needed was written into new ones.")]
    bytes_deleted: Annotated[int, Meta(description="Bytes of the packs that were deleted.")]
    bytes_written: Annotated[int, Meta(description="Bytes of the new packs.")]
    waste: Annotated[int, Meta(description="Bytes in the packs that stay which no snapshot needs, about.")]
    bytes_waiting: Annotated[int, Meta(description="Bytes of packs that are marked, and deleted by a later prune.")]
    waiting_for: Annotated[list[str], Meta(description="Machines whose runs have to end before that.")]
    duration: Annotated[float, Meta(description="Seconds that it took.")]
