"""Work of asyncio's in a program that is not asynchronous, and how a stop from outside gets into it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import FrameType
from typing import Any, TypeVar

__all__ = ["Loop"]

_T = TypeVar("_T")

#: Seconds that taking leave may take: the other side may not answer any more.
FAREWELL = 5.0

#: Signals during one piece of work that are taken as one wish to stop; people press Ctrl-C twice. The next one does
#: what it would do without us.
_TAKEN = 2

#: What people and systems end a program with, where it is known.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Loop:
    """Carries on with work a piece at a time; nothing of it goes on in between.

    A signal that would raise an exception in the midst of the loop, and leave it unfit for use, cancels the piece
    instead; what the signal's handler does happens when the piece has ended.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stop: _Stop | None = None

    def run(self, work: Awaitable[_T]) -> _T:
        """Carry on until `work` is done, and give what comes of it."""
        stop = self._stop = _Stop(self._runner.get_loop())
        try:
            with stop.listening():
                return self._runner.run(stop.watched(work))
        finally:
            stop.pass_on()

    def asking(self) -> AbstractContextManager[None]:
        """Have signals do at once what they would do without us, for whoever holds up the loop to wait for a person.

        To be cancelled such a piece of work would have to go on first.
        """
        return self._stop.let_through() if self._stop is not None else nullcontext()

    def close(self, farewell: Awaitable[object] | None = None) -> None:
        """End everything; `farewell` is tried before, and not waited for long."""
        # A loop that a signal has left unfit says so; there is nothing that could be done about it.
        with suppress(RuntimeError, OSError, TimeoutError, asyncio.CancelledError):
            if farewell is not None:
                self.run(_within(FAREWELL, farewell))
        with suppress(RuntimeError):
            self._runner.close()


async def _within(seconds: float, work: Awaitable[object]) -> None:
    await asyncio.wait_for(_awaited(work), seconds)


async def _awaited(work: Awaitable[_T]) -> _T:
    return await work


class _Stop:
    """Turns signals that come during a piece of work into its being cancelled."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: asyncio.Task[Any] | None = None
        self._came: list[int] = []
        self._lets_through = False
        self._handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}

    async def watched(self, work: Awaitable[_T]) -> _T:
        """Do the work, unless a signal came before it began."""
        self._task = asyncio.current_task()
        if self._came:
            self._cancel()
        return await work

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals that somebody handles; only the main thread gets any."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, self._take)
        try:
            yield
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """Pass each signal on as it comes, and one that has come already."""
        self._lets_through = True
        try:
            self.pass_on()
            yield
        finally:
            self._lets_through = False

    def pass_on(self) -> None:
        """Do what the first signal that came would have done."""
        if self._came:
            self._handlers[self._came[0]](self._came[0], None)

    def _take(self, number: int, frame: FrameType | None) -> None:
        self._came.append(number)
        if self._lets_through or len(self._came) > _TAKEN:
            self._handlers[number](number, frame)
        self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
