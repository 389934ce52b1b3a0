from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from tgvault_plugins.takeout.limiter import FIRST_PACE, FORGIVES_AFTER, SLOWEST_PACE, Limiter


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: float = 100.0
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float, method: str) -> None:
        self.waits.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(clock: Clock, *, pace: float = 0.0) -> Limiter:
    return Limiter(lambda: clock.now, clock.sleep, lambda: 0.0, pace=pace)


def turns(limited: Limiter, *methods: str, dc: int = 2) -> None:
    async def all_of_them() -> None:
        for method in methods:
            await limited.turn(method, dc)

    asyncio.run(all_of_them())


def test_nothing_waits_as_long_as_telegram_does_not_ask_for_it(clock: Clock) -> None:
    turns(limiter(clock), "GetHistory", "GetHistory", "GetHistory")

    assert clock.waits == []


def test_a_wait_is_kept_by_its_method_and_data_centre_alone(clock: Clock) -> None:
    limited = limiter(clock)
    limited.flooded("GetHistory", 2, 3600)

    turns(limited, "GetMessages")
    turns(limited, "GetHistory", dc=4)
    assert clock.waits == []
    turns(limited, "GetHistory")

    assert clock.waits == [3600]


def test_after_a_wait_requests_come_more_slowly_until_all_went_well_for_long(clock: Clock) -> None:
    limited = limiter(clock)
    limited.flooded("GetHistory", 2, 1)
    turns(limited, "GetHistory", "GetHistory")
    slow = clock.waits[-1]

    for _ in range(FORGIVES_AFTER):
        limited.served("GetHistory", 2)
    turns(limited, "GetHistory")
    clock.waits.clear()
    turns(limited, "GetHistory", "GetHistory")

    assert (slow, clock.waits) == (FIRST_PACE, [])


def test_however_often_telegram_asks_the_pace_has_an_end(clock: Clock) -> None:
    limited = limiter(clock)
    for _ in range(20):
        limited.flooded("GetHistory", 2, 1)

    turns(limited, "GetHistory", "GetHistory")

    assert clock.waits[-1] == SLOWEST_PACE


def test_a_pace_that_was_set_is_kept_and_varies_at_random(clock: Clock) -> None:
    limited = Limiter(lambda: clock.now, clock.sleep, lambda: 1.0, pace=1.0)

    turns(limited, "GetHistory", "GetHistory", "GetHistory")

    assert clock.waits == [1.2, 1.2]


def test_a_wait_of_no_seconds_is_one_second(clock: Clock) -> None:
    limited = limiter(clock)

    limited.flooded("GetHistory", 2, 0)
    turns(limited, "GetHistory")

    assert clock.waits == [1.0]
