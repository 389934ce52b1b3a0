from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import pytest

import worker_support
from restore_support import DiskVault
from tgvault.engine.context import WorkContext
from tgvault.engine.opening import OpenedVault
from tgvault.engine.pool import InlinePool, LatePool, Pool, make_pool
from tgvault.engine.tasks import WorkerSetup
from tgvault.engine.workers import ProcessPool
from tgvault.errors import CorruptObjectError, TgVaultError
from worker_support import be_killed, count_objects, fail, fail_unforeseen, ignored_signals, process_id, wait_for_byte

#: Seconds that a process gets to end; it takes a tenth of one.
PATIENCE = 30


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedVault]:
    with DiskVault(tmp_path).opened() as opened:
        yield opened


def setup(opened: OpenedVault) -> WorkerSetup:
    return WorkerSetup(opened.sink, None, (), opened.vault.keys, str(opened.database))


@pytest.fixture
def processes(opened: OpenedVault) -> Iterator[Pool]:
    pool = ProcessPool(setup(opened), jobs=1)
    yield pool
    pool.close()


@pytest.fixture(params=["inline", "processes"])
def pool(request: pytest.FixtureRequest, opened: OpenedVault) -> Iterator[Pool]:
    pool = InlinePool(WorkContext(opened.vault)) if request.param == "inline" else ProcessPool(setup(opened), jobs=1)
    yield pool
    pool.close()


def test_a_task_has_the_vault_at_hand(pool: Pool) -> None:
    assert pool.submit(count_objects, "vault.json").result() == 1


def test_an_error_comes_back_with_its_hint(pool: Pool) -> None:
    with pytest.raises(CorruptObjectError, match="flipped") as caught:
        pool.submit(fail, "flipped").result()

    assert caught.value.hint == "the way out"


def test_a_bug_is_not_hidden(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError, match="oh"):
        pool.submit(fail_unforeseen, "oh").result()


def test_without_workers_everything_is_done_here(opened: OpenedVault) -> None:
    pool = make_pool(setup(opened), WorkContext(opened.vault), jobs=0)

    assert pool.submit(process_id, None).result() == os.getpid()


@pytest.mark.parametrize("jobs", [1, None])
def test_workers_are_processes_of_their_own(opened: OpenedVault, jobs: int | None) -> None:
    pool = make_pool(setup(opened), WorkContext(opened.vault), jobs=jobs)
    try:
        assert pool.submit(process_id, None).result() != os.getpid()
    finally:
        pool.close()


def test_ctrl_c_is_for_the_main_process(processes: Pool) -> None:
    assert processes.submit(ignored_signals, None).result() == [True, True]


def test_a_worker_that_is_starting_is_not_ended_by_ctrl_c(processes: Pool) -> None:
    task = processes.submit(process_id, None)
    (worker,) = multiprocessing.active_children()

    for number in (signal.SIGINT, signal.SIGHUP):
        os.kill(worker.pid or 0, number)

    assert task.result(timeout=PATIENCE) == worker.pid


def test_what_stops_a_run_waits_until_a_worker_is_started(processes: Pool) -> None:
    seen: list[bool] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(bool(multiprocessing.active_children())))
    try:
        with _stopped_inside("concurrent.futures.process", "_spawn_process"):
            processes.submit(process_id, None)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert seen == [True]


@contextmanager
def _stopped_inside(module: str, name: str) -> Iterator[None]:
    """Be sent SIGTERM when a function of a module is entered."""

    def trace(frame: FrameType, event: str, argument: object) -> None:
        if frame.f_globals.get("__name__") == module and frame.f_code.co_name == name:
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGTERM)

    sys.setprofile(trace)
    try:
        yield
    finally:
        sys.setprofile(None)


def test_a_stop_while_workers_end_waits_for_them(opened: OpenedVault, tmp_path: Path) -> None:
    pool = ProcessPool(setup(opened), jobs=1)
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    task = pool.submit(wait_for_byte, str(tmp_path / "pipe"))
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
    threading.Timer(0.5, os.write, [pipe, b"x"]).start()

    with pytest.raises(KeyboardInterrupt):
        pool.close()

    assert task.exception(timeout=0) is None
    assert multiprocessing.active_children() == []
    os.close(pipe)


def test_a_run_that_was_stopped_does_not_wait_for_ever(
    opened: OpenedVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tgvault.engine.workers._PATIENCE", 0.1)
    pool = ProcessPool(setup(opened), jobs=1)
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    task = pool.submit(wait_for_byte, str(tmp_path / "pipe"))

    with pytest.raises(KeyboardInterrupt), closing(pool):
        raise KeyboardInterrupt

    assert not task.done()
    os.write(pipe, b"x")
    assert task.exception(timeout=PATIENCE) is None
    os.close(pipe)


def test_a_worker_that_is_killed_is_told_and_ends_what_comes_after(processes: Pool) -> None:
    with pytest.raises(TgVaultError, match="ended from outside") as caught:
        processes.submit(be_killed, None).result()
    with pytest.raises(TgVaultError, match="ended from outside"):
        processes.submit(process_id, None).result()

    assert "fewer workers" in str(caught.value.hint)


def test_what_has_not_begun_is_dropped_at_the_end(opened: OpenedVault, tmp_path: Path) -> None:
    pool = ProcessPool(setup(opened), jobs=1)
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    tasks = [pool.submit(wait_for_byte, str(tmp_path / "pipe")) for _ in range(20)]

    pool._executor.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(CancelledError):
        tasks[-1].result(timeout=PATIENCE)
    os.write(pipe, b"x" * len(tasks))

    assert not any(task.exception(timeout=PATIENCE) for task in tasks if not task.cancelled())
    os.close(pipe)


def test_workers_do_not_outlive_a_main_process_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, worker_support.__file__, str(tmp_path)]
    main = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_env()
    )
    assert main.stdout is not None
    assert int(main.stdout.readline()) != main.pid

    main.kill()

    # The worker has the pipes open, too: their end is the worker's end.
    main.communicate(timeout=PATIENCE)


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_nothing_is_begun_before_there_is_a_task(opened: OpenedVault) -> None:
    begun: list[Pool] = []

    def begin() -> Pool:
        begun.append(InlinePool(WorkContext(opened.vault)))
        return begun[-1]

    LatePool(begin).close()
    before = len(begun)
    pool = LatePool(begin)
    done = [pool.submit(process_id, None).result() for _ in range(2)]
    pool.close()

    assert (before, len(begun)) == (0, 1)
    assert done == [os.getpid()] * 2
