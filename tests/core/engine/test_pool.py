from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

import worker_support
from restore_support import DiskVault
from tgvault.engine.context import WorkContext
from tgvault.engine.opening import OpenedVault
from tgvault.engine.pool import InlinePool, Pool, ProcessPool, make_pool
from tgvault.engine.tasks import WorkerSetup
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
