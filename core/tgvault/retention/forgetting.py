"""Forgetting snapshots, and taking it back; nothing is deleted here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.engine.leasing import leased
from tgvault.engine.opening import OpenedVault
from tgvault.engine.snapshot_info import utc
from tgvault.engine.snapshots import LATEST, find_snapshot, in_archive
from tgvault.errors import NotFoundError, SinkError, UsageError, VaultBusyError
from tgvault.retention.rules import Decision, KeepRules, decide
from tgvault.retention.watching import Watch
from tgvault.state.lock import writing
from tgvault.state.memory import Sighting
from tgvault.vault.leases import LeaseKind
from tgvault.vault.manifests import SnapshotName, short_id
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.opened import Snapshot, Vault

__all__ = ["DecisionInfo", "choose_by_name", "choose_by_rules", "forget", "infos", "take_back", "unpruned"]


_STILL = "see what `tgvault snapshots` shows; what `tgvault snapshots --forgotten` shows is to be taken back again"


class DecisionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a snapshot."""

    id: Annotated[str, Meta(description="The first eight digits of its name, by which it is called.")]
    name: Annotated[str, Meta(description="The name of its object in the sink.")]
    archive: Annotated[str, Meta(description="The archive that it belongs to.")]
    sequence: Annotated[int, Meta(description="Its number in the archive, counted from 1.")]
    time: Annotated[datetime, Meta(description="When the run began, by the clock of the machine that made it.")]
    tags: Annotated[list[str], Meta(description="The tags that it was given.")]
    keep: Annotated[bool, Meta(description="Whether it stays.")]
    repeats: Annotated[str | None, Meta(description="The id of an earlier snapshot that holds the same, or null.")]
    reasons: Annotated[list[str], Meta(description="What keeps it: rules by their words, and what always holds.")]


def choose_by_rules(
    vault: Vault,
    snapshots: Iterable[Snapshot],
    rules: KeepRules,
    *,
    archive: str | None,
    now: datetime,
    zone: tzinfo | None = None,
) -> list[Decision]:
    """Decide by rules, oldest first in each archive; `archive` leaves out the others.

    Raises:
        NotFoundError: there is no such archive.
        VaultError: a manifest cannot be read, so that nobody knows what would stay.
    """
    vault.require_manifests()
    mine = snapshots if archive is None else in_archive(snapshots, archive)
    sightings: Mapping[str, Sighting] = vault.memory.sightings()
    seen = {SnapshotName(name): sighting for name, sighting in sightings.items()}
    return decide(mine, rules, now=now, sightings=seen, forgotten=vault.past(), zone=zone)


def choose_by_name(decisions: Iterable[Decision], names: Collection[str], *, even_newest: bool) -> list[Decision]:
    """Decide that those of these names go, whatever the rules are; nothing is said of the others.

    Raises:
        UsageError: one of them is the newest of its archive, or one that nobody has continued yet.
    """
    chosen = [each for each in decisions if each.snapshot.name in names]
    for each in chosen if not even_newest else []:
        held = [why for why in each.always if why in {"newest", "not continued yet"}]
        if held:
            what = "the newest one" if "newest" in held else "not continued yet by any other"
            raise UsageError(
                f"snapshot `{each.snapshot.id}` of archive `{each.snapshot.manifest.archive}` is {what}",
                hint="what only it holds would be gone; with `--even-newest` it is forgotten all the same",
            )
    return [Decision(each.snapshot, repeats=each.repeats) for each in chosen]


def forget(vault: Vault, decisions: Iterable[Decision], *, now: datetime, host: str) -> None:
    """Mark what does not stay: from here on it is the vault's no more, and `take_back` makes it so again.

    Raises:
        SinkError: the sink refuses.
    """
    names = [each.snapshot.name for each in decisions if not each.keep]
    if names:
        put_mark(vault.sink, MarkKind.FORGET, names, keys=vault.keys, time=now, host=host)


def take_back(vault: Vault, names: Sequence[str], *, now: datetime, host: str) -> list[Snapshot]:
    """Make snapshots the vault's again that were forgotten, by their ids; to be called after `Vault.sync`.

    Raises:
        NotFoundError, AmbiguousNameError: there is none of a name among those that are forgotten and still there.
        SinkError: the sink refuses, or has what it says to have deleted.
    """
    found = [_forgotten(vault, name) for name in dict.fromkeys(names)]
    back = {each.name for each in found}
    for stored in vault.marks.of(MarkKind.FORGET):
        rest = set(stored.mark.objects) - back
        if len(rest) == len(stored.mark.objects):
            continue
        if rest:
            # First the new one: a kill in between leaves all of them forgotten, and nothing lost.
            put_mark(vault.sink, MarkKind.FORGET, rest, keys=vault.keys, time=now, host=host)
        vault.sink.delete(stored.name)
    marks = vault.look_at_marks()
    if back & (marks.objects(MarkKind.FORGET) | marks.objects(MarkKind.DELETED)):
        raise SinkError("the sink still has the mark by which snapshots are forgotten", hint=_STILL)
    return found


@contextmanager
def unpruned(opened: OpenedVault, *, machine: str, now: Callable[[], datetime]) -> Iterator[None]:
    """Let nobody prune while the block runs: what is just being deleted cannot be taken back.

    Raises:
        VaultBusyError: somebody prunes the vault, or has while this machine slept, or another run of this machine
            writes to it.
        SinkError: the sink refuses.
    """
    with writing(opened.lock), leased(opened, LeaseKind.PRUNE, machine=machine, now=now) as lease:
        vault = opened.vault
        watch = Watch(vault.sink, vault.memory, own=lease.writer, now=now())
        watch.bury()
        watch.check_alone(vault.keys)
        yield
        if lease.was_lost():
            raise VaultBusyError("somebody may have pruned the vault while this machine did not answer", hint=_STILL)


def infos(decisions: Iterable[Decision]) -> list[DecisionInfo]:
    """Describe decisions."""
    return [_info(each) for each in decisions]


def _info(decision: Decision) -> DecisionInfo:
    manifest = decision.snapshot.manifest
    return DecisionInfo(
        id=decision.snapshot.id,
        name=decision.snapshot.name,
        archive=manifest.archive,
        sequence=manifest.sequence,
        time=utc(manifest.time),
        tags=list(manifest.tags),
        keep=decision.keep,
        repeats=short_id(decision.repeats) if decision.repeats is not None else None,
        reasons=list(decision.reasons),
    )


def _forgotten(vault: Vault, name: str) -> Snapshot:
    if name.startswith(LATEST):
        raise NotFoundError(
            f"`{name}` is never forgotten", hint="name it by its id: see `tgvault snapshots --forgotten`"
        )
    try:
        return find_snapshot(vault.forgotten, name, archive="")
    except NotFoundError:
        raise NotFoundError(
            f"there is no snapshot `{name}` that could be taken back", hint="`tgvault snapshots --forgotten` lists them"
        ) from None
