"""Carrying out tasks: in worker processes, or here where processes would cost more than they give."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from tgvault.engine.context import WorkContext
from tgvault.engine.tasks import WorkerSetup

__all__ = ["InlinePool", "LatePool", "Pool", "make_pool"]

_Task = TypeVar("_Task")
_Done = TypeVar("_Done")


class Pool(Protocol):
    """Carries out tasks; `call` is a function of a module, so that a process can be told its name."""

    def submit(self, call: Callable[[WorkContext, _Task], _Done], task: _Task) -> Future[_Done]:
        """Have a task done."""

    def close(self) -> None:
        """End the workers; tasks that have not begun are dropped."""


class InlinePool:
    """Does every task at once, here."""

    def __init__(self, context: WorkContext) -> None:
        self._context = context

    def submit(self, call: Callable[[WorkContext, _Task], _Done], task: _Task) -> Future[_Done]:
        """Do a task."""
        future: Future[_Done] = Future()
        try:
            future.set_result(call(self._context, task))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Nothing to end."""


class LatePool:
    """Begins with the first task: what processes need takes 40 ms to import, and many runs have no task for them."""

    def __init__(self, begin: Callable[[], Pool]) -> None:
        self._begin = begin
        self._pool: Pool | None = None

    def submit(self, call: Callable[[WorkContext, _Task], _Done], task: _Task) -> Future[_Done]:
        """Have a task done."""
        if self._pool is None:
            self._pool = self._begin()
        return self._pool.submit(call, task)

    def close(self) -> None:
        """End the workers, if there are any."""
        if self._pool is not None:
            self._pool.close()


def make_pool(setup: WorkerSetup, here: WorkContext, *, jobs: int | None) -> Pool:
    """Have as many workers as asked for, one for each core by default; with 0 everything is done here."""
    number = jobs if jobs is not None else (os.cpu_count() or 1)
    return LatePool(lambda: _processes(setup, number)) if number > 0 else InlinePool(here)


def _processes(setup: WorkerSetup, number: int) -> Pool:
    from tgvault.engine.workers import ProcessPool

    return ProcessPool(setup, jobs=number)
