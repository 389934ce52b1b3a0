"""What clients asked the server for, in order."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tgvault.testing.telegram.tl import Tl

__all__ = ["Call", "CallLog", "Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file that was asked for, and how many bytes were given."""

    #: `document`, `photo`, `peer photo`, `takeout` or `cdn`.
    kind: str
    id: int
    #: Letter of the size or thumbnail; empty for a document itself.
    letter: str
    offset: int
    limit: int
    given: int = 0

    @property
    def file(self) -> tuple[str, int, str]:
        """Whose part it is."""
        return self.kind, self.id, self.letter


@dataclass(frozen=True, slots=True)
class Call:
    """One request, unwrapped, and how it was answered."""

    #: Its place in the log, from 0.
    index: int
    #: Seconds of a monotonic clock.
    at: float
    dc: int
    #: As in Telegram's documentation: `messages.getHistory`.
    method: str
    request: Tl = field(repr=False)
    #: Of `invokeWithTakeout`, if it was wrapped.
    takeout_id: int | None = None
    #: Smallest and largest id of `invokeWithMessagesRange`, if it was wrapped.
    range: tuple[int, int] | None = None
    #: `ok`, the name of the error, or what a fault did: `dropped`, `new salt`, `no answer`.
    outcome: str = "ok"
    part: Part | None = None


class CallLog:
    """The calls so far; safe to read from any thread while the server runs."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, make: Callable[[int, float], Call]) -> None:
        """Append a call, which is told its index and time."""
        with self._lock:
            self._calls.append(make(len(self._calls), time.monotonic()))

    def all(self, method: str | None = None, *, outcome: str | None = None) -> tuple[Call, ...]:
        """Give the calls, of one method or with one outcome if so asked."""
        with self._lock:
            calls = tuple(self._calls)
        return tuple(call for call in calls if method in (None, call.method) and outcome in (None, call.outcome))

    def counts(self) -> Counter[str]:
        """Count the calls by method."""
        return Counter(call.method for call in self.all())

    def parts_fetched(self) -> tuple[Part, ...]:
        """Give the file parts that were handed out whole."""
        return tuple(call.part for call in self.all(outcome="ok") if call.part is not None)

    def parts_fetched_twice(self) -> tuple[Part, ...]:
        """Give the parts of which some byte had been handed out before; what "no part fetched twice" asserts."""
        had: dict[tuple[str, int, str], list[Part]] = defaultdict(list)
        twice = []
        for part in self.parts_fetched():
            if any(_overlap(part, other) for other in had[part.file]):
                twice.append(part)
            had[part.file].append(part)
        return tuple(twice)

    def clear(self) -> None:
        """Forget them all; the next one has index 0."""
        with self._lock:
            self._calls.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.all())


def _overlap(one: Part, other: Part) -> bool:
    return max(one.offset, other.offset) < min(one.offset + one.given, other.offset + other.given)
