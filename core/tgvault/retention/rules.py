"""Which snapshots stay, and why: pure rules, after the manner of restic and borg."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from tgvault.retention.duration import Duration
from tgvault.retention.periods import PERIODS, Period, on_calendar
from tgvault.retention.times import Times, find_times
from tgvault.state.memory import Sighting
from tgvault.vault.lineage import Above, Lineage, above
from tgvault.vault.manifests import SnapshotName, sort_key
from tgvault.vault.opened import Snapshot

__all__ = ["IN_DOUBT", "Decision", "KeepRules", "decide"]

#: How the reason begins that keeps a snapshot whose time or number cannot be right.
IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class KeepRules:
    """How many snapshots stay, of which periods, and which besides; None and empty where there is no such rule.

    `within` counts back from the newest snapshot, so that nothing goes where nobody backs up any more.
    """

    last: int | None = None
    hourly: int | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None
    quarterly: int | None = None
    yearly: int | None = None
    within: Duration | None = None
    tags: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether there is no rule at all."""
        return self == KeepRules()

    def counts(self) -> Iterator[tuple[str, int]]:
        """Give the rules that count, by their words, from short periods to long ones."""
        for word in ("last", *PERIODS):
            number: int | None = getattr(self, word)
            if number is not None:
                yield word, number


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a snapshot, and what keeps it.

    `rules` are the reasons that come from `KeepRules`, `always` those that hold whatever the rules are. `repeats` is
    the snapshot that holds the same already, if there is one.
    """

    snapshot: Snapshot
    rules: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    repeats: SnapshotName | None = None

    @property
    def keep(self) -> bool:
        """Whether it stays."""
        return bool(self.rules or self.always)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that keeps it, in words."""
        return self.rules + self.always


def decide(
    snapshots: Iterable[Snapshot],
    rules: KeepRules,
    *,
    now: datetime,
    sightings: Mapping[SnapshotName, Sighting],
    forgotten: Iterable[Snapshot] = (),
    zone: tzinfo | None = None,
) -> list[Decision]:
    """Decide which snapshots stay, archive by archive; oldest first in each.

    A snapshot gives way only to those that were made from it, along each line of descent, and only to those whose
    times this machine can vouch for. `now` is aware, `sightings` tell when this machine first saw each snapshot,
    `forgotten` are those that are no longer the vault's and that others may have been made from, and `zone` has the
    calendar that counts; None is that of this machine.
    """
    gone = list(forgotten)
    found: list[Decision] = []
    by_archive = sorted(snapshots, key=lambda each: (each.manifest.archive, *sort_key(each.manifest), each.name))
    for archive, mine in groupby(by_archive, key=lambda each: each.manifest.archive):
        lineage = Lineage.of(mine, [each for each in gone if each.manifest.archive == archive])
        found += _Archive(lineage, find_times(lineage, sightings, now=now), zone).decide(rules)
    return found


