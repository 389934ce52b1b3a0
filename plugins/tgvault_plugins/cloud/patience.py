"""Trying again what may succeed a moment later, for a while."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tgvault_plugins.cloud.faults import Fault, Kind, opendal_errors, understood

__all__ = ["FaultError", "Patience"]

T = TypeVar("T")

#: Pauses double from the first to the longest one, each between half and all of its length, so that several machines
#: do not come back at the same instant. Six tries are over after 15 seconds where nothing answers at all.
_LONGEST_PAUSE = 32.0
_TRIES = 6
#: No try begins later than that after the first, in seconds; a store that hangs uses up a minute with each.
_PATIENCE = 120.0
#: Google, Microsoft and Dropbox count requests by the minute, some by five.
_TRIES_WHEN_BUSY = 12
_PATIENCE_WHEN_BUSY = 330.0


class FaultError(Exception):
    """A fault that trying again did not help, or would not."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait, measure time and draw a number from 0 to 1; tests give their own."""

    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    #: Seconds of the first pause, and those that one request may take, or an answer may stand still.
    first_pause: float = 0.5
    limit: float = 60.0

    def run(self, call: Callable[[], T]) -> T:
        """Call until it succeeds; what goes wrong is an error of opendal, or a `FaultError`.

        Raises:
            FaultError: it failed for a reason that lasts, or for too long.
        """
        begun, tries = self.clock(), 0
        while True:
            try:
                return call()
            except FaultError as exc:
                fault = exc.fault
            except opendal_errors() as exc:
                fault = understood(exc)
            tries += 1
            pause = min(self.first_pause * 2 ** (tries - 1), _LONGEST_PAUSE) * (0.5 + self.chance() / 2)
            if tries >= _most_tries(fault) or self.clock() + pause > begun + _longest(fault):
                # Without what led to it: that has addresses, headers and answers in it.
                raise FaultError(fault)
            self.pause(pause)


def _most_tries(fault: Fault) -> int:
    return {Kind.PASSING: _TRIES, Kind.BUSY: _TRIES_WHEN_BUSY}.get(fault.kind, 1)


def _longest(fault: Fault) -> float:
    return _PATIENCE_WHEN_BUSY if fault.kind is Kind.BUSY else _PATIENCE
