from __future__ import annotations

import os
import pickle
import random
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from run_support import (
    Machine,
    Script,
    ScriptConfig,
    ScriptedSource,
    Talk,
    held,
    read,
    said,
    scripted_spec,
    shown,
    talk,
)
from tgvault.contracts.sink import Sink
from tgvault.engine.context import WorkContext
from tgvault.engine.tasks import WorkerSetup
from tgvault.engine.workers import ProcessPool
from tgvault.errors import PluginLoadError, TgVaultError
from tgvault.host.discovery import BUNDLED, Candidate
from tgvault.host.kinds import Kind
from tgvault.host.spec import PluginSpec, build
from tgvault.state.database import Database
from tgvault.testing import names
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig
from vault_support import a_bundle

KEYS = a_bundle()


class Place:
    """A vault in a folder, and a script that worker processes read."""

    def __init__(self, folder: Path) -> None:
        self.script_path = folder / "script"
        self.state = folder / "state.db"
        self.vault = folder / "vault"
        sink = LocalSink(LocalSinkConfig(path=self.vault))
        sink.prepare()
        self.database = Database.open(self.state, key=KEYS.id_key.state_key())
        self.machine = Machine(KEYS, sink, self.database)

    def setup(self) -> WorkerSetup:
        local = next(each for each in BUNDLED if each.name == "local")
        sink = PluginSpec(Kind.SINK, "local", local, msgspec.msgpack.encode({"path": os.fsencode(self.vault)}))
        return WorkerSetup(partial(build, sink), scripted_spec(self.script_path), (), KEYS, str(self.state))

    def back_up(self, script: Script, *, jobs: int = 2) -> None:
        self.script_path.write_bytes(pickle.dumps(script))
        source = ScriptedSource(ScriptConfig(self.script_path))
        self.machine.back_up(source, pool=lambda _: ProcessPool(self.setup(), jobs=jobs))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.database.close()


def big_script() -> Script:
    noise = random.Random(11).randbytes
    files = {f"c/{number}.jpg": noise(9_000) for number in range(40)}
    photos = [shown(number + 1, name) for number, name in enumerate(files)]
    return Script(
        [
            talk({number: f"text {number} " * 5 for number in range(1, 4000)}, split=150),
            Talk(photos, number=2, split=7),
            Talk([said(number, "x") for number in (5, 3, 4)], number=3, split=1),
            Talk([said(None, "y")], number=None, split=1),
            talk({1: "one by one", 2: "two"}, number=4),
        ],
        documents={"contacts": b"[1]"},
        files={**files, "rest/film.mp4": noise(9 << 20)},
        unlisted={},
    )  # fmt: skip


def test_workers_make_what_one_process_makes(place: Place) -> None:
    script = big_script()
    alone = Machine(KEYS)
    alone.back_up(script)

    place.back_up(script)

    assert read(place.machine) == read(alone)
    report, expected = place.machine.report, alone.report
    assert report is not None
    assert expected is not None
    assert (report.messages, report.media, report.findings) == (expected.messages, expected.media, expected.findings)
    mine, theirs = place.machine.latest().manifest, alone.latest().manifest
    assert (mine.chats, mine.layout, mine.documents, mine.files) == (
        theirs.chats, theirs.layout, theirs.documents, theirs.files,
    )  # fmt: skip


def test_a_second_run_with_workers_stores_nothing(place: Place) -> None:
    script = big_script()
    place.back_up(script)
    before = names(place.machine.sink)

    place.back_up(script)

    assert len(names(place.machine.sink)) == len(before) + 1
    assert held(place.machine.vault, place.machine.latest()).files["rest/film.mp4"] == script.files["rest/film.mp4"]


def test_files_that_only_messages_name_are_packed_by_workers(place: Place) -> None:
    unlisted = {f"c/{number}.jpg": b"%d" % number for number in range(20)}
    photos = [shown(number + 1, name) for number, name in enumerate(unlisted)]

    place.back_up(Script([Talk(photos, split=5)], unlisted=unlisted))

    found = read(place.machine).media["user:1"]
    assert [each["photo"] for each in found.values()] == list(unlisted.values())


def end_yourself(context: WorkContext, task: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def double(context: WorkContext, task: int) -> int:
    return 2 * task


def complain(context: WorkContext, task: int) -> int:
    raise TgVaultError("no", hint="yes")


def test_a_worker_that_is_ended_from_outside_is_told_as_such(place: Place) -> None:
    place.script_path.write_bytes(pickle.dumps(Script()))
    pool = ProcessPool(place.setup(), jobs=1)
    try:
        with pytest.raises(TgVaultError, match="ended from outside") as caught:
            pool.submit(end_yourself, 1).result()
        assert "[workers]" in str(caught.value.hint)
        with pytest.raises(TgVaultError, match="ended from outside"):
            pool.submit(double, 1)
    finally:
        pool.close()


def test_results_and_errors_come_back_from_a_worker(place: Place) -> None:
    place.script_path.write_bytes(pickle.dumps(Script()))
    pool = ProcessPool(place.setup(), jobs=1)
    try:
        assert [pool.submit(double, number).result() for number in range(3)] == [0, 2, 4]
        with pytest.raises(TgVaultError, match="no") as caught:
            pool.submit(complain, 1).result()
        assert caught.value.hint == "yes"
    finally:
        pool.close()


def test_a_worker_that_cannot_start_says_why(place: Place) -> None:
    gone: PluginSpec[Sink] = PluginSpec(Kind.SINK, "local", Candidate("gone", "no_such_module", "gone"), b"\x80")
    broken = partial(build, gone)
    pool = ProcessPool(WorkerSetup(broken, None, (), KEYS, str(place.state)), jobs=1)
    try:
        with pytest.raises(PluginLoadError, match="gone"):
            pool.submit(double, 1).result()
    finally:
        pool.close()


def test_tasks_that_have_not_begun_are_dropped_when_the_pool_is_closed(place: Place) -> None:
    place.script_path.write_bytes(pickle.dumps(Script()))
    pool = ProcessPool(place.setup(), jobs=1)

    under_way = [pool.submit(double, number) for number in range(200)]
    pool.close()

    assert all(each.done() for each in under_way)
    assert under_way[0].result() == 0
    assert under_way[-1].cancelled()


def test_what_a_worker_is_told_shows_no_key(place: Place) -> None:
    assert KEYS.data is not None

    assert KEYS.data.text not in repr(place.setup())
