"""Two machines that back up, forget, take back, prune, sync, sleep and are killed, in any order and in the midst of
each other."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from prune_support import DAY, KEYS, Keeper
from run_support import Held, Script, Talk, held, said, shown
from tgvault.contracts.sink import ObjectName
from tgvault.engine import ingesting
from tgvault.engine.progress import NullProgress
from tgvault.engine.removing import Deleted
from tgvault.engine.repairing import repair
from tgvault.engine.syncing import begin_copy, sync_copy
from tgvault.errors import NotFoundError, SinkError, VaultBusyError
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.leases import DEAD
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Vault
from vault_support import START

MACHINES = st.sampled_from([0, 1])
ARCHIVES = st.sampled_from(["a", "b", "c"])
SEEDS = st.integers(0, 5)

#: Before which of the writes of some work something happens, if anything does.
WRITES = st.one_of(st.none(), st.integers(1, 10))

#: What that is: the machine is killed, the other one does something at once, or the machine sleeps until it was taken
#: for dead, and the other one does things before and after.
MEANWHILE = st.sampled_from(["killed", "prune", "back up", "asleep", "asleep, take back", "asleep, back up"])

#: So that nobody needs large files to have files in several pieces.
PIECE = 1000


class Killed(BaseException):
    """The process is gone."""


class Hooked(MemorySink):
    """The objects of a store; something happens just before one of the writes."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        super().__init__(objects)
        self.left: int | None = None
        self.happens: Callable[[], object] = lambda: None

    def put(self, name: ObjectName, data: bytes) -> None:
        self._count()
        super().put(name, data)

    def delete(self, name: ObjectName) -> None:
        self._count()
        super().delete(name)

    def _count(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.left = None
            self.happens()


class Retention(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(ingesting, "MAX_BLOB", PIECE)
        self.objects: dict[str, bytes] = {HEADER: VaultHeader.make(KEYS, created=START, slots={}).to_json()}
        self.copy: dict[str, bytes] = {}
        begin_copy(MemorySink(self.copy), name="disk")
        self.machines = [self._machine(number) for number in range(2)]
        #: What each acknowledged snapshot holds, by name; and which of them are forgotten, by which mark.
        self.kept: dict[str, Held] = {}
        self.ever: dict[str, Held] = {}
        self.forgotten: dict[str, str] = {}
        self.is_copied = False

    def _machine(self, number: int, database: Database | None = None) -> Keeper:
        folder = Path(self.folder.name) / str(number)
        folder.mkdir(exist_ok=True)
        return Keeper(folder, Hooked(self.objects), database=database)

    def teardown(self) -> None:
        self.patch.undo()
        self.folder.cleanup()

    @rule(which=MACHINES, archive=ARCHIVES, seed=SEEDS, at=WRITES, meanwhile=MEANWHILE)
    def back_up(self, which: int, archive: str, seed: int, at: int | None, meanwhile: str) -> None:
        with self._at_write(which, at, meanwhile, archive, seed + 1) as machine:
            machine.back_up_at_work(script(seed), archive=archive)
        self._note_new()

    @rule(which=MACHINES, at=WRITES, meanwhile=MEANWHILE, archive=ARCHIVES, seed=SEEDS, forgets=st.booleans())
    def prune(self, which: int, at: int | None, meanwhile: str, archive: str, seed: int, forgets: bool) -> None:
        """Prune; perhaps somebody forgets a snapshot before, and all that is not needed goes."""
        if forgets and len(self.kept) > len(self.forgotten):
            self.forget(1 - which, seed)
        waste = 0 if forgets else 0.5
        with self._at_write(which, at, meanwhile, archive, seed) as machine:
            self._prune(machine, max_unused=waste)
        self._note_new()

    @rule(which=MACHINES)
    def prune_with_a_grace(self, which: int) -> None:
        before = self.objects.keys() & self.forgotten.keys()
        self._prune(self.machines[which], grace=10_000 * DAY)
        assert self.objects.keys() & self.forgotten.keys() == before

    @precondition(lambda self: len(self.kept) > len(self.forgotten))
    @rule(which=MACHINES, choice=st.integers(0, 100))
    def forget(self, which: int, choice: int) -> None:
        visible = sorted(self.kept.keys() - self.forgotten.keys())
        name = visible[choice % len(visible)]
        machine = self.machines[which]
        snapshot = next(each for each in machine.snapshots() if each.name == name)
        self.forgotten[name] = machine.forget(snapshot).name

    @precondition(lambda self: self.forgotten)
    @rule(which=MACHINES, at=WRITES, meanwhile=MEANWHILE, choice=st.integers(0, 100), archive=ARCHIVES, seed=SEEDS)
    def take_back(self, which: int, at: int | None, meanwhile: str, choice: int, archive: str, seed: int) -> None:
        with self._at_write(which, at, meanwhile, archive, seed) as machine:
            self._take_back(machine, choice)
        self._note_new()

    @rule(which=MACHINES)
    def lose_the_state(self, which: int) -> None:
        self.machines[which] = self._machine(which)

    @rule(which=MACHINES)
    def sync(self, which: int) -> None:
        """Bring the copy up to date, as a backup does."""
        deleted = self.machines[which].vault.look_at_marks().objects(MarkKind.DELETED)
        self._sync(Deleted(deleted))

    @precondition(lambda self: self.is_copied)
    @rule(which=MACHINES, choice=st.integers(0, 1000))
    def repair(self, which: int, choice: int) -> None:
        """The vault loses objects that the copy has; then they are brought back."""
        machine = self.machines[which]
        named = sorted(each for each in self.objects.keys() & self.copy.keys() if each != HEADER)
        for name in random.Random(choice).sample(named, min(choice % 4, len(named))):
            del self.objects[name]
        deleted = machine.vault.look_at_marks().objects(MarkKind.DELETED)
        places = {"disk": lambda: MemorySink(self.copy)}
        repair(MemorySink(self.objects), places, (), KEYS, deleted=deleted, away=lambda _, error: self._raise(error))
        # A mark that was lost may have been taken back: nobody knows.
        self.forgotten = {name: mark for name, mark in self.forgotten.items() if mark in self.objects}
        self._forget_what_is_gone()

    @precondition(lambda self: self.is_copied)
    @rule()
    def go_on_from_the_copy(self) -> None:
        """The vault is lost; the copy stands in for it."""
        self.objects.clear()
        self.objects.update(self.copy)
        for machine in self.machines:
            machine.vault.sync(accept_missing=True)
        vault = self._fresh()
        vault.sync(accept_missing=True)
        marks = {name: each.name for each in vault.marks.of(MarkKind.FORGET) for name in each.mark.objects}
        self.kept = {name: what for name, what in self.ever.items() if name in self.objects}
        self.forgotten = {name: mark for name, mark in marks.items() if name in self.kept}
        self._note_new()

    @invariant()
    def every_snapshot_is_whole(self) -> None:
        found = {}
        vault = self._fresh()
        for each in vault.sync():
            found[each.name] = held(vault, each)
        assert vault.bad_indexes == vault.bad_manifests == vault.bad_marks == []
        assert found == {name: what for name, what in self.kept.items() if name not in self.forgotten}
        for each in vault.forgotten:
            assert held(vault, each) == self.kept[each.name]

    @invariant()
    def every_snapshot_of_the_copy_is_whole(self) -> None:
        if self.is_copied:
            vault = Vault(MemorySink(dict(self.copy)), KEYS, Database.in_memory())
            for each in vault.sync():
                held(vault, each)
            assert vault.bad_indexes == vault.bad_manifests == vault.bad_marks == []

    def _fresh(self) -> Vault:
        """The vault as a machine sees it that knows nothing."""
        return Vault(MemorySink(self.objects), KEYS, Database.in_memory())

    def _prune(self, machine: Keeper, *, grace: float = 0, max_unused: float = 0, later: float = 0) -> None:
        # A prune of the other machine was killed, and is not dead for long enough; or this one was taken for dead.
        with suppress(VaultBusyError):
            machine.prune(grace=grace, max_unused=max_unused, later=later)

    def _take_back(self, machine: Keeper, choice: int) -> None:
        there = sorted(self.forgotten.keys() & self.objects.keys())
        if not there:
            return
        name = there[choice % len(there)]
        try:
            machine.take_back(name.rpartition("-")[2][:8])
        except (NotFoundError, SinkError, VaultBusyError):
            if self.forgotten.get(name) in self.objects or name not in self.objects:
                return
        # Whoever is told that it is there relies on it.
        self.forgotten.pop(name, None)

    def _sync(self, deleted: Deleted) -> None:
        sync_copy(
            lambda: MemorySink(self.objects),
            lambda: MemorySink(self.copy),
            name="disk",
            is_new=not self.is_copied,
            progress=NullProgress(),
            keys=KEYS,
            deleted=deleted,
        )
        self.is_copied = True

    @contextmanager
    def _at_write(self, which: int, at: int | None, meanwhile: str, archive: str, seed: int) -> Iterator[Keeper]:
        """Do some work on a machine, while something happens just before one of its writes."""
        machine, other = self.machines[which], self.machines[1 - which]

        def happens() -> None:
            if meanwhile == "killed":
                raise Killed
            if meanwhile.startswith("asleep"):
                # It has to see the lease, and an hour later that it is as it was.
                self._prune(other)
                other.now = max(other.now, machine.now)
                later = DEAD
                if meanwhile == "asleep, take back":
                    other.now += timedelta(seconds=DEAD)
                    self._take_back(other, seed)
                    later = 0
                self._prune(other, later=later)
            if meanwhile == "prune":
                self._prune(other)
            if meanwhile.endswith("back up"):
                other.back_up_at_work(script(seed), archive=archive)

        assert isinstance(machine.sink, Hooked)
        machine.sink.left, machine.sink.happens = at, happens
        try:
            yield machine
        except Killed:
            # It may have been taking back.
            there = self.objects.keys()
            self.forgotten = {name: mark for name, mark in self.forgotten.items() if mark in there or name not in there}
            self.machines[which] = self._machine(which, machine.vault.database)
        finally:
            machine.sink.left = None

    def _note_new(self) -> None:
        """Whatever is committed is to stay, acknowledged or not."""
        vault = self._fresh()
        for each in vault.sync():
            if each.name not in self.kept:
                self.kept[each.name] = self.ever[each.name] = held(vault, each)

    def _forget_what_is_gone(self) -> None:
        self.kept = {name: what for name, what in self.kept.items() if name in self.objects}
        self.forgotten = {name: mark for name, mark in self.forgotten.items() if name in self.kept}

    def _raise(self, error: Exception) -> None:
        raise error


def script(seed: int) -> Script:
    """Exports that share most of what they have; every other one says when it did not change."""
    messages = [said(number, f"text {number}") for number in range(1, 4 + seed)]
    files = {f"c/{number}.jpg": photo(number) for number in range(seed % 3, seed % 3 + 2)}
    talk = Talk([*messages, *(shown(100 + at, name) for at, name in enumerate(files))])
    return Script([talk], files=files, fingerprint=b"%d" % seed if seed % 2 else None, stamped=True)


def photo(number: int) -> bytes:
    return random.Random(number).randbytes(2 * PIECE + number)


Retention.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRetention = Retention.TestCase
