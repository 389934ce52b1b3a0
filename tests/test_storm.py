"""Eight machines back up into one vault on object storage, one prunes it, one reads, and machines and a disk die."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from restore_support import a_recipient
from run_support import Held, held
from servers.seaweed_cluster import SeaweedCluster
from storm_support import Acknowledged, Place, keep_pruning, keep_reading, keep_writing, now, prune_at_last
from tgvault.config.table import Table
from tgvault.contracts.credentials import Credential
from tgvault.contracts.sink import Sink
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import NullProgress
from tgvault.engine.restoring import RestoreOptions, restore
from tgvault.engine.verifying import Level, verify
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.retention.needs import Needs
from tgvault.state.database import Database
from tgvault.testing import names
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.leases import list_leases
from tgvault.vault.marks import MarkKind
from tgvault.vault.slot_changes import add_recipient_slot
from vault_support import a_bundle

KEYS = a_bundle()
WRITERS = 8
ARCHIVES = 4

#: Exports that each writer backs up.
ROUNDS = 3

#: Acknowledged snapshots after which the disk and two machines die, and after which the disk is there again.
DEATHS, RETURN = 5, 14

#: The machines that die.
VICTIMS = (1, 6)

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
        #: By whom snapshots were restored meanwhile: the id of each, the folder, and what could not be.
        self.restored: list[tuple[str, Path, list[str]]] = []
        self._writers: dict[Connection, tuple[int, BaseProcess]] = {}
        #: Those who go on until they are told to stop.
        self._others: list[Connection] = []

    def begin(self) -> None:
        for number in range(WRITERS):
            self._start_writer(number)
        for name, work in (("pruner", keep_pruning), ("reader", keep_reading)):
            here, there = _SPAWN.Pipe()
            _SPAWN.Process(target=work, args=(self.place(name), there), daemon=True).start()
            there.close()
            self._others.append(here)

    def go_on_until(self, snapshots: int) -> None:
        """Listen until so many snapshots are acknowledged, or nobody has anything left to back up."""
        while self._writers and len(self.acknowledged) < snapshots:
            for each in wait([*self._writers, *self._others]):
                assert isinstance(each, Connection)
                if each in self._writers:
                    self._hear(each)
                else:
                    assert self._hear_other(each), "the pruner or the reader has ended by itself"

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
        """Have the pruner and the reader end."""
        for each in self._others:
            each.send("stop")
            while self._hear_other(each):
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

    def _hear_other(self, told: Connection) -> bool:
        match told.recv():
            case None:
                return False
            case ("forgets", list() as ids):
                self.forgotten.update(ids)
            case ("pruned", int() as packs, _, _):
                self.pruned += packs
            case ("restored", str() as snapshot, Path() as folder, list() as losses):
                self.restored.append((snapshot, folder, losses))
            case ("refused", str() as why):
                raise AssertionError(f"the pruner takes the vault for damaged: {why}")
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
    storm.kill_writers(*VICTIMS)
    storm.go_on_until(RETURN)
    cluster.start_volume_server(2)
    storm.go_on_until(WRITERS * ROUNDS + 1)
    storm.end()

    assert len(storm.acknowledged) >= WRITERS * ROUNDS
    assert storm.pruned > 0
    with storm.place("newcomer").opened() as opened:
        check_leases(opened)
        check_kept(storm, opened)
        check_whole(opened)
    check_readings(storm)
    prune_at_last(storm.place("last"))
    with storm.place("other newcomer").opened() as opened:
        check_clean(opened)
        check_history(storm, opened)
        check_whole(opened)


def check_leases(opened: OpenedVault) -> None:
    """Nobody is at work any more, but for what machines have left that were killed."""
    left = {each.read(opened.vault.sink, KEYS).host for each in list_leases(opened.vault.sink)}
    assert left <= {f"machine{number}" for number in VICTIMS}


def check_kept(storm: Storm, opened: OpenedVault) -> None:
    """Every snapshot that was acknowledged and not forgotten is its writer's export; no other is half there."""
    snapshots = {each.id: each for each in opened.vault.sync()}
    kept = [each for each in storm.acknowledged if each.id not in storm.forgotten]
    assert len(kept) >= ARCHIVES
    for each in kept:
        target = storm.root / each.id
        options = RestoreOptions(target, exact=True)
        report = restore(opened, snapshots[each.id], options, jobs=0, now=now, progress=NullProgress())
        assert report.losses == 0
        assert contents(target) == contents(each.export)
    for other in (*snapshots.values(), *opened.vault.forgotten):
        held(opened.vault, other)


def check_readings(storm: Storm) -> None:
    """Whoever read meanwhile has read what was acknowledged, unless it was forgotten while he did."""
    exports = {each.id: each.export for each in storm.acknowledged}
    assert len({snapshot for snapshot, _, _ in storm.restored}) > ARCHIVES
    for snapshot, folder, losses in storm.restored:
        assert not losses or snapshot in storm.forgotten, losses
        if snapshot in exports and not losses:
            assert contents(folder) == contents(exports[snapshot])


def check_whole(opened: OpenedVault) -> None:
    """Every byte is what it was."""
    checked = verify(opened, level=Level.DATA, sample=1.0, jobs=0, now=now, progress=NullProgress())
    assert [each.message for each in checked.problems] == []


def check_clean(opened: OpenedVault) -> None:
    """Nothing is there but what the newest two snapshots of each archive need."""
    vault = opened.vault
    snapshots = vault.sync()
    assert names(vault.sink, "snapshots/") == sorted(each.name for each in snapshots)
    assert len(snapshots) >= 2 * ARCHIVES
    assert list_leases(vault.sink) == []
    assert {each.mark.kind for each in vault.marks.stored} == {MarkKind.DELETED}
    assert not vault.marks.objects(MarkKind.DELETED).intersection(names(vault.sink))
    assert vault.bad_indexes == vault.bad_manifests == vault.bad_marks == []
    needs = Needs(vault, Database.in_memory())
    needs.add(snapshots)
    assert {digest_of(name) for name in names(vault.sink, "packs/")} == {
        each.hex() for each in needs.used if needs.used[each]
    }


def check_history(storm: Storm, opened: OpenedVault) -> None:
    """What nobody has continued yet holds every text that was ever acknowledged for its archive, forgotten or not."""
    snapshots = opened.vault.sync()
    continued = {parent for each in snapshots for parent in each.manifest.parents}
    said: defaultdict[str, set[str]] = defaultdict(set)
    for each in snapshots:
        if each.name not in continued:
            said[each.manifest.archive] |= all_texts(held(opened.vault, each))
    assert len(said) == ARCHIVES
    for one in storm.acknowledged:
        assert said_in(one.export) <= said[one.archive], one


def all_texts(found: Held) -> set[str]:
    """Everything that anybody says, and has said, in a snapshot."""
    bodies = [body for side in (found.live, found.gone) for chat in side.values() for body in chat.values()]
    bodies += [body for chat in found.earlier.values() for earlier in chat.values() for body in earlier]
    return {json.loads(bytes(body))["text"] for body in bodies}


def said_in(export: Path) -> set[str]:
    chats = json.loads((export / "result.json").read_bytes())["chats"]["list"]
    return {message["text"] for chat in chats for message in chat["messages"]}


def contents(export: Path) -> tuple[object, dict[str, bytes]]:
    """What an export says, and its files."""
    files = {each.relative_to(export).as_posix(): each.read_bytes() for each in export.rglob("*") if each.is_file()}
    return json.loads(files.pop("result.json")), files
