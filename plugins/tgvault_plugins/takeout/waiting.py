"""Waiting for Telegram, with a countdown for whoever looks on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tgvault.api import SourceProgress

__all__ = ["Waiter"]

#: Seconds from which on a wait is shown.
_LONG = 3.0


@dataclass(frozen=True, slots=True)
class Waiter:
    """Waits by `sleep`, a second at a time where somebody should see how long it takes yet."""

    sleep: Callable[[float], Awaitable[None]]
    progress: SourceProgress

    async def __call__(self, seconds: float, reason: str) -> None:
        """Wait; `reason` is a clause that tells what for."""
        if seconds < _LONG:
            await self.sleep(seconds)
            return
        left = seconds
        while left > 0:
            self.progress.waiting(left, reason)
            await self.sleep(min(1.0, left))
            left -= 1.0
        self.progress.waiting(0.0, "")
