"""Worker processes, each with a vault and a source of its own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from tgvault.engine.context import WorkContext, make_context
from tgvault.engine.memory import keep_freed_memory
from tgvault.engine.tasks import WorkerSetup
from tgvault.errors import TgVaultError

__all__ = ["ProcessPool"]

#: Seconds that a stopped run waits for its workers. A task takes few; but a worker that was ended in the midst of an
#: answer leaves this process waiting for the rest of it for ever (CPython 3.11).
_PATIENCE = 10.0

_Task = TypeVar("_Task")
_Done = TypeVar("_Done")


class ProcessPool:
    """Does tasks in processes of their own: sealing holds the interpreter's lock."""

    def __init__(self, setup: WorkerSetup, *, jobs: int) -> None:
        # Spawned, not forked: the same on every system, and no copy of the parent's threads, locks and connections.
        context = multiprocessing.get_context("spawn")
        with _held_back():
            self._executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(setup,))

    def submit(self, call: Callable[[WorkContext, _Task], _Done], task: _Task) -> Future[_Done]:
        """Have a task done by the next worker that is free.

        Raises:
            TgVaultError: a worker was ended from outside; also when the result is asked for.
        """
        try:
            with _held_back():
                inner = self._executor.submit(_do, call, task)
        except BrokenProcessPool as error:
            raise _ended() from error
        outer: Future[_Done] = Future()
        inner.add_done_callback(partial(_pass_on, outer))
        return outer

    def close(self) -> None:
        """End the workers; tasks that have not begun are dropped."""
        ended = threading.Event()
        # In a thread of its own: a join that Ctrl-C interrupts takes its thread for ended (CPython 3.11), and what a
        # worker that is starting needs would be gone.
        threading.Thread(target=self._end, args=(ended,), daemon=True).start()
        stopped = isinstance(sys.exc_info()[1], KeyboardInterrupt)
        try:
            ended.wait(_PATIENCE if stopped else None)
        except KeyboardInterrupt:
            ended.wait(_PATIENCE)
            raise

    def _end(self, ended: threading.Event) -> None:
        try:
            self._executor.shutdown(wait=True, cancel_futures=True)
        finally:
            ended.set()


#: Ctrl-C and the end of a terminal reach the whole process group; the main process decides what they mean.
_OF_THE_GROUP = tuple(getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name))
_STOPS = (*_OF_THE_GROUP, signal.SIGTERM)


@contextmanager
def _held_back() -> Iterator[None]:
    """Hold back what stops a run while processes are started, in them and here.

    They begin as their parent is: without it they would be ended, with a traceback, before they can ignore it; and
    an executor that is interrupted while it starts one cannot be ended any more.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        with _put_off():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _put_off() -> Iterator[None]:
    """Let what stops a run wait: the mask holds for this thread alone, and any other may be the one that is told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told: list[int] = []
    before = {number: signal.getsignal(number) for number in _STOPS}
    handled = {number: handler for number, handler in before.items() if callable(handler)}
    for number in handled:
        signal.signal(number, lambda number, _: told.append(number))
    try:
        yield
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
        for number in told:
            signal.raise_signal(number)


def _pass_on(outer: Future[_Done], inner: Future[_Done]) -> None:
    if inner.cancelled():
        outer.cancel()
        return
    error = inner.exception()
    if error is None:
        outer.set_result(inner.result())
    elif isinstance(error, BrokenProcessPool):
        outer.set_exception(_ended())
    else:
        outer.set_exception(error)


def _ended() -> TgVaultError:
    return TgVaultError(
        "a worker process was ended from outside",
        hint="the machine may be short of memory; try again with fewer workers (`jobs` under `[workers]`)",
    )


_context: WorkContext | None = None
_failure: Exception | None = None


def _start(setup: WorkerSetup) -> None:
    global _context, _failure
    for number in _OF_THE_GROUP:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keep_freed_memory()
    try:
        _context = make_context(setup)
    except Exception as error:
        # Raised here it would only end the worker; the first task hands it to whoever waits.
        _failure = error
    gc.freeze()


def _end_with_parent() -> None:
    """End this process when the main one has ended in whatever way: a killed one cannot tell its workers.

    Without it they would wait for tasks for ever, the vault's keys in their memory.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _do(call: Callable[[WorkContext, _Task], _Done], task: _Task) -> _Done:
    if _failure is not None:
        raise _failure
    assert _context is not None
    return call(_context, task)
