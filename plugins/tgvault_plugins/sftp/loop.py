"""An event loop in a thread of its own, for a sink that several threads use at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import TypeVar

from tgvault.api import SinkUnavailableError

__all__ = ["Loop"]

_T = TypeVar("_T")

#: Seconds that taking leave may take: the server may not answer any more.
_FAREWELL = 5.0


class Loop:
    """Carries on with the work of any number of threads, from when it is made until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon: a program that dies without closing its sinks must not hang.
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[object, object, _T]) -> _T:
        """Wait until `work` is done, and give what comes of it; an exception that comes meanwhile cancels it.

        Raises:
            SinkUnavailableError: another thread closes the loop.
        """
        try:
            future: Future[_T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError as error:
            work.close()
            raise _closed() from error
        try:
            return future.result()
        except CancelledError as error:
            raise _closed() from error
        finally:
            future.cancel()

    def close(self, farewell: Coroutine[object, object, None]) -> None:
        """End everything that goes on, after `farewell`, which is not waited for long."""
        try:
            self.run(_end(farewell))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


def _closed() -> SinkUnavailableError:
    return SinkUnavailableError("the connection to the server was closed in the midst of something", hint="run again")


async def _end(farewell: Coroutine[object, object, None]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    # Cancelled work cleans up behind itself, on the server too.
    if others:
        await asyncio.wait(others, timeout=_FAREWELL)
    with suppress(TimeoutError):
        await asyncio.wait_for(farewell, _FAREWELL)
    await asyncio.get_running_loop().shutdown_asyncgens()
