"""Who was made from whom: the snapshots of one archive as a graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby

from tgvault.vault.manifests import SnapshotName, sort_key
from tgvault.vault.opened import Snapshot

__all__ = ["Above", "Lineage", "above"]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The snapshots of an archive and what they were made from.

    `order` has them so that nobody comes before a parent. `forgotten` are those that are no longer the vault's: they
    only lead from one snapshot to another. `misnumbered` have a sequence number that does not follow from their
    parents.
    """

    order: Sequence[Snapshot]
    parents: Mapping[SnapshotName, Collection[SnapshotName]]
    children: Mapping[SnapshotName, Collection[SnapshotName]]
    forgotten: AbstractSet[SnapshotName]
    misnumbered: Collection[SnapshotName]

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot], forgotten: Iterable[Snapshot] = ()) -> Lineage:
        """Make the graph. Where the parent right before a snapshot is unknown, it hangs on the last one that is."""
        gone = {each.name: each for each in forgotten}
        here = {each.name: each for each in snapshots}
        known = gone | here
        order = sorted(known.values(), key=lambda each: (*sort_key(each.manifest), each.name))
        parents = {each.name: _parents(each, known) for each in order}
        _bridge(order, parents)
        children: dict[SnapshotName, list[SnapshotName]] = defaultdict(list)
        for name, mine in parents.items():
            for parent in mine:
                children[parent].append(name)
        wrong = frozenset(each.name for each in order if _is_misnumbered(each, known))
        return cls(order, parents, children, gone.keys() - here.keys(), wrong)

    def continued(self, by: Collection[SnapshotName]) -> set[SnapshotName]:
        """Give the snapshots from which, in any number of steps, one of these was made."""
        found: set[SnapshotName] = set()
        for each in reversed(self.order):
            if any(child in by or child in found for child in self.children.get(each.name, ())):
                found.add(each.name)
        return found


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above each snapshot, if only some of them count.

    `next` are the first ones that count on each way up; `is_top` tells whether there is a way up on which none does.
    """

    next: Mapping[SnapshotName, Collection[SnapshotName]]
    is_top: Mapping[SnapshotName, bool]


def above(lineage: Lineage, counting: Collection[SnapshotName]) -> Above:
    """Find what stands above each snapshot."""
    following: dict[SnapshotName, frozenset[SnapshotName]] = {}
    is_top: dict[SnapshotName, bool] = {}
    for each in reversed(lineage.order):
        children = lineage.children.get(each.name, ())
        beyond = [child for child in children if child not in counting]
        direct = frozenset(child for child in children if child in counting)
        following[each.name] = direct.union(*(following[child] for child in beyond))
        is_top[each.name] = not children or any(is_top[child] for child in beyond)
    return Above(following, is_top)


def _parents(snapshot: Snapshot, known: Mapping[SnapshotName, Snapshot]) -> list[SnapshotName]:
    """Give the parents that are known. One with a number that is not lower is none: nobody is made from a later one."""
    number = snapshot.manifest.sequence
    named = (SnapshotName(each) for each in dict.fromkeys(snapshot.manifest.parents))
    return [each for each in named if each in known and known[each].manifest.sequence < number]


def _bridge(order: Sequence[Snapshot], parents: dict[SnapshotName, list[SnapshotName]]) -> None:
    """Hang those of whom the parent before them is unknown on the last ones that it can have been made from.

    One that has the unknown one's number was made beside it, by another machine at the same moment: nobody has
    continued that one.
    """
    numbers = {each.name: each.manifest.sequence for each in order}
    groups = [(number, [*names]) for number, names in groupby(numbers, key=numbers.__getitem__)]
    for each in order:
        number = each.manifest.sequence
        if each.manifest.parents and not any(numbers[parent] == number - 1 for parent in parents[each.name]):
            last = next((names for lower, names in reversed(groups) if lower < number - 1), [])
            parents[each.name] = list(dict.fromkeys((*parents[each.name], *last)))


def _is_misnumbered(snapshot: Snapshot, known: Mapping[SnapshotName, Snapshot]) -> bool:
    manifest = snapshot.manifest
    if not manifest.parents:
        return manifest.sequence != 1
    if not all(SnapshotName(each) in known for each in manifest.parents):
        return False
    return manifest.sequence != 1 + max(known[SnapshotName(each)].manifest.sequence for each in manifest.parents)
