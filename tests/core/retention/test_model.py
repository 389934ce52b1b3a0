"""Two machines that back up, forget, take back, prune, and are killed, in any order and in the midst of each other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from prune_support import KEYS, Keeper
from run_support import Held, Script, Talk, held, said, shown
from tgvault.contracts.sink import ObjectName
from tgvault.errors import VaultBusyError
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.leases import DEAD
from tgvault.vault.opened import Vault

MACHINES = st.sampled_from([0, 1])
ARCHIVES = st.sampled_from(["a", "b", "c"])
WRITES = st.one_of(st.none(), st.integers(1, 12))


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


def killed() -> None:
    raise Killed


class Retention(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.objects: dict[str, bytes] = {}
        self.machines = [self._machine() for _ in range(2)]
        #: What each acknowledged snapshot holds, by name; and which of them are forgotten, by which mark.
        self.kept: dict[str, Held] = {}
        self.forgotten: dict[str, str] = {}
        self.days = 0

    def _machine(self, database: Database | None = None) -> Keeper:
        return Keeper(Path(self.folder.name), Hooked(self.objects), database=database)

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(which=MACHINES, archive=ARCHIVES, seed=st.integers(0, 5), at=WRITES, other=st.booleans())
    def back_up(self, which: int, archive: str, seed: int, at: int | None, other: bool) -> None:
        """Back up; perhaps the machine is killed at a write, or the other one prunes the vault just then."""
        machine, happens = self.machines[which], killed
        if other:
            happens = lambda: self._prune(1 - which)  # type: ignore[assignment, return-value] # noqa: E731
        self._at_write(which, at, happens, lambda: machine.back_up_at_work(script(seed), archive=archive))
        self._note_new()

    @rule(which=MACHINES, at=WRITES, archive=ARCHIVES, seed=st.integers(0, 5), other=st.booleans())
    def prune(self, which: int, at: int | None, archive: str, seed: int, other: bool) -> None:
        """Prune; perhaps the machine is killed at a write, or the other one backs up just then."""

        def back_up() -> None:
            self.machines[1 - which].back_up_at_work(script(seed), archive=archive)

        self._at_write(which, at, back_up if other else killed, lambda: self._prune(which))
        self._note_new()

    @precondition(lambda self: len(self.kept) > len(self.forgotten))
    @rule(which=MACHINES, choice=st.integers(0, 100))
    def forget(self, which: int, choice: int) -> None:
        visible = sorted(self.kept.keys() - self.forgotten.keys())
        name = visible[choice % len(visible)]
        machine = self.machines[which]
        snapshot = next(each for each in machine.snapshots() if each.name == name)
        self.forgotten[name] = machine.forget(snapshot).name

    @precondition(lambda self: self.forgotten)
    @rule(which=MACHINES, choice=st.integers(0, 100))
    def take_back(self, which: int, choice: int) -> None:
        name = sorted(self.forgotten)[choice % len(self.forgotten)]
        machine = self.machines[which]
        machine.snapshots()
        if name in {each.name for each in machine.vault.forgotten}:
            machine.sink.delete(ObjectName(self.forgotten.pop(name)))

    @rule(which=MACHINES)
    def lose_the_state(self, which: int) -> None:
        self.machines[which] = self._machine()

    @rule()
    def an_hour_passes(self) -> None:
        for machine in self.machines:
            machine.prune_later = DEAD  # type: ignore[attr-defined]

    @invariant()
    def every_snapshot_is_whole(self) -> None:
        found = {}
        vault = Vault(MemorySink(self.objects), KEYS, Database.in_memory())
        for each in vault.sync():
            found[each.name] = held(vault, each)
        assert vault.bad_indexes == vault.bad_manifests == vault.bad_marks == []
        assert found == {name: what for name, what in self.kept.items() if name not in self.forgotten}
        for each in vault.forgotten:
            assert held(vault, each) == self.kept[each.name]

    def _prune(self, which: int) -> None:
        machine = self.machines[which]
        later = machine.__dict__.pop("prune_later", 0)
        try:
            machine.prune(later=later)
        except VaultBusyError:
            # A prune of the other machine was killed, and is not dead for long enough.
            return

    def _at_write(self, which: int, at: int | None, happens: Callable[[], object], work: Callable[[], object]) -> None:
        sink = self.machines[which].sink
        assert isinstance(sink, Hooked)
        sink.left, sink.happens = at, happens
        try:
            work()
        except Killed:
            self.machines[which] = self._machine(self.machines[which].vault.database)
        finally:
            sink.left = None

    def _note_new(self) -> None:
        """Whatever is committed is to stay, acknowledged or not."""
        vault = Vault(MemorySink(self.objects), KEYS, Database.in_memory())
        for each in vault.sync():
            if each.name not in self.kept:
                self.kept[each.name] = held(vault, each)


def script(seed: int) -> Script:
    """Exports that share most of what they have."""
    messages = [said(number, f"text {number}") for number in range(1, 4 + seed)]
    files = {f"c/{number}.jpg": bytes([number]) * 3000 for number in range(seed % 3, seed % 3 + 2)}
    return Script([Talk([*messages, *(shown(100 + at, name) for at, name in enumerate(files))])], files=files)


Retention.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRetention = Retention.TestCase
