"""Verifying a vault: that every object is there and is what it was, and that every snapshot can be restored."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.keyed import BlobId
from tgvault.engine.checking import PackDone, PackTask, check_packs
from tgvault.engine.context import WorkContext
from tgvault.engine.opening import OpenedVault
from tgvault.engine.pool import Pool, make_pool
from tgvault.engine.progress import Progress
from tgvault.engine.repairing import Repair
from tgvault.engine.tasks import WorkerSetup
from tgvault.engine.walking import Walk
from tgvault.errors import (
    CorruptObjectError,
    MissingBlobError,
    MissingObjectError,
    TgVaultError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.state.memory import DAMAGED
from tgvault.state.places import Pack
from tgvault.state.scratch import Visits, scratch
from tgvault.vault.diagnosis import HINT, Owner, as_damage, digest_of, owner_among
from tgvault.vault.header import HEADER, read_header
from tgvault.vault.index import LIST_AGAIN, load_index_object
from tgvault.vault.manifests import check_manifest, decode_manifest, manifest_names
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Snapshot, check_lineage, is_indexed, not_indexed
from tgvault.vault.packs import pack_name
from tgvault.vault.slot_checks import check_slots

__all__ = ["Level", "Problem", "VerifyReport", "verify"]

#: Tasks under way at most.
MAX_TASKS = 2_000

#: Packs in a task at least: while one is checked the next is read.
PACKS_A_TASK = 4

#: How often to look at most, where the vault is pruned meanwhile.
_LOOKS = 3

_NOT_NEEDED = "no snapshot needs it: delete it, then run `tgvault verify` again"

_PACK = re.compile(r"packs/([0-9a-f]{2})/\1[0-9a-f]{62}\.age")


class Level(StrEnum):
    """How deep to look: `objects` reads names and sizes, `index` also everything but media, `data` every byte."""

    OBJECTS = "objects"
    INDEX = "index"
    DATA = "data"


class Problem(msgspec.Struct, frozen=True):
    """Something in the vault that is not as it should be."""

    object: Annotated[str, Meta(description="The object, or the part of a snapshot.")]
    kind: Annotated[str, Meta(description="The class of the error, as in the list of errors.")]
    message: Annotated[str, Meta(description="What is wrong.")]
    hint: Annotated[str | None, Meta(description="The way out.")]
    copies: Annotated[list[str], Meta(description="The other places that have an object of the name.")] = []


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification looked at and found."""

    level: Annotated[Level, Meta(description="How deep it looked.")]
    snapshots: Annotated[int, Meta(description="Snapshots in the vault.")]
    objects: Annotated[int, Meta(description="Objects in the sink.")]
    bytes: Annotated[int, Meta(description="Bytes of these objects.")]
    packs: Annotated[int, Meta(description="Packs that were read whole.")]
    packs_total: Annotated[int, Meta(description="Packs in the vault.")]
    blobs: Annotated[int, Meta(description="Blobs that were checked against their names.")]
    leftover: Annotated[
        int, Meta(description="Packs that no index object lists and no snapshot needs: left by a run that was killed.")
    ]
    duration: Annotated[float, Meta(description="Seconds that it took.")]
    problems: Annotated[list[Problem], Meta(description="What is not as it should be; empty when all is well.")]
    repaired: Annotated[list[Repair], Meta(description="What `--repair` has brought back before.")] = []
    sink: Annotated[str, Meta(description="What was verified: a copy by its name, or `primary`.")] = "primary"


def verify(
    opened: OpenedVault,
    *,
    level: Level,
    sample: float,
    jobs: int | None,
    now: Callable[[], datetime],
    progress: Progress,
) -> VerifyReport:
    """Look at everything, list what is wrong, and stop at nothing.

    With a `sample` below 1 only that share of the packs' bytes is read at level `data`, those first whose last
    verification lies furthest back.

    Raises:
        SinkError: the sink cannot be read.
    """
    started = now()
    try:
        for _ in range(_LOOKS):
            with scratch(opened.state) as database:
                run = _Verification(opened, Visits(database), progress)
                run.objects()
                if level is Level.INDEX:
                    run.snapshots()
                if level is Level.DATA:
                    _read_all(run, opened, sample=sample, jobs=jobs, time=started)
            if not run.was_overtaken():
                break
    finally:
        progress.done()
    return run.report(level, duration=round((now() - started).total_seconds(), 3))


