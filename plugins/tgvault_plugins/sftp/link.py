"""The connection to a server: made when it is needed, and made anew when it was lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import asyncssh

from tgvault.api import SinkUnavailableError
from tgvault_plugins.sftp.connection import Connection
from tgvault_plugins.sftp.failures import LOST

__all__ = ["Link"]

_T = TypeVar("_T")


class Link:
    """Does work over one connection that all share; everything that it is given can be done twice."""

    def __init__(self, server: str, connect: Callable[[], Awaitable[Connection]], pauses: Sequence[float]) -> None:
        """Take the server's name, what logs in to it, and the seconds before each further attempt."""
        self._server = server
        self._connect = connect
        self._pauses = pauses
        self._made: Connection | None = None
        self._making = asyncio.Lock()

    async def call(self, work: Callable[[asyncssh.SFTPClient], Awaitable[_T]], patience: float) -> _T:
        """Do the work, again with a new connection where that is lost, in `patience` seconds for each attempt.

        Raises:
            SinkUnavailableError: the server cannot be reached, not even with some patience.
        """
        for pause in self._pauses:
            try:
                return await self._attempt(work, patience)
            except LOST:
                await asyncio.sleep(pause)
        try:
            return await self._attempt(work, patience)
        except LOST as error:
            raise self._unreachable(error) from error

    async def close(self) -> None:
        """Take leave of the server, if there is a connection."""
        made, self._made = self._made, None
        if made is not None:
            try:
                with suppress(*LOST):
                    await made.close()
            finally:
                made.ssh.abort()

    async def _attempt(self, work: Callable[[asyncssh.SFTPClient], Awaitable[_T]], patience: float) -> _T:
        connection = await self._connected()
        try:
            async with asyncio.timeout(patience) as limit:
                return await work(connection.sftp)
        except LOST as error:
            self._forget(connection)
            if limit.expired():
                raise self._unreachable(error) from error
            raise

    async def _connected(self) -> Connection:
        async with self._making:
            if self._made is None:
                self._made = await self._connect()
            return self._made

    def _forget(self, connection: Connection) -> None:
        """Never use a connection again; another thread may have made the next one already."""
        connection.ssh.abort()
        if self._made is connection:
            self._made = None

    def _unreachable(self, error: BaseException) -> SinkUnavailableError:
        if isinstance(error, TimeoutError):
            reason = "it does not answer in time"
        elif isinstance(error, OSError) and (error.errno or 0) > 0:
            reason = os.strerror(error.errno or 0).lower()  # asyncio's own text repeats the address
        else:
            reason = str(getattr(error, "strerror", None) or error).lower()
        return SinkUnavailableError(
            f"server `{self._server}` cannot be reached: {reason}",
            hint="check that it is on and that `host` and `port` are right; then run again, it goes on from here",
        )
