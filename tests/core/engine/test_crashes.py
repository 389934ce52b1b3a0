"""A kill at any instant leaves the last snapshot whole, and the next run completes."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from run_support import NOON, Held, Machine, Script, Talk, held, read, said, shown, talk
from tgvault.contracts.sink import ObjectName
from tgvault.engine import filing, ingesting
from tgvault.state.database import Database
from tgvault.testing import CrashState, MemorySink, RecordingSink, crash_states, names
from tgvault.vault import writer
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.opened import Vault
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig
from vault_support import a_bundle

KEYS = a_bundle()


def scripts() -> list[Script]:
    noise = random.Random(3).randbytes
    photos = {f"c/{number}.jpg": noise(3000) for number in range(3)}
    first = {number: f"text {number}" for number in range(1, 900)}
    second = {**{number: text for number, text in first.items() if number != 7}, 300: "edited", 950: "new"}
    pictures = Talk([shown(number + 1, name) for number, name in enumerate(photos)], number=2)
    odd = Talk([said(number, "x") for number in (5, 3, 4)], number=3)
    return [
        Script(
            [talk(first, split=200), pictures],
            documents={"contacts": b"1"},
            files={**photos, "a.bin": noise(900_000)},
            stamped=True,
        ),
        Script(
            [talk(second, split=200), pictures, odd],
            documents={"contacts": b"2"},
            files={**photos, "b.bin": noise(900_000)},
            at=NOON + timedelta(minutes=1),
            stamped=True,
        ),
    ]


@pytest.fixture(scope="module", autouse=True)
def small_packs() -> Iterator[None]:
    """So that there are many writes, and files whose pieces lie in several packs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingesting, "MAX_BLOB", 200_000)
        patch.setattr(filing, "MEDIA_PACK", 300_000)
        patch.setattr(writer, "TEXT_PACK", 8000)
        yield


@pytest.fixture(scope="module")
def undisturbed() -> tuple[list[Held], list[CrashState]]:
    """What the two snapshots hold, and the store at every instant of their making."""
    sink = RecordingSink(MemorySink())
    machine = Machine(KEYS, sink)
    for script in scripts():
        machine.back_up(script)
    contents = [held(machine.vault, snapshot) for snapshot in machine.vault.sync()]
    return contents, list(crash_states(sink.operations))


def test_every_instant_leaves_whole_snapshots_to_a_machine_that_knows_nothing(
    undisturbed: tuple[list[Held], list[CrashState]],
) -> None:
    contents, states = undisturbed
    assert len(states) > 20

    for state in states:
        vault = Vault(state.sink, KEYS, Database.in_memory())
        snapshots = vault.sync()
        vault.require_writable()
        found = [held(vault, snapshot) for snapshot in snapshots]

        half = state.torn and "put snapshots/" in state.label
        assert found == contents[: len(snapshots)], state.label
        assert len(snapshots) == len(names(state.sink, "snapshots/")) - half, state.label


def test_after_every_instant_a_machine_that_knows_nothing_completes(
    undisturbed: tuple[list[Held], list[CrashState]],
) -> None:
    contents, states = undisturbed

    for state in states:
        machine = Machine(KEYS, MemorySink(dict(state.sink.objects)))
        for script in scripts():
            machine.back_up(script)

        assert read(machine) == contents[-1], state.label


class Killed(BaseException):
    """The process is gone."""


class KillingSink(MemorySink):
    """Stores so many objects, of the next one half if `torn`, and then ends the run."""

    def __init__(self, objects: dict[str, bytes], writes: int, *, torn: bool) -> None:
        super().__init__(objects)
        self.left = writes
        self._torn = torn

    def put(self, name: ObjectName, data: bytes) -> None:
        if self.left == 0:
            if self._torn:
                super().put(name, data[: len(data) // 2])
            raise Killed
        self.left -= 1
        super().put(name, data)


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("killed", [0, 1])
def test_after_every_instant_the_machine_that_was_killed_completes(
    undisturbed: tuple[list[Held], list[CrashState]], killed: int, torn: bool
) -> None:
    contents, _ = undisturbed
    for writes in range(30):
        objects: dict[str, bytes] = {}
        database = Database.in_memory()
        for script in scripts()[:killed]:
            Machine(KEYS, MemorySink(objects), database).back_up(script)
        sink = KillingSink(objects, writes, torn=torn)
        try:
            Machine(KEYS, sink, database).back_up(scripts()[killed])
        except Killed:
            machine = Machine(KEYS, MemorySink(objects), database, clock=NOON + timedelta(hours=1))
            before = [held(machine.vault, each) for each in machine.vault.sync()]
            for script in scripts()[killed:]:
                machine.back_up(script)

            assert before == contents[:killed]
            assert read(machine) == contents[-1]
            continue
        break

    assert 5 < writes < 30


def test_what_was_packed_before_the_kill_is_not_packed_again() -> None:
    objects: dict[str, bytes] = {}
    database = Database.in_memory()
    with pytest.raises(Killed):
        Machine(KEYS, KillingSink(objects, 4, torn=False), database).back_up(scripts()[0])
    packed = sum(len(data) for data in objects.values())

    machine = Machine(KEYS, MemorySink(objects), database)
    machine.back_up(scripts()[0])

    assert packed > 800_000
    assert sum(len(data) for data in objects.values()) - packed < 100_000


RUN = """
import os, pickle, signal, sys
from datetime import timedelta
from pathlib import Path
from run_support import NOON, Machine
from tgvault.state.database import Database
from tgvault.vault import writer
from tgvault.vault.bundle import KeyBundle
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig

class Deadly(LocalSink):
    left = int(sys.argv[2])
    def put(self, name, data):
        if Deadly.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        Deadly.left -= 1
        super().put(name, data)

folder = Path(sys.argv[1])
keys = KeyBundle.from_json((folder / "keys").read_bytes())
database = Database.open(folder / "state.db", key=keys.id_key.state_key())
machine = Machine(keys, Deadly(LocalSinkConfig(path=folder / "vault")), database, clock=NOON)
for script in pickle.loads((folder / "scripts").read_bytes()):
    machine.back_up(script)
    machine.now += timedelta(hours=int(sys.argv[2]))
"""


@pytest.mark.parametrize("writes", range(8))
def test_a_process_that_is_killed_leaves_whole_snapshots_and_a_state_that_is_of_use(
    undisturbed: tuple[list[Held], list[CrashState]], tmp_path: Path, writes: int
) -> None:
    contents, _ = undisturbed
    (tmp_path / "keys").write_bytes(KEYS.to_json())
    (tmp_path / "scripts").write_bytes(pickle.dumps(scripts()))
    sink = LocalSink(LocalSinkConfig(path=tmp_path / "vault"))
    sink.prepare()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    ended = subprocess.run([sys.executable, "-c", RUN, tmp_path, str(writes)], env=environment)

    assert ended.returncode == (-signal.SIGKILL)
    keys = KeyBundle.from_json((tmp_path / "keys").read_bytes())
    database = Database.open(tmp_path / "state.db", key=keys.id_key.state_key())
    machine = Machine(keys, sink, database, clock=NOON + timedelta(hours=5))
    done = [held(machine.vault, snapshot) for snapshot in machine.vault.sync()]
    assert done == contents[: len(done)]
    for script in scripts()[len(done) :]:
        machine.back_up(script)
    assert read(machine) == contents[-1]
    database.close()
