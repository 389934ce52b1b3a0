"""Deleting what no snapshot needs any more, while others may be at work in the vault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName
from tgvault.engine.committing import forget_lost_packs
from tgvault.engine.leasing import leased
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import Progress
from tgvault.errors import SinkError
from tgvault.retention.deleting import delete_all
from tgvault.retention.needs import Needs
from tgvault.retention.repacking import Repacker
from tgvault.retention.waste import PackUse, Plan, choose
from tgvault.retention.watching import Watch
from tgvault.state.lock import writing
from tgvault.state.scratch import scratch
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.index import list_packs, list_packs_anew
from tgvault.vault.leases import LeaseKind
from tgvault.vault.manifests import SnapshotName
from tgvault.vault.marks import MarkKind, StoredMark, put_mark
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.packs import pack_name

__all__ = ["PruneOptions", "PruneReport", "prune", "prune_as"]

#: Index objects are put together when there are more of them than this: every machine reads each of them once.
MANY_INDEX_OBJECTS = 32

_REPAIR = "nothing is deleted from a vault that is damaged; run `tgvault verify --repair`, then try again"


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


def prune(
    opened: OpenedVault, options: PruneOptions, *, now: Callable[[], datetime], progress: Progress
) -> PruneReport:
    """Delete the snapshots that were forgotten long enough ago, and all content that no other one needs.

    Nobody has to stop for it. What somebody who is at work may rely on is marked, and deleted by a later prune.

    Raises:
        VaultBusyError: somebody else prunes the vault, or another run of this machine writes to it.
        VaultError: the vault is damaged; then nothing is deleted.
        SinkError: the sink cannot be read or written.
    """
    with _at_work(opened, options, now) as own:
        return prune_as(own, opened.vault, options, state=opened.state, now=now, progress=progress)


def prune_as(
    own: str, vault: Vault, options: PruneOptions, *, state: Path, now: Callable[[], datetime], progress: Progress
) -> PruneReport:
    """Prune for whom the vault is locked on this machine, and who has a lease under the name `own`; raises as `prune`.

    `state` is the folder for what does not fit into memory.
    """
    started = now()
    try:
        with scratch(state) as database:
            watch = Watch(vault.sink, vault.memory, own=own, now=started)
            run = _Prune(vault, options, watch, Needs(vault, database), progress, started)
            run.carry_out()
    finally:
        progress.done()
    return run.report(duration=round((now() - started).total_seconds(), 3))


@contextmanager
def _at_work(opened: OpenedVault, options: PruneOptions, now: Callable[[], datetime]) -> Iterator[str]:
    """Keep other writers of this machine away, and hold a lease; a dry run writes nothing and needs neither."""
    if options.dry_run:
        yield ""
        return
    with (
        writing(opened.lock),
        leased(opened, LeaseKind.PRUNE, machine=options.machine, now=now) as lease,
    ):
        yield lease.writer


class _Prune:
    def __init__(
        self, vault: Vault, options: PruneOptions, watch: Watch, needs: Needs, progress: Progress, time: datetime
    ) -> None:
        self._vault = vault
        self._options = options
        self._watch = watch
        self._needs = needs
        self._progress = progress
        self._time = time
        self._sizes: dict[ObjectName, int] = {}
        self._expired: list[Snapshot] = []
        self._gone: list[Snapshot] = []
        self._plan = Plan((), (), (), 0)
        self._written = 0
        self._doomed: set[ObjectName] = set()
        self._waiting: set[ObjectName] = set()
        self._hosts: list[str] = []

    def carry_out(self) -> None:
        """Find what nobody needs, mark it, and delete what nobody can rely on."""
        self._watch.check_alone(self._vault.keys)
        kept = self._look()
        candidates = self._choose()
        if self._options.dry_run:
            self._gone, self._doomed = self._expired, candidates
            return
        self._repack()
        self._mark({*candidates, *(each.name for each in self._expired)})
        ready = self._ready()
        self._delete(self._still_unneeded(kept, ready), marks=ready)

    def report(self, *, duration: float) -> PruneReport:
        """Give what was done."""
        packs = [name for name in self._doomed if name.startswith("packs/")]
        return PruneReport(
            snapshots=[each.id for each in self._gone],
            snapshots_later=len(self._vault.forgotten) - len(self._gone),
            packs_deleted=len(packs),
            packs_rewritten=len(self._plan.repack),
            bytes_deleted=sum(self._sizes.get(name, 0) for name in packs),
            bytes_written=self._written,
            waste=self._plan.waste,
            bytes_waiting=sum(self._sizes.get(name, 0) for name in self._waiting),
            waiting_for=self._hosts,
            duration=duration,
        )

    def _look(self) -> dict[SnapshotName, Snapshot]:
        """Read what there is, and what all snapshots need that are not expired; gives these."""
        self._progress.phase("looking at the snapshots")
        self._sync()
        self._finish_what_was_begun()
        # What backups have set aside may be needed after all; that is to be found out here.
        forget_lost_packs(self._vault, marked=())
        marks = self._vault.marks.of(MarkKind.FORGET)
        over = self._watch.expired((each.name for each in marks), grace=self._options.grace)
        named = {name for each in marks if each.name in over for name in each.mark.objects}
        self._expired = [each for each in self._vault.forgotten if each.name in named]
        kept = {each.name: each for each in self._all() if each.name not in named}
        self._progress.phase("walking over the snapshots")
        self._needs.add(kept.values(), met=lambda: self._progress.advance(items=1))
        return kept

    def _sync(self) -> None:
        self._visible = self._vault.sync()
        for error in (*self._vault.bad_manifests, *self._vault.bad_indexes):
            raise type(error)(str(error), hint=_REPAIR)

    def _all(self) -> Iterator[Snapshot]:
        """Give all snapshots that are there, forgotten or not."""
        yield from self._visible
        yield from self._vault.forgotten

    def _finish_what_was_begun(self) -> None:
        """Delete what a prune that was killed had said it would delete."""
        deleted = self._vault.marks.objects(MarkKind.DELETED)
        if deleted and not self._options.dry_run:
            delete_all(self._vault.sink, (each.name for each in self._vault.sink.list("") if each.name in deleted))

    def _choose(self) -> set[ObjectName]:
        """Name the packs that are to be deleted, those that have to be written anew before that among them."""
        self._sizes = {each.name: each.size for each in self._vault.sink.list("packs/")}
        listed = list(self._vault.places.contents())
        used = self._needs.used
        uses = (PackUse(digest, size, content, used[digest]) for digest, size, content in listed)
        self._plan = choose(uses, max_unused=self._options.max_unused)
        known = {digest for digest, _, _ in listed}
        unlisted = {bytes.fromhex(digest_of(name)) for name in self._sizes} - known
        left = [digest for digest in self._watch.leftovers(unlisted) if not used[digest]]
        chosen = [*(each.digest for each in (*self._plan.delete, *self._plan.repack)), *left]
        return {pack_name(digest.hex()) for digest in chosen}

    def _repack(self) -> None:
        if not self._plan.repack:
            return
        self._progress.phase("writing packs anew", sum(each.size for each in self._plan.repack))
        sizes = {each.digest: each.size for each in self._plan.repack}
        repacker = Repacker(self._vault)
        packs = ((digest, self._needs.in_pack(digest)) for digest in sizes)
        repacker.copy(packs, done=lambda digest: self._progress.advance(sizes[digest], items=1))
        list_packs(self._vault.sink, self._vault.places, self._vault.keys)
        self._written = repacker.stored

    def _mark(self, objects: Collection[ObjectName]) -> None:
        new = set(objects) - self._vault.marks.objects(MarkKind.UNNEEDED)
        if not new:
            return
        mark = self._put_mark(MarkKind.UNNEEDED, new)
        if mark not in {each.name for each in self._vault.look_at_marks().stored}:
            raise SinkError(f"the sink took `{mark}` and does not have it", hint="see what is wrong with the store")

    def _put_mark(self, kind: MarkKind, objects: Iterable[ObjectName]) -> ObjectName:
        vault, host = self._vault, self._options.machine
        return put_mark(vault.sink, kind, objects, keys=vault.keys, time=self._time, host=host).name

    def _ready(self) -> set[ObjectName]:
        """Name the marks for which nobody has to be waited any more."""
        marks = {each.name: each.mark.objects for each in self._vault.marks.of(MarkKind.UNNEEDED)}
        waits = self._watch.waits(marks)
        dead = self._watch.dead()
        delete_all(self._vault.sink, (each.name for each in dead))
        alive = {each.writer for each in self._watch.leases()}
        waited = {name: writers & alive for name, writers in waits.items()}
        self._waiting = {each for name, writers in waited.items() if writers for each in marks[name]}
        self._hosts = self._watch.hosts(self._vault.keys, frozenset().union(*waited.values()))
        return {name for name, writers in waited.items() if not writers}

    def _still_unneeded(self, kept: dict[SnapshotName, Snapshot], ready: Collection[ObjectName]) -> set[ObjectName]:
        """Name what may be deleted now: what is marked, and not needed by any snapshot that came since either."""
        marked = {
            name for each in self._vault.marks.of(MarkKind.UNNEEDED) if each.name in ready for name in each.mark.objects
        }
        if not marked:
            return set()
        # After the leases: who was waited for has written his manifest before he let go of his lease.
        self._sync()
        forgotten = {each.name for each in self._vault.forgotten}
        expired = {each.name for each in self._expired} & forgotten
        self._needs.add(each for each in self._all() if each.name not in kept and each.name not in expired)
        doomed = {name for name in marked if name in expired or name.startswith("packs/")}
        return doomed - set(self._needed_of(doomed))

    def _needed_of(self, doomed: Collection[ObjectName]) -> Iterator[ObjectName]:
        """Name the packs among them that have something which is needed and lies nowhere else."""
        packs = _digests(doomed)
        for blob in self._needs.all():
            whole = self._vault.places.whole(blob)
            if packs.issuperset(whole):
                yield from (pack_name(digest.hex()) for digest in whole[:1])

    def _delete(self, doomed: set[ObjectName], *, marks: Collection[ObjectName]) -> None:
        vault = self._vault
        self._doomed, self._waiting = doomed, self._waiting - doomed
        self._gone = [each for each in self._expired if each.name in doomed]
        old = self._replace_index(_digests(doomed))
        before = vault.marks.of(MarkKind.DELETED)
        deleted = {*doomed, *old}
        if deleted:
            self._progress.phase("deleting", sum(self._sizes.get(name, 0) for name in doomed))
            everything = deleted.union(*(each.mark.objects for each in before))
            self._put_mark(MarkKind.DELETED, everything)
            for prefix in ("snapshots/", "index/", "packs/"):
                delete_all(vault.sink, (name for name in deleted if name.startswith(prefix)))
            delete_all(vault.sink, (each.name for each in before))
            vault.look_at_marks()
        delete_all(vault.sink, (each.name for each in vault.marks.of(MarkKind.FORGET) if self._is_over(each)))
        delete_all(vault.sink, marks)
        vault.look_at_marks()

    def _is_over(self, forget: StoredMark) -> bool:
        return self._vault.marks.objects(MarkKind.DELETED).issuperset(forget.mark.objects)

    def _replace_index(self, without: Collection[bytes]) -> set[ObjectName]:
        """Write the index without these packs; gives the index objects that are superfluous then."""
        vault = self._vault
        old = {ObjectName(name) for name in vault.places.index_objects()}
        listed = {pack.digest for pack in vault.places.packs()}
        if listed.isdisjoint(without) and len(old) <= MANY_INDEX_OBJECTS:
            return set()
        self._progress.phase("writing the index")
        new = list_packs_anew(vault.sink, vault.places, vault.keys, without=without)
        return old - set(new)


def _digests(names: Iterable[ObjectName]) -> frozenset[bytes]:
    """Give the digests of the packs among these objects."""
    return frozenset(bytes.fromhex(digest_of(name)) for name in names if name.startswith("packs/"))
