"""Deleting what no snapshot needs any more, while others may be at work in the vault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tgvault.contracts.sink import ObjectName
from tgvault.engine.committing import forget_lost_packs
from tgvault.engine.leasing import leased
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import Progress
from tgvault.errors import VaultBusyError
from tgvault.retention.announcing import Announcer
from tgvault.retention.begun import begun_objects, begun_snapshots
from tgvault.retention.deleting import delete_all
from tgvault.retention.needs import Needs
from tgvault.retention.pack_names import digests, is_pack
from tgvault.retention.prune_report import PruneOptions, PruneReport
from tgvault.retention.reindexing import replace_index
from tgvault.retention.repacking import Repacker
from tgvault.retention.waste import PackUse, Plan, choose
from tgvault.retention.watching import Watch
from tgvault.state.lock import writing
from tgvault.state.scratch import scratch
from tgvault.vault.index import list_packs
from tgvault.vault.leases import HeldLease, LeaseKind
from tgvault.vault.manifests import SnapshotName
from tgvault.vault.marks import MarkKind, StoredMark
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.packs import pack_name

__all__ = ["prune", "prune_as"]

#: A mark of what was deleted names no more than these before the next one is begun: readers take no object that is
#: too large, and each prune would write all of them anew.
MANY_DELETED = 100_000

_REPAIR = "nothing is deleted from a vault that is damaged; run `tgvault verify --repair`, then try again"


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
    with _at_work(opened, options, now) as lease:
        return prune_as(lease, opened.vault, options, state=opened.state, now=now, progress=progress)


def prune_as(
    lease: HeldLease | None,
    vault: Vault,
    options: PruneOptions,
    *,
    state: Path,
    now: Callable[[], datetime],
    progress: Progress,
) -> PruneReport:
    """Prune for whom the vault is locked on this machine, and who has the lease; raises as `prune`.

    A dry run needs no lease. `state` is the folder for what does not fit into memory.
    """
    started = now()
    try:
        with scratch(state) as database:
            watch = Watch(vault.sink, vault.memory, own=lease.writer if lease is not None else "", now=started)
            announcer = Announcer(vault, lease, host=options.machine, time=started)
            run = _Prune(vault, options, announcer, watch, Needs(vault, database), progress)
            run.carry_out()
    finally:
        progress.done()
    return run.report(duration=round((now() - started).total_seconds(), 3))


@contextmanager
def _at_work(opened: OpenedVault, options: PruneOptions, now: Callable[[], datetime]) -> Iterator[HeldLease | None]:
    """Keep other writers of this machine away, and hold a lease; a dry run writes nothing and needs neither."""
    if options.dry_run:
        yield None
        return
    with writing(opened.lock), leased(opened, LeaseKind.PRUNE, machine=options.machine, now=now) as lease:
        yield lease


class _Prune:
    def __init__(
        self,
        vault: Vault,
        options: PruneOptions,
        announcer: Announcer,
        watch: Watch,
        needs: Needs,
        progress: Progress,
    ) -> None:
        self._vault = vault
        self._options = options
        self._announcer = announcer
        self._watch = watch
        self._needs = needs
        self._progress = progress
        self._sizes: dict[ObjectName, int] = {}
        #: What somebody has said to be deleted, and is there: snapshots, and all objects that are left alone as yet.
        self._begun: list[Snapshot] = []
        self._untouched: set[ObjectName] = set()
        self._expired: list[Snapshot] = []
        self._gone: list[Snapshot] = []
        self._plan = Plan((), (), (), 0)
        self._written = 0
        self._doomed: set[ObjectName] = set()
        self._waiting: set[ObjectName] = set()
        self._hosts: list[str] = []

    def carry_out(self) -> None:
        """Find what nobody needs, mark it, and delete what nobody can rely on."""
        if not self._options.dry_run:
            self._watch.bury()
        self._watch.check_alone(self._vault.keys)
        kept = self._look()
        candidates = self._choose()
        if self._options.dry_run:
            self._gone, self._doomed = self._expired, candidates
            return
        self._repack()
        self._announcer.unneeded({*candidates, *(each.name for each in self._expired)})
        ready = self._ready()
        self._delete(self._still_unneeded(kept, ready), marks=ready)

    def report(self, *, duration: float) -> PruneReport:
        """Give what was done."""
        packs = [name for name in self._doomed if name.startswith("packs/")]
        return PruneReport(
            snapshots=[each.id for each in self._gone],
            snapshots_later=sum(each not in self._gone for each in self._vault.forgotten),
            packs_deleted=len(packs),
            packs_rewritten=len(self._plan.repack),
            bytes_deleted=sum(self._sizes.get(name, 0) for name in packs),
            bytes_written=self._written,
            waste=self._plan.waste,
            bytes_waiting=sum(self._sizes.get(name, 0) for name in self._waiting),
            waiting_for=self._hosts,
            duration=duration,
        )

    def _look(self) -> set[SnapshotName]:
        """Read what there is, and what all snapshots need that are not expired; names these."""
        self._progress.phase("looking at the snapshots")
        self._sync()
        # What backups have set aside may be needed after all; that is to be found out here.
        forget_lost_packs(self._vault, marked=())
        marks = self._vault.marks
        over = self._watch.expired(marks.of(MarkKind.FORGET), grace=self._options.grace)
        over |= self._settle()
        self._expired = [each for each in (*self._vault.forgotten, *self._begun) if each.name in over]
        kept = {each.name: each for each in (*self._visible, *self._vault.forgotten) if each.name not in over}
        self._needs.avoid = digests(marks.objects(MarkKind.UNNEEDED))
        self._progress.phase("walking over the snapshots")
        self._needs.add(kept.values(), met=lambda: self._progress.advance(items=1))
        staying = [each for each in self._begun if each.name not in over]
        self._needs.add_what_is_there(staying)
        return {*kept, *(each.name for each in staying)}

    def _sync(self) -> None:
        vault = self._vault
        self._visible = vault.sync()
        for error in (*vault.bad_manifests, *vault.bad_indexes):
            raise type(error)(str(error), hint=_REPAIR)
        self._begun = list(begun_snapshots(vault))

    def _settle(self) -> set[ObjectName]:
        """Name what was deleted, is there all the same, and may go; what may not go yet is left untouched.

        That a mark says so is no reason to delete anything at once: it may come from another place of the vault in
        which nobody needed what is needed here, or from somebody who has stolen the keys of one machine.
        """
        there = begun_objects(self._vault)
        over = {ObjectName(each) for each in self._watch.settled("begun", there, grace=self._options.grace)}
        self._untouched = there - over
        return over

    def _choose(self) -> set[ObjectName]:
        """Name the packs that are to be deleted, those that have to be written anew before that among them."""
        self._sizes = {each.name: each.size for each in self._vault.sink.list("packs/") if is_pack(each.name)}
        listed = list(self._vault.places.contents())
        used = self._needs.used
        old = self._known_for_long()
        uses = (PackUse(digest, size, content, used[digest]) for digest, size, content in listed if digest in old)
        self._plan = choose(uses, max_unused=self._options.max_unused)
        known = {digest for digest, _, _ in listed}
        unlisted = digests(self._sizes) - known
        left = [digest for digest in self._watch.leftovers(unlisted) if digest in old and not used[digest]]
        chosen = [*(each.digest for each in (*self._plan.delete, *self._plan.repack)), *left]
        return {pack_name(digest.hex()) for digest in chosen} - self._untouched

    def _known_for_long(self) -> frozenset[bytes]:
        """Name the packs that this machine has seen for as long as what was forgotten can be taken back.

        Of a pack that is new, the snapshot that needs it may be one that the store does not list yet.
        """
        return digests(map(ObjectName, self._watch.settled("packs", self._sizes, grace=self._options.grace)))

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

    def _still_unneeded(self, kept: Collection[SnapshotName], ready: Collection[ObjectName]) -> set[ObjectName]:
        """Name what may be deleted now: what is marked, and not needed by any snapshot that came since either."""
        marked = {
            name for each in self._vault.marks.of(MarkKind.UNNEEDED) if each.name in ready for name in each.mark.objects
        }
        if not marked:
            return set()
        # After the leases: who was waited for has written his manifest before he let go of his lease.
        self._sync()
        new = [each for each in self._visible if each.name not in kept]
        if new and self._needs.has_holes:
            # What they share with one that is about to go is not looked at twice, and may be what that lacks.
            raise VaultBusyError("somebody has made a snapshot meanwhile", hint="prune again")
        self._needs.add(new)
        hidden = [each for each in (*self._vault.forgotten, *self._begun) if each.name not in kept]
        gone = marked.intersection(each.name for each in self._expired)
        # What a snapshot needs goes with it and not before: somebody who is at work may be building on it.
        self._needs.add_what_is_there(each for each in hidden if each.name not in gone)
        doomed = gone.intersection(each.name for each in hidden)
        return doomed | self._unneeded(name for name in marked - self._untouched if is_pack(name))

    def _unneeded(self, packs: Iterable[ObjectName]) -> set[ObjectName]:
        """Leave out the packs that have something which is needed and lies in no other pack that is listed."""
        doomed = set(packs)
        going = digests(doomed)
        needed: set[ObjectName] = set()
        for digest in going:
            for blob in (place.blob for place in self._vault.places.in_pack(digest)):
                if self._needs.has(blob) and going.issuperset(self._vault.places.listed_whole(blob)):
                    needed.update(pack_name(each.digest.hex()) for each in self._vault.places.whole(blob)[:1])
        return doomed - needed

    def _delete(self, doomed: set[ObjectName], *, marks: Collection[ObjectName]) -> None:
        vault = self._vault
        self._announcer.check_awake()
        self._doomed, self._waiting = doomed, self._waiting - doomed
        self._gone = [each for each in self._expired if each.name in doomed]
        self._progress.phase("writing the index")
        deleted = {*doomed, *replace_index(vault, without=digests(doomed))}
        if deleted:
            self._progress.phase("deleting", sum(self._sizes.get(name, 0) for name in doomed))
            before = [each for each in vault.marks.of(MarkKind.DELETED) if self._is_to_be_joined(each)]
            self._announcer.deleted(deleted.union(*(each.mark.objects for each in before)))
            for prefix in ("snapshots/", "index/", "packs/"):
                delete_all(vault.sink, (name for name in deleted if name.startswith(prefix)))
            delete_all(vault.sink, (each.name for each in before))
            vault.look_at_marks()
        delete_all(vault.sink, (each.name for each in vault.marks.of(MarkKind.FORGET) if self._is_over(each)))
        self._announcer.check_awake()
        delete_all(vault.sink, marks)
        vault.look_at_marks()

    def _is_to_be_joined(self, deleted: StoredMark) -> bool:
        # One that is not carried out may be taken back by who has put it.
        return len(deleted.mark.objects) < MANY_DELETED and self._untouched.isdisjoint(deleted.mark.objects)

    def _is_over(self, forget: StoredMark) -> bool:
        gone = self._vault.marks.objects(MarkKind.DELETED).difference(each.name for each in self._begun) | self._doomed
        return gone.issuperset(forget.mark.objects)
