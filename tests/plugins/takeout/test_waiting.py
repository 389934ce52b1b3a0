from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tgvault.engine.progress import NullProgress
from tgvault_plugins.takeout.waiting import Waiter


@dataclass
class Shown(NullProgress):
    waits: list[tuple[float, str]] = field(default_factory=list)

    def waiting(self, seconds: float, reason: str) -> None:
        self.waits.append((seconds, reason))


def waited(seconds: float) -> tuple[list[float], list[tuple[float, str]]]:
    slept: list[float] = []
    shown = Shown()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    asyncio.run(Waiter(sleep, shown)(seconds, "Telegram asks to wait (GetHistory)"))
    return slept, shown.waits


def test_a_short_wait_is_not_shown() -> None:
    assert waited(0.5) == ([0.5], [])


def test_a_long_wait_is_counted_down_and_its_end_is_told() -> None:
    slept, shown = waited(3.5)

    assert slept == [1.0, 1.0, 1.0, 0.5]
    assert [left for left, _ in shown] == [3.5, 2.5, 1.5, 0.5, 0.0]
    assert shown[0][1] == "Telegram asks to wait (GetHistory)"
