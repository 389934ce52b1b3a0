"""Faults that the server commits when a test asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tgvault.testing.telegram.tl import Encoded, Tl

__all__ = [
    "Answer",
    "ChangeFile",
    "Delay",
    "Drop",
    "Fault",
    "Faults",
    "ForgetKey",
    "NewSalt",
    "NoAnswer",
    "Refuse",
    "Strike",
]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error, such as `FLOOD_WAIT_5`, `CHANNEL_PRIVATE` or `TIMEOUT`, and do nothing."""

    name: str
    #: The code; None for the one that Telegram sends with the name.
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Do what was asked for, send so many bytes of the answer and cut the connection."""

    #: May be less than the answer has; 0 for nothing at all.
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class NewSalt:
    """Change the key's salt and answer with `bad_server_salt`; the client has to ask again."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Do nothing and say nothing."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Answer that many seconds later; other requests are answered meanwhile."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ForgetKey:
    """Lose the authorization key: -404 and the end of the connection."""


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """Give other bytes of a file than are there, such as `lambda data: data[:-1]`."""

    change: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Do nothing and answer with this, whatever was asked for; bytes as they are in an `Encoded`."""

    value: Tl | Encoded = field(repr=False)


Strike = Answer | Refuse | Drop | NewSalt | NoAnswer | Delay | ForgetKey | ChangeFile


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """What goes wrong in the calls of methods whose name matches a shell pattern, such as `messages.*`.

    It strikes after `after` such calls went well, `times` times, or for ever where that is None. Only calls count of
    which `when`, asked with the unwrapped request, says so, and only those to `dc` if that is given.
    """

    does: Strike
    method: str = "*"
    after: int = 0
    times: int | None = 1
    when: Callable[[Tl], bool] | None = field(default=None, repr=False)
    dc: int | None = None


class Faults:
    """The faults in force; may be changed from any thread while the server runs."""

    def __init__(self) -> None:
        self._counts: dict[Fault, int] = {}
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Put faults in force, each with its own count."""
        with self._lock:
            self._counts.update(dict.fromkeys(faults, 0))

    def clear(self) -> None:
        """Put them all out of force."""
        with self._lock:
            self._counts.clear()

    def strikes(self, fault: Fault) -> int:
        """Tell how often a fault struck."""
        with self._lock:
            return max(0, _capped(self._counts.get(fault, 0) - fault.after, fault.times))

    def pending(self) -> tuple[Fault, ...]:
        """Give the faults that have not struck as often as they should; those without end are not among them."""
        with self._lock:
            return tuple(
                fault
                for fault, count in self._counts.items()
                if fault.times is not None and count < fault.after + fault.times
            )

    def strike(self, method: str, request: Tl, *, dc: int) -> Strike | None:
        """Count a call; gives what goes wrong in it. The first fault that matches and strikes is the one."""
        with self._lock:
            struck = [fault for fault in self._counts if _matches(fault, method, request, dc) and self._count(fault)]
        return struck[0].does if struck else None

    def _count(self, fault: Fault) -> bool:
        self._counts[fault] += 1
        number = self._counts[fault] - fault.after
        return number > 0 and (fault.times is None or number <= fault.times)


def _capped(count: int, times: int | None) -> int:
    return count if times is None else min(count, times)


def _matches(fault: Fault, method: str, request: Tl, dc: int) -> bool:
    if not fnmatchcase(method, fault.method) or fault.dc not in (None, dc):
        return False
    return fault.when is None or fault.when(request)
