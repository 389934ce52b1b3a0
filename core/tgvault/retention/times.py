"""When a snapshot was made, as far as this machine can vouch for it; what its writer claims is never enough.

See "Forgetting" in docs/internals/threat-model.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from tgvault.engine.snapshot_info import utc
from tgvault.state.memory import Sighting
from tgvault.vault.lineage import Lineage
from tgvault.vault.manifests import SnapshotName, short_id
from tgvault.vault.opened import Snapshot

__all__ = ["FIRST", "SLACK", "Times", "find_times"]

#: How far the clocks of honest machines may be apart. A clock that is wrong by more is mostly wrong by whole hours (a
#: wrong zone) or by years (an empty battery).
SLACK = timedelta(hours=1)

#: The day on which Telegram began; nobody can have backed it up before.
FIRST = datetime(2013, 8, 14, tzinfo=UTC)

#: A run does not take longer; who says so has made it up.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Times:
    """The times that may be relied on, which ascend from parent to child, and why the others are in doubt."""

    known: Mapping[SnapshotName, datetime]
    doubts: Mapping[SnapshotName, str]


class _Run(msgspec.Struct):
    """The one thing of a report that is asked for here."""

    duration: float = 0


def find_times(lineage: Lineage, sightings: Mapping[SnapshotName, Sighting], *, now: datetime) -> Times:
    """Find out when the snapshots of an archive were made.

    Those that are forgotten already make no other one doubtful; they only count where they fit.
    """
    seen: dict[SnapshotName, datetime] = {}
    doubts: dict[SnapshotName, str] = {}
    for each in lineage.order:
        doubt, time = _witnessed(each, sightings.get(each.name), now)
        if each.name in lineage.misnumbered:
            doubt = "its number does not follow from those of its parents"
        if doubt:
            doubts[each.name] = doubt
        else:
            seen[each.name] = time
    gone = lineage.forgotten
    doubts |= _contradictions(lineage, {name: time for name, time in seen.items() if name not in gone})
    fitting = {name: time for name, time in seen.items() if name not in doubts}
    clashing = _contradictions(lineage, fitting).keys() & gone
    known = _ascending(lineage, {name: time for name, time in fitting.items() if name not in clashing})
    return Times(
        {name: time for name, time in known.items() if name not in gone},
        {name: doubt for name, doubt in doubts.items() if name not in gone},
    )


def _witnessed(snapshot: Snapshot, sighting: Sighting | None, now: datetime) -> tuple[str, datetime]:
    """Hold what a snapshot claims against when this machine first saw it; gives a doubt, or none, and the time."""
    claimed = utc(snapshot.manifest.time)
    latest = min(sighting.before, now) if sighting is not None else now
    earliest = sighting.after if sighting is not None else None
    if earliest is None or earliest > latest:
        earliest = FIRST
    if claimed > latest + SLACK:
        return "its time lies after the moment at which it was first seen here", claimed
    if claimed < FIRST - SLACK:
        return "its time lies before there was Telegram", claimed
    if claimed + _duration(snapshot) < earliest - SLACK:
        return "by its time it should have been seen here earlier", claimed
    return "", min(max(claimed, earliest), latest)


def _duration(snapshot: Snapshot) -> timedelta:
    """How long the run took, as its writer says: a long one appears long after the time it bears."""
    try:
        seconds = msgspec.json.decode(snapshot.manifest.report, type=_Run).duration
    except msgspec.MsgspecError:
        return timedelta(0)
    return timedelta(seconds=min(max(seconds, 0), LONGEST.total_seconds()))


def _contradictions(lineage: Lineage, times: Mapping[SnapshotName, datetime]) -> dict[SnapshotName, str]:
    """Find the pairs of which one was made from the other, and bears a time before it. Which is wrong, nobody knows."""
    said: dict[SnapshotName, str] = {}
    for each, (time, other) in _extremes(lineage, times, lineage.parents, order=1).items():
        if each in times and times[each] < time - SLACK:
            said[each] = f"its time lies before that of {short_id(other)}, from which it was made"
    for each, (time, other) in _extremes(lineage, times, lineage.children, order=-1).items():
        if each in times and times[each] > time + SLACK:
            said[each] = f"its time lies after that of {short_id(other)}, which was made from it"
    return said


def _extremes(
    lineage: Lineage,
    times: Mapping[SnapshotName, datetime],
    links: Mapping[SnapshotName, Collection[SnapshotName]],
    *,
    order: int,
) -> dict[SnapshotName, tuple[datetime, SnapshotName]]:
    """Find the latest time before each snapshot (order 1, along parents), or the earliest after it (-1, children)."""
    found: dict[SnapshotName, tuple[datetime, SnapshotName]] = {}
    choose = max if order == 1 else min
    for each in lineage.order[::order]:
        beside = [(times[link], link) for link in links.get(each.name, ()) if link in times]
        beside += [found[link] for link in links.get(each.name, ()) if link in found]
        if beside:
            found[each.name] = choose(beside)
    return found


def _ascending(lineage: Lineage, times: Mapping[SnapshotName, datetime]) -> dict[SnapshotName, datetime]:
    """Let no time lie before one of an ancestor: to and fro over a border, few snapshots would fill many periods."""
    before = _extremes(lineage, times, lineage.parents, order=1)
    return {name: max(time, before[name][0]) if name in before else time for name, time in times.items()}
