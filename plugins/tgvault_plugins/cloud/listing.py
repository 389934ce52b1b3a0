"""Reading the lists of a store."""

from __future__ import annotations

import atexit
import time
from collections.abc import AsyncIterable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from tgvault_plugins.cloud.faults import opendal_errors, understood
from tgvault_plugins.cloud.patience import FaultError

if TYPE_CHECKING:
    from opendal import AsyncOperator
    from opendal.types import Entry

__all__ = ["Listed", "Lister"]

T = TypeVar("T")

#: Entries that are handed over at a time; a page of S3 has as many.
_PAGE = 1_000


#: Seconds after a list in which a thread of opendal's may still be about to let go of what is Python's. If the process
#: ends just then, it aborts (0.47.12: 16 of 30 runs that ended with a list of a bucket that is not there).
_LETTING_GO = 0.1


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list: its name below the root (of a folder with `/` at its end), size, and last change if told."""

    path: str
    size: int
    is_file: bool
    changed: datetime | None


class Lister:
    """Reads lists through opendal's asynchronous half.

    The other half holds the interpreter's lock while it waits for a page (measured with 0.47.12: a thread that stores
    meanwhile stands still), which reading and writing do not.
    """

    def __init__(self, operator: AsyncOperator) -> None:
        import asyncio  # 25 ms, which no command pays that reads no list

        self._operator = operator
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Lister:
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.close()
        atexit.unregister(_wait_until)
        atexit.register(_wait_until, time.monotonic() + _LETTING_GO)

    def list(self, path: str, *, recursive: bool) -> Iterator[Listed]:
        """List what starts with path; a path with `/` at its end is a folder, and may be listed itself as well.

        Raises:
            FaultError: what went wrong.
        """
        entries = self._run(self._begin(path, recursive)).__aiter__()
        while page := self._run(_page(entries)):
            yield from page

    def _run(self, coroutine: Coroutine[None, None, T]) -> T:
        try:
            return self._loop.run_until_complete(coroutine)
        except opendal_errors() as exc:
            fault = understood(exc)
        # Outside of the handler, so that no traceback leads to what opendal said.
        raise FaultError(fault)

    async def _begin(self, path: str, recursive: bool) -> AsyncIterable[Entry]:
        return await self._operator.list(path, recursive=recursive)


async def _page(entries: AsyncIterable[Entry]) -> list[Listed]:
    page: list[Listed] = []
    async for entry in entries:
        told = entry.metadata
        page.append(Listed(entry.path, told.content_length, told.is_file, told.last_modified))
        if len(page) == _PAGE:
            break
    return page