def _read_all(run: _Verification, opened: OpenedVault, *, sample: float, jobs: int | None, time: datetime) -> None:
    setup = WorkerSetup(opened.sink, None, (), opened.vault.keys, str(opened.database))
    pool = make_pool(setup, WorkContext(opened.vault), jobs=jobs)
    try:
        # The workers read the packs while this process walks over the snapshots.
        checks = run.start_data(pool, sample=sample)
        run.snapshots()
        run.data(checks, time=time)
    finally:
        pool.close()


class _Verification:
    def __init__(self, opened: OpenedVault, visits: Visits, progress: Progress) -> None:
        self._opened = opened
        self._vault = opened.vault
        self._visits = visits
        self._progress = progress
        self._problems: dict[tuple[str, str], Problem] = {}
        self._stored: dict[str, int] = {}
        self._deleted: frozenset[ObjectName] = frozenset()
        self._good: list[Snapshot] = []
        #: Packs that no index object lists, with their sizes, and those of them that a snapshot needs.
        self._unlisted: dict[bytes, int] = {}
        self._unlisted_needed: set[bytes] = set()
        self._is_indexed = True
        self._packs = 0
        self._blobs = 0

    def objects(self) -> None:
        """Check what is there, and everything that is small."""
        self._progress.phase("looking at the objects")
        names = manifest_names(self._vault.sink)
        deleted = self._deleted = self._vault.look_at_marks().objects(MarkKind.DELETED)
        for error in self._vault.bad_marks:
            self._note("marks", error)
        self._stored = {each.name: each.size for each in self._vault.sink.list("")}
        self._try(HEADER, self._header)
        self._index_objects(deleted)
        for pack in self._vault.places.packs():
            self._present(pack)
        self._unlisted = dict(self._find_unlisted())
        owner = owner_among(names)
        for name in names:
            if name not in deleted:
                self._try(name, lambda name=name: self._manifest(name, owner))  # type: ignore[misc]
        present = {*names, *deleted}
        self._try("snapshots", lambda: check_lineage(self._good, self._vault.memory, present=present))
        self._is_indexed = is_indexed(self._good, self._vault.places)
        if not self._is_indexed:
            self._note("index", not_indexed())

    def was_overtaken(self) -> bool:
        """Tell whether what was found may only be that somebody has pruned the vault meanwhile."""
        return bool(self._problems) and self._vault.look_at_marks().objects(MarkKind.DELETED) != self._deleted

    def snapshots(self) -> None:
        """Walk over all snapshots: whatever one needs has to be in the index, and all text has to be readable."""
        self._progress.phase("walking over the snapshots")
        if self._unlisted:
            self._vault.places.look_again()
            self._vault.read_directories()
        walk = Walk(
            self._vault.reader,
            first=self._visits.first,
            needed=self._needed,
            failed=lambda where, error: self._note(where, error),
            errors=(VaultError,),
        )
        for snapshot in self._good:
            self._try(snapshot.name, lambda each=snapshot: walk.snapshot(each.manifest))  # type: ignore[misc]
            self._progress.advance(items=1)

    def start_data(self, pool: Pool, *, sample: float) -> list[tuple[Future[list[PackDone]], int]]:
        """Have packs read whole; each check is given with the size in bytes of its packs."""
        packs = [pack for pack in self._sample(sample) if pack_name(pack.digest.hex()) in self._stored]
        # What is under way takes memory: its amount must not grow with the vault.
        step = len(packs) // MAX_TASKS + PACKS_A_TASK
        checks = []
        for at in range(0, len(packs), step):
            some = packs[at : at + step]
            task = PackTask(tuple((pack.digest, pack.size) for pack in some))
            checks.append((pool.submit(check_packs, task), sum(pack.size for pack in some)))
        return checks

    def data(self, checks: list[tuple[Future[list[PackDone]], int]], *, time: datetime) -> None:
        """Take in what the checks of packs found."""
        self._progress.phase("reading the packs", sum(size for _, size in checks))
        for check, _ in checks:
            for done in check.result():
                self._pack_done(done, time.isoformat(timespec="seconds"))

    def report(self, level: Level, *, duration: float) -> VerifyReport:
        """Give what was found."""
        return VerifyReport(
            level=level,
            snapshots=len(self._good),
            objects=len(self._stored),
            bytes=sum(self._stored.values()),
            packs=self._packs,
            packs_total=sum(1 for _ in self._vault.places.packs()),
            blobs=self._blobs,
            leftover=len(self._unlisted.keys() - self._unlisted_needed) if self._is_indexed else 0,
            duration=duration,
            problems=list(self._problems.values()),
        )

    def _header(self) -> None:
        header = read_header(self._vault.sink)
        header.check(self._vault.keys)
        for name, error in check_slots(self._vault.sink, header, self._vault.keys):
            self._note(name, error)

    def _index_objects(self, deleted: Collection[ObjectName]) -> None:
        """Read all index objects anew: what this machine remembers of them says nothing about the sink."""
        self._vault.places.forget_index_objects(deleted)
        known = self._vault.places.index_objects()
        present = [name for name in self._stored if name.startswith("index/") and name not in deleted]
        for name in sorted(known - set(present)):
            self._note(name, MissingObjectError(f"`{name}` is not in the sink", hint=LIST_AGAIN))
        if known - set(present):
            self._vault.places.clear()
        owner = owner_among(map(ObjectName, present))
        for name in sorted(present):
            self._try(name, lambda name=name: self._index_object(ObjectName(name), owner))  # type: ignore[misc]
        self._vault.places.remove(bytes.fromhex(digest_of(name)) for name in deleted if _PACK.fullmatch(name))

    def _index_object(self, name: ObjectName, owner: Owner) -> None:
        load_index_object(name, self._get(name), self._vault.places, self._vault.keys, owner=owner)

    def _get(self, name: ObjectName) -> bytes:
        with as_damage(name):
            return self._vault.sink.get(name)

    def _present(self, pack: Pack) -> None:
        name = pack_name(pack.digest.hex())
        size = self._stored.get(name)
        if size is None:
            self._note(name, MissingObjectError(f"`{name}` is not in the sink", hint=HINT))
        elif size < pack.size:
            self._note(name, TruncatedObjectError(f"`{name}` is cut off after {size} of {pack.size} bytes", hint=HINT))
        elif size > pack.size:
            self._note(name, CorruptObjectError(f"`{name}` has {size} bytes instead of {pack.size}", hint=HINT))

    def _find_unlisted(self) -> Iterator[tuple[bytes, int]]:
        """Give digest and size of the packs that no index object lists."""
        listed = {pack_name(pack.digest.hex()) for pack in self._vault.places.packs()}
        for name, size in self._stored.items():
            if _PACK.fullmatch(name) and name not in listed:
                yield bytes.fromhex(digest_of(ObjectName(name))), size

    def _manifest(self, name: ObjectName, owner: Owner) -> None:
        payload = check_manifest(name, self._get(name), self._vault.keys, owner=owner)
        self._good.append(Snapshot(name, decode_manifest(name, payload, self._vault.keys)))

    def _needed(self, blob: BlobId, where: str) -> None:
        place = self._vault.places.find(blob)
        if place is None:
            self._note(where, MissingBlobError(f"no index object lists the blob `{blob.hex()[:16]}…`", hint=HINT))
        elif place.digest in self._unlisted and place.digest not in self._unlisted_needed:
            self._unlisted_needed.add(place.digest)
            name = pack_name(place.digest.hex())
            message = f"`{name}` is needed by snapshots, and no index object in the sink lists it"
            self._note(name, MissingObjectError(message, hint=LIST_AGAIN))

    def _sample(self, share: float) -> list[Pack]:
        unlisted = [Pack(digest, size, 0) for digest, size in self._unlisted.items()]
        packs = [*self._vault.places.packs(), *unlisted]
        if share >= 1:
            return packs
        last = self._vault.memory.verified(DAMAGED) | self._vault.memory.verified(Level.DATA)
        wanted = share * sum(pack.size for pack in packs)
        chosen: list[Pack] = []
        size = 0
        for pack in sorted(packs, key=lambda pack: (last.get(pack.digest, ""), pack.digest)):
            if size >= wanted:
                break
            chosen.append(pack)
            size += pack.size
        return chosen

    def _pack_done(self, done: PackDone, time: str) -> None:
        self._progress.advance(done.bytes, items=1)
        # At once, not at the end: a run that is stopped has not read for nothing.
        level = Level.DATA if done.error is None else DAMAGED
        self._vault.memory.note_verified([done.digest], time=time, level=level)
        name = pack_name(done.digest.hex())
        if done.digest in self._unlisted and self._is_indexed and done.digest not in self._unlisted_needed:
            if done.error is not None:
                self._note(name, type(done.error)(str(done.error), hint=_NOT_NEEDED))
            return
        self._packs += 1
        self._blobs += done.blobs
        if done.error is not None:
            self._note(name, done.error)

    def _try(self, name: str, check: Callable[[], object]) -> None:
        try:
            check()
        except VaultError as error:
            self._note(name, error)

    def _note(self, name: str, error: Exception) -> None:
        hint = error.hint if isinstance(error, TgVaultError) else None
        problem = Problem(name, type(error).__name__, str(error), hint)
        self._problems.setdefault((name, problem.message), problem)
