"""Sending requests to Telegram: as part of the takeout, at a pace that it allows, again after it failed for a while."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from telethon import errors
from telethon.tl.functions import InvokeWithMessagesRangeRequest, InvokeWithTakeoutRequest
from telethon.tl.types import MessageRange

from tgvault.api import SourceError
from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.attempts import LONGEST_WAIT, Attempts
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.failures import asked_too_often, delayed, method_of, told
from tgvault_plugins.takeout.limiter import Limiter

__all__ = ["Caller", "TakeoutLost"]

#: Requests in a row that Telegram had trouble with to the last attempt, after which nothing more is asked: each of
#: them takes minutes.
IN_VAIN = 3

_WAITS = (errors.FloodWaitError, errors.FloodPremiumWaitError, errors.SlowModeWaitError)
#: The session is over; nothing more can be asked.
_ENDED = (errors.UnauthorizedError, errors.AuthKeyNotFound, errors.AuthKeyDuplicatedError)
#: What is over after a moment; any other answer of Telegram's says something about the request.
_PASSING = (errors.ServerError, errors.TimedOutError, errors.RpcCallFailError, errors.RpcMcgetFailError)
_NETWORK = (
    OSError,
    EOFError,
    BufferError,
    struct.error,
    zlib.error,
    errors.SecurityError,
    errors.InvalidChecksumError,
)


class TakeoutLost(Exception):  # noqa: N818  # no failure: the takeout is begun anew
    """Telegram does not know the takeout any more."""


@dataclass(slots=True)
class Caller:
    """Sends requests through one client. `takeout` is the id of the takeout session; without it requests go plain.

    `sleep` waits before a request is sent again, and tells what for. `home` is the number of the account's own data
    centre, `now` gives the time (aware, UTC).
    """

    client: AccountClient
    limiter: Limiter
    sleep: Callable[[float, str], Awaitable[None]]
    home: int
    now: Callable[[], datetime]
    takeout: int | None = None
    #: Requests that were answered, for the record.
    answered: int = field(default=0, init=False)
    _in_vain: int = field(default=0, init=False)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def __call__(self, request: Any, *, within: MessageRange | None = None, dc: int | None = None) -> Any:
        """Send a request as part of the takeout, if there is one, and give the answer.

        `within` confines it to a range of messages, `dc` names the data centre that is asked.

        Raises:
            TakeoutLost: Telegram does not know the takeout any more.
            SourceUnavailableError: Telegram could not be reached for minutes, or has trouble with whatever is asked.
            SourceDelayedError: Telegram asks to wait for longer, or more often, than a run should.
            NotSignedInError: the session was ended.
            telethon.errors.RPCError: Telegram's answer is an error that says something about the request, or cannot
                be read.
        """
        at, outer = dc or self.home, self._wrapped(request, within)
        return await self._send(request, at, partial(self.client.call_at, at, outer))

    async def plain(self, request: Any) -> Any:
        """Send a request that has no place in a takeout; raises as a call does."""
        return await self._send(request, self.home, partial(self.client.call_at, self.home, request))

    async def at_cdn(self, dc: int, request: Any) -> Any:
        """Send a request to a data centre that serves files to anybody; raises as a call does."""

        async def call() -> Any:
            try:
                return await self.client.call_cdn(dc, request)
            except _ENDED as error:
                # Nobody is logged in there: that it does not know us says nothing about the session.
                raise ConnectionError("the connection was lost") from error

        return await self._send(request, dc, call)

    def _wrapped(self, request: Any, within: MessageRange | None) -> Any:
        query = InvokeWithMessagesRangeRequest(within, request) if within is not None else request
        return InvokeWithTakeoutRequest(self.takeout, query) if self.takeout is not None else query

    async def _send(self, request: Any, dc: int, call: Callable[[], Awaitable[Any]]) -> Any:
        method, attempts = _name(request), Attempts(self.sleep, self.limiter.clock)
        failure: Exception
        while True:
            await self.limiter.turn(method, dc)
            try:
                answer = await self._invoke(call)
            except _WAITS as error:
                if not attempts.may_wait(error.seconds):
                    raise self._delayed(request, error.seconds) from None
                self.limiter.flooded(method, dc, error.seconds)
                continue
            except errors.TakeoutInvalidError as error:
                raise TakeoutLost from error
            except _ENDED as error:
                # The request stays behind: it may hold what nobody should see.
                raise self._told(error) from None
            except (UnreadableAnswerError, *_PASSING, *_NETWORK) as error:
                failure = error
            except errors.RPCError:
                self._in_vain = 0
                raise
            else:
                self.limiter.served(method, dc)
                self.answered += 1
                self._in_vain = 0
                return answer
            if not await attempts.again(failure):
                raise self._given_up(failure)

    def _delayed(self, request: Any, seconds: float) -> Exception:
        """Give what ends the run where Telegram asks to wait for too long, or again and again."""
        method = method_of(request)
        return delayed(seconds, now=self.now(), method=method) if seconds > LONGEST_WAIT else asked_too_often(method)

    def _given_up(self, failure: Exception) -> Exception:
        """Give what is raised for what failed again and again: of what was sent and answered nothing stays with it."""
        if not isinstance(failure, errors.RPCError):
            return self._told(failure)
        self._in_vain = 0 if isinstance(failure, UnreadableAnswerError) else self._in_vain + 1
        return failure if self._in_vain < IN_VAIN else self._told(failure)

    def _told(self, failure: BaseException) -> SourceError:
        return told(failure, now=self.now(), source=self.client.session.source)

    async def _invoke(self, call: Callable[[], Awaitable[Any]]) -> Any:
        try:
            await self._connected()
            return await call()
        except asyncio.CancelledError:
            # Telethon cancels what waits for an answer when it loses the connection; nobody asked us to stop.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ConnectionError("the connection was lost") from None

    async def _connected(self) -> None:
        """Connect anew where the connection was given up, once for all who find it so."""
        if not self.client.is_connected():
            async with self._opening:
                if not self.client.is_connected():
                    await self.client.open()


def _name(request: Any) -> str:
    """Name a request's method: `GetHistory`."""
    name: str = type(request).__name__
    return name.removesuffix("Request")
