"""How much of a place's packs was verified, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.engine.snapshot_info import utc
from tgvault.engine.verifying import Level
from tgvault.state.memory import DAMAGED, MET, Memory
from tgvault.state.places import Pack

__all__ = ["Verified", "first_due", "verified"]


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a place this machine has read whole and found good, and when."""

    packs: Annotated[int, Meta(description="Packs that were verified.")]
    bytes: Annotated[int, Meta(description="The size of these packs together.")]
    share: Annotated[float, Meta(description="That size as a share of all packs, from 0 to 1.")]
    recent: Annotated[float, Meta(description="The share that was verified within the period that `[verify]` names.")]
    damaged: Annotated[int, Meta(description="Packs that were found damaged or gone, and not good since.")]
    newest: Annotated[datetime | None, Meta(description="When a pack was last verified; null if none ever was.")]
    oldest: Annotated[datetime | None, Meta(description="The longest time ago that one of these packs was.")]


def verified(packs: Iterable[Pack], memory: Memory, *, since: datetime) -> Verified:
    """Sum up what a memory knows of the verification of packs; the period begins at `since`."""
    sizes = {pack.digest: pack.size for pack in packs}
    good = {digest: utc(time) for digest, time in memory.verified(Level.DATA).items() if digest in sizes}
    size, total = sum(sizes[digest] for digest in good), sum(sizes.values())
    recent = sum(sizes[digest] for digest, time in good.items() if time >= since)
    return Verified(
        packs=len(good),
        bytes=size,
        share=size / total if total else 0.0,
        recent=recent / total if total else 0.0,
        damaged=len(memory.verified(DAMAGED).keys() & sizes.keys()),
        newest=max(good.values(), default=None),
        oldest=min(good.values(), default=None),
    )


def first_due(packs: Iterable[Pack], memory: Memory, *, now: datetime) -> datetime | None:
    """Tell since when the pack that has waited longest was not verified; None if there is no pack.

    One that never was waits since this machine first met it, which is now at the latest; that is remembered.
    """
    digests = {pack.digest for pack in packs}
    times = {digest: time for level in (MET, Level.DATA) for digest, time in memory.verified(level).items()}
    damaged = memory.verified(DAMAGED).keys()
    new = digests - times.keys() - damaged
    memory.note_met(new, time=now.isoformat(timespec="seconds"))
    waiting = [utc(times[digest]) for digest in digests & times.keys()]
    return min([*waiting, *([now] if new else [])], default=None)
