"""Eight machines back up into one vault on object storage, one prunes it, and machines and a disk die meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from restore_support import a_recipient
from servers.seaweed_cluster import SeaweedCluster
from storm_support import Acknowledged, Place, keep_pruning, keep_writing, now
from tgvault.config.table import Table
from tgvault.contracts.credentials import Credential
from tgvault.contracts.sink import Sink
from tgvault.engine.progress import NullProgress
from tgvault.engine.restoring import RestoreOptions, restore
from tgvault.engine.verifying import Level, verify
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.slot_changes import add_recipient_slot
from vault_support import a_bundle

KEYS = a_bundle()
WRITERS = 8
ARCHIVES = 4

#: Exports that each writer backs up.
ROUNDS = 3

#: Acknowledged snapshots after which the disk and two machines die, and after which the disk is there again.
DEATHS, RETURN = 5, 14

_SPAWN = get_context("spawn")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedCluster]:
    with SeaweedCluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


class Storm:
    """The machines, and what they have told so far."""

    def __init__(self, cluster: SeaweedCluster, root: Path) -> None:
        self.cluster = cluster
        self.root = root
        self.spec = a_place(cluster)
        self.acknowledged: list[Acknowledged] = []
        self.forgotten: set[str] = set()
        self.pruned = 0
        self._writers: dict[Connection, tuple[int, BaseProcess]] = {}
        self._pruner: Connection | None = None

    def begin(self) -> None:
        for number in range(WRITERS):
            self._start_writer(number)
        here, there = _SPAWN.Pipe()
        place = self.place("pruner")
        _SPAWN.Process(target=keep_pruning, args=(place, there), daemon=True).start()
        there.close()
        self._pruner = here

    def go_on_until(self, snapshots: int) -> None:
        """Listen until so many snapshots are acknowledged, or nobody has anything left to back up."""
        assert self._pruner is not None
        while self._writers and len(self.acknowledged) < snapshots:
            for each in wait([*self._writers, self._pruner]):
                assert isinstance(each, Connection)
                (self._hear_pruner if each is self._pruner else self._hear)(each)

    def kill_writers(self, *numbers: int) -> None:
        """Kill writers, and start them again on the same machines."""
        for told, (number, process) in list(self._writers.items()):
            if number in numbers:
                del self._writers[told]
                process.kill()
                process.join()
                while told.poll():
                    try:
                        self._note(told.recv())
                    except EOFError:
                        break
                self._start_writer(number)

    def end(self) -> None:
        """Have the pruner end."""
        assert self._pruner is not None
        self._pruner.send("stop")
        while self._hear_pruner(self._pruner):
            pass

    def place(self, name: str) -> Place:
        """A machine of that name."""
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        return Place(self.spec, KEYS, folder)

    def _start_writer(self, number: int) -> None:
        here, there = _SPAWN.Pipe()
        arguments = (self.place(f"machine{number}"), f"archive {number % ARCHIVES}", ROUNDS, there)
        process = _SPAWN.Process(target=keep_writing, args=arguments, daemon=True)
        process.start()
        there.close()
        self._writers[here] = number, process

    def _hear(self, told: Connection) -> None:
        said = told.recv()
        if said is None:
            self._writers.pop(told)[1].join()
            return
        self._note(said)

    def _note(self, said: object) -> None:
        if isinstance(said, Acknowledged):
            self.acknowledged.append(said)

    def _hear_pruner(self, told: Connection) -> bool:
        match told.recv():
            case None:
                return False
            case ("forgets", list() as names):
                self.forgotten.update(names)
            case ("pruned", int() as packs, _, _):
                self.pruned += packs
        return True


def a_place(cluster: SeaweedCluster) -> PluginSpec[Sink]:
    """Where a new vault lies."""
    settings = {"bucket": cluster.bucket, "prefix": cluster.prefix(), "endpoint": cluster.endpoint}
    spec: PluginSpec[Sink] = Host(allow=frozenset()).sink_spec("s3", Table.given(settings, label="test"))
    keys = Credential({"access-key-id": cluster.access_key, "secret-access-key": cluster.secret_key})
    spec = replace(spec, credential=keys)
    sink = build(spec)
    sink.replace(HEADER, VaultHeader.make(KEYS, created=now(), slots={}).to_json())
    add_recipient_slot(sink, "recovery", bundle=KEYS, recipient=a_recipient())
    sink.close()
    return spec


def test_every_acknowledged_snapshot_outlives_the_storm(cluster: SeaweedCluster, tmp_path: Path) -> None:
    storm = Storm(cluster, tmp_path)

    storm.begin()
    storm.go_on_until(DEATHS)
    cluster.kill_volume_server(2)
    storm.kill_writers(1, 6)
    storm.go_on_until(RETURN)
    cluster.start_volume_server(2)
    storm.go_on_until(WRITERS * ROUNDS + 1)
    storm.end()

    kept = [each for each in storm.acknowledged if each.id not in storm.forgotten]
    assert len(storm.acknowledged) >= WRITERS * ROUNDS
    assert len(kept) >= ARCHIVES
    assert storm.pruned > 0
    with storm.place("reader").opened() as opened:
        snapshots = {each.id: each for each in opened.vault.sync()}
        for each in kept:
            target = tmp_path / each.id
            options = RestoreOptions(target, exact=True)
            report = restore(opened, snapshots[each.id], options, jobs=0, now=now, progress=NullProgress())
            assert report.losses == 0
            assert contents(target) == contents(each.export)
        checked = verify(opened, level=Level.DATA, sample=1.0, jobs=0, now=now, progress=NullProgress())
        assert [each.message for each in checked.problems] == []


def contents(export: Path) -> tuple[object, dict[str, bytes]]:
    """What an export says, and its files."""
    files = {each.relative_to(export).as_posix(): each.read_bytes() for each in export.rglob("*") if each.is_file()}
    return json.loads(files.pop("result.json")), files
