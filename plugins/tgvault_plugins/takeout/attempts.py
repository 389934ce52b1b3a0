"""How often one request is sent, and how long it may be waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tgvault_plugins.takeout.answers import UnreadableAnswerError

__all__ = ["LONGEST_WAIT", "Attempts"]

#: Requests that fail at Telegram's side, or on the way, are sent so many times, the pauses twice as long each time,
#: beginning with this many seconds: about four minutes in all, which a router needs to come back.
ATTEMPTS = 9
FIRST_PAUSE = 0.5
#: An answer that cannot be read is most likely the same again; once may be chance.
READINGS = 2

#: Seconds that Telegram may ask to wait, and how often for one request; it asks for more where something is wrong, and
#: somebody should know of it. Six hours are far more than it asks of an app.
LONGEST_WAIT = 6 * 3600
WAITS = 20


@dataclass(slots=True)
class Attempts:
    """What has befallen one request. `sleep` waits."""

    sleep: Callable[[float], Awaitable[None]]
    _failed: int = field(default=0, init=False)
    _unreadable: int = field(default=0, init=False)
    _waits: int = field(default=0, init=False)

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
        await self.sleep(pause)
        return self._failed < ATTEMPTS and self._unreadable < READINGS