class _Archive:
    """One archive on its way to decisions. A `slot` is one of the snapshots that a rule which counts may keep."""

    def __init__(self, lineage: Lineage, times: Times, zone: tzinfo | None) -> None:
        self._lineage = lineage
        self._times = times
        self._here = [each for each in lineage.order if each.name not in lineage.forgotten]
        self._local = {name: on_calendar(time, zone) for name, time in times.known.items()}
        self._repeats = _repeats(lineage, times)
        self._takers = [each for each in self._here if each.name in times.known and each.name not in self._repeats]
        self._above = above(lineage, {each.name for each in self._takers})

    def decide(self, rules: KeepRules) -> list[Decision]:
        kept: dict[SnapshotName, list[str]] = {each.name: [] for each in self._here}
        for word, number in rules.counts():
            for name, reason in self._counted(word, number):
                kept[name].append(reason)
        if rules.within is not None:
            for name in self._within(rules.within):
                kept[name].append(f"within {rules.within}")
        for each in self._here:
            kept[each.name] += [f"tag {tag}" for tag in sorted(rules.tags.intersection(each.manifest.tags))]
        always = self._always()
        return [
            Decision(each, tuple(kept[each.name]), tuple(always[each.name]), self._repeats.get(each.name))
            for each in self._here
        ]

    def _counted(self, word: str, number: int) -> Iterator[tuple[SnapshotName, str]]:
        """Find those that a rule keeps: the newest of each of its periods, as long as it has slots left.

        Where lines of descent part, the one counts that leaves more.
        """
        slots = _Slots(self._above, {each.name: self._period(word, each.name) for each in self._takers})
        oldest = self._oldest()
        for each in reversed(self._takers):
            newer = slots.take(each.name)
            if newer is not None and newer < number:
                yield each.name, word
            elif each.name in oldest and slots.used[each.name] < number:
                yield each.name, f"oldest {word}"

    def _period(self, word: str, name: SnapshotName) -> Period:
        return (name,) if word == "last" else PERIODS[word](self._local[name])

    def _oldest(self) -> set[SnapshotName]:
        """Find those that nobody stands below who could take a slot: they stay until the rule has no slot left."""
        takers = {each.name for each in self._takers}
        has_below: set[SnapshotName] = set()
        for each in self._lineage.order:
            if any(parent in takers or parent in has_below for parent in self._lineage.parents[each.name]):
                has_below.add(each.name)
        return takers - has_below

    def _within(self, span: Duration) -> Iterator[SnapshotName]:
        """Find those that are not older than the newest one made from them by more than the span."""
        over = above(self._lineage, self._local.keys())
        top: dict[SnapshotName, datetime] = {}
        for each in reversed(self._here):
            if each.name not in self._local:
                continue
            mine = self._local[each.name]
            top[each.name] = mine if over.is_top[each.name] else min(top[name] for name in over.next[each.name])
            if mine > span.before(top[each.name]):
                yield each.name

    def _always(self) -> dict[SnapshotName, list[str]]:
        kept: dict[SnapshotName, list[str]] = {each.name: [] for each in self._here}
        for name, doubt in self._times.doubts.items():
            kept[name].append(f"{IN_DOUBT}: {doubt}")
        believed = [each.name for each in self._here if each.name in self._times.known]
        newest = dict.fromkeys([*believed[-1:], *(each.name for each in self._here[-1:])])
        for name in newest:
            kept[name].append("newest")
        continued = self._lineage.continued(believed)
        for each in self._here:
            if each.name not in continued and each.name not in newest:
                kept[each.name].append("not continued yet")
        return kept


class _Slots:
    """Counts the slots that are taken above a snapshot, by those made from it."""

    def __init__(self, over: Above, periods: Mapping[SnapshotName, Period]) -> None:
        self._above = over
        self._periods = periods
        #: The periods from a snapshot upwards, its own among them, on the line that has fewest.
        self.used: dict[SnapshotName, int] = {}

    def take(self, name: SnapshotName) -> int | None:
        """Tell how many newer periods there are at least; None if a newer one has its period on each line.

        To be called from children to parents.
        """
        following: Collection[SnapshotName] = self._above.next[name]
        others = [self.used[each] for each in following if self._periods[each] != self._periods[name]]
        same = [self.used[each] for each in following if self._periods[each] == self._periods[name]]
        if self._above.is_top[name]:
            others.append(0)
        self.used[name] = min([*(used + 1 for used in others), *same])
        return min(others, default=None)


def _repeats(lineage: Lineage, times: Times) -> dict[SnapshotName, SnapshotName]:
    """Find the snapshots that hold what the one before them holds: a run that found nothing new is worth no slot.

    The first of those that hold the same stays for them: from its time on the archive was like that.
    """
    holders: dict[SnapshotName, dict[object, SnapshotName]] = {}
    repeats: dict[SnapshotName, SnapshotName] = {}
    for each in lineage.order:
        content, name = _content(each), each.name
        before = {held: by for parent in lineage.parents[name] for held, by in holders[parent].items()}
        if name in lineage.forgotten:
            # What only stood in between still tells that the archive was another then.
            holders[name] = {content: before[content]} if content in before else {}
        elif name in times.known:
            holders[name] = {content: before.get(content, name)}
            repeats |= {name: before[content]} if content in before else {}
        else:
            holders[name] = before
    return repeats


def _content(snapshot: Snapshot) -> object:
    manifest = snapshot.manifest
    return manifest.chats, manifest.documents, manifest.layout, manifest.files
