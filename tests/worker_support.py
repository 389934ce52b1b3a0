"""What tests have worker processes do: functions that another process can find by name."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tgvault.engine.context import WorkContext
from tgvault.errors import CorruptObjectError


def process_id(context: WorkContext, task: object) -> int:
    return os.getpid()


def count_objects(context: WorkContext, prefix: str) -> int:
    return len(list(context.vault.sink.list(prefix)))


def ignored_signals(context: WorkContext, task: object) -> list[bool]:
    return [signal.getsignal(number) is signal.SIG_IGN for number in (signal.SIGINT, signal.SIGHUP)]


def fail(context: WorkContext, message: str) -> None:
    raise CorruptObjectError(message, hint="the way out")


def fail_unforeseen(context: WorkContext, message: str) -> None:
    raise ZeroDivisionError(message)


def be_killed(context: WorkContext, task: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for_byte(context: WorkContext, path: str) -> None:
    """Wait until somebody writes into a pipe."""
    with open(path, "rb", buffering=0) as pipe:
        pipe.read(1)


def main() -> None:
    """Start a worker in a vault, print its process id, and wait for the end of standard input."""
    from restore_support import DiskVault
    from tgvault.engine.tasks import WorkerSetup
    from tgvault.engine.workers import ProcessPool

    vault = DiskVault(Path(sys.argv[1]))
    with vault.opened() as opened:
        pool = ProcessPool(WorkerSetup(opened.sink, None, (), opened.vault.keys, str(opened.database)), jobs=1)
        print(pool.submit(process_id, None).result(), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
