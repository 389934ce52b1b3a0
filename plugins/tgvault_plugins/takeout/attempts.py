"""How often one request is sent, and how long it may be waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from telethon.errors import RPCError

from tgvault_plugins.takeout.answers import UnreadableAnswerError

__all__ = ["LONGEST_WAIT", "Attempts"]

#: Requests that fail at Telegram's side, or on the way, are sent so many times, the pauses twice as long each time,
#: beginning with this many seconds: about four minutes in all, which a router needs to come back.
ATTEMPTS = 9
FIRST_PAUSE = 0.5
#: Seconds after which it is given up in any case: where nobody answers at all, each attempt takes a minute.
PATIENCE = 300.0
#: An answer that cannot be read is most likely the same again; once may be chance.
READINGS = 2

#: Seconds that Telegram may ask to wait, and how often for one request; it asks for more where something is wrong, and
#: somebody should know of it. Six hours are far more than it asks of an app.
LONGEST_WAIT = 6 * 3600
WAITS = 20

_TROUBLE = "Telegram is having trouble; trying again"
_NO_CONNECTION = "no connection to Telegram; trying again"


@dataclass(slots=True)
class Attempts:
    """What has befallen one request. `sleep` waits, and tells what for; `clock` gives seconds and never goes back."""

    sleep: Callable[[float, str], Awaitable[None]]
    clock: Callable[[], float]
    _began: float = field(init=False)
    _failed: int = field(default=0, init=False)
    _unreadable: int = field(default=0, init=False)
    _waits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Begin to count."""
        self._began = self.clock()

    def may_wait(self, seconds: float) -> bool:
        """Take note that Telegram asks to wait; tell whether to do it."""
        self._waits += 1
        return self._waits <= WAITS and seconds <= LONGEST_WAIT

    async def again(self, failure: Exception) -> bool:
        """Take note that the request failed, and pause; tell whether to send it once more."""
        pause = FIRST_PAUSE * 2**self._failed
        self._failed += 1
        self._unreadable += isinstance(failure, UnreadableAnswerError)
        # Also behind the last one: what comes next should not begin at once.
        await self.sleep(pause, _TROUBLE if isinstance(failure, RPCError) else _NO_CONNECTION)
        return self._failed < ATTEMPTS and self._unreadable < READINGS and self.clock() - self._began < PATIENCE
