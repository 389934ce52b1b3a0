"""When the next request may be sent: as Telegram asks, and more slowly after it had to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Limiter"]

#: Seconds between two requests of one method after Telegram asked to wait for the first time, and at most.
FIRST_PACE = 0.25
SLOWEST_PACE = 30.0
#: After so many requests without a complaint the pace is made quicker again, by half.
FORGIVES_AFTER = 200
#: Share by which a pause is longer at random, so that several clients do not come back at the same moment.
JITTER = 0.2


@dataclass(slots=True)
class _Lane:
    """What is known of one method on one data centre."""

    pace: float
    next: float = 0.0
    served: int = 0


@dataclass(slots=True)
class Limiter:
    """Paces the requests of each method on each data centre by itself.

    `clock` gives seconds and never goes back; `sleep` waits, and may show how long and what for; `random` gives a
    number from 0 to 1. `pace` is the number of seconds between two requests to begin with.
    """

    clock: Callable[[], float]
    sleep: Callable[[float, str], Awaitable[None]]
    random: Callable[[], float]
    pace: float = 0.0
    _lanes: dict[tuple[str, int], _Lane] = field(default_factory=dict)

    async def turn(self, method: str, dc: int) -> None:
        """Wait until a request may be sent."""
        lane = self._lane(method, dc)
        while (left := lane.next - self.clock()) > 0:
            await self.sleep(left, f"Telegram asks to wait ({method})")
        if lane.pace:
            lane.next = self.clock() + lane.pace * (1 + JITTER * self.random())

    def served(self, method: str, dc: int) -> None:
        """Take note that a request was answered."""
        lane = self._lane(method, dc)
        lane.served += 1
        if lane.served >= FORGIVES_AFTER and lane.pace > self.pace:
            lane.pace = max(self.pace, lane.pace / 2 if lane.pace > FIRST_PACE else 0.0)
            lane.served = 0

    def flooded(self, method: str, dc: int, seconds: float) -> None:
        """Take note that Telegram asks to wait so long before the next request."""
        lane = self._lane(method, dc)
        lane.served = 0
        lane.pace = min(SLOWEST_PACE, max(FIRST_PACE, lane.pace * 2))
        lane.next = max(lane.next, self.clock() + max(1.0, seconds) * (1 + 0.05 * self.random()))

    def _lane(self, method: str, dc: int) -> _Lane:
        return self._lanes.setdefault((method, dc), _Lane(self.pace))
