"""A sink that goes wrong in the way a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Lock
from typing import ClassVar, TypeVar

import msgspec

from tgvault.contracts.sink import ObjectName, Sink, StoredObject
from tgvault.errors import MissingObjectError, SinkUnavailableError, TgVaultError
from tgvault.testing.memory import NoConfig
from tgvault.testing.recording import Method

__all__ = ["Fault", "FaultKind", "FaultySink"]


T = TypeVar("T")


class FaultKind(StrEnum):
    """In which way a call goes wrong."""

    #: The error is raised and nothing is done.
    ERROR = "error"
    #: It is done, and then the error is raised all the same.
    LOST_ANSWER = "lost answer"
    #: `list` gives the first half, and then the error is raised.
    CUT_OFF = "cut off"
    #: It comes late: what `meanwhile` does is done before.
    DELAYED = "delayed"
    #: `get` gives the first half.
    TRUNCATED = "truncated"
    #: `get` gives the object with one bit of its middle byte changed.
    FLIPPED_BIT = "flipped bit"
    #: `get` and `size` find nothing, and `list` leaves it out.
    HIDDEN = "hidden"
    #: `list` shows the store as it was when the sink was made.
    STALE_LISTING = "stale listing"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of calls of one method whose name (for `list`: prefix) matches a shell pattern.

    It strikes after `after` such calls went well, `times` times, or for ever where that is None. `error` is raised by
    `ERROR`, `LOST_ANSWER` and `CUT_OFF`; the default is a `SinkUnavailableError`. Of `HIDDEN` the method does not
    matter. `meanwhile` is what somebody else does before a call that is `DELAYED`; nothing that it does itself is.
    """

    kind: FaultKind
    method: Method = "get"
    pattern: str = "*"
    after: int = 0
    times: int | None = None
    error: TgVaultError | None = None
    meanwhile: Callable[[], object] | None = None


class FaultySink:
    """Passes calls on to another sink, except where a fault strikes. Safe for several threads where that one is."""

    config: ClassVar[type[msgspec.Struct]] = NoConfig

    def __init__(self, inner: Sink, *faults: Fault) -> None:
        self.inner = inner
        self._faults = faults
        self._calls = [0] * len(faults)
        self._counting = Lock()
        self._waiting = False
        stale = any(fault.kind is FaultKind.STALE_LISTING for fault in faults)
        self._listing = tuple(inner.list("")) if stale else ()

    def prepare(self) -> None:
        """Pass on, or fail."""
        self._call("prepare", "", self.inner.prepare)

    def put(self, name: ObjectName, data: bytes) -> None:
        """Pass on, or fail."""
        self._call("put", name, lambda: self.inner.put(name, data))

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Pass on, or fail."""
        self._call("replace", name, lambda: self.inner.replace(name, data))

    def get(self, name: ObjectName) -> bytes:
        """Pass on, or fail, or give other bytes than are there."""
        self._look_for(name)
        kinds = self._kinds("get", name)
        data = self._call("get", name, lambda: self.inner.get(name), kinds)
        if FaultKind.TRUNCATED in kinds:
            data = data[: len(data) // 2]
        if FaultKind.FLIPPED_BIT in kinds and data:
            at = len(data) // 2
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        return data

    def size(self, name: ObjectName) -> int:
        """Pass on, or fail."""
        self._look_for(name)
        return self._call("size", name, lambda: self.inner.size(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Pass on, or fail, or give an old or shorter listing."""
        kinds = self._kinds("list", prefix)
        listed = self._call("list", prefix, lambda: self.inner.list(prefix), kinds)
        if FaultKind.STALE_LISTING in kinds:
            listed = (each for each in self._listing if each.name.startswith(prefix))
        seen = (each for each in listed if not self._hidden(each.name))
        return _cut_off(seen, _error(kinds[FaultKind.CUT_OFF], "list", prefix)) if FaultKind.CUT_OFF in kinds else seen

    def delete(self, name: ObjectName) -> None:
        """Pass on, or fail."""
        self._call("delete", name, lambda: self.inner.delete(name))

    def tidy(self) -> None:
        """Pass on, or fail."""
        self._call("tidy", "", self.inner.tidy)

    def close(self) -> None:
        """Pass on, or fail."""
        self._call("close", "", self.inner.close)

    def _call(
        self, method: Method, name: str, action: Callable[[], T], striking: dict[FaultKind, Fault] | None = None
    ) -> T:
        """Do it, and fail before or after where a fault says so."""
        faults = self._kinds(method, name) if striking is None else striking
        if FaultKind.DELAYED in faults:
            self._wait(faults[FaultKind.DELAYED])
        if FaultKind.ERROR in faults:
            raise _error(faults[FaultKind.ERROR], method, name)
        done = action()
        if FaultKind.LOST_ANSWER in faults:
            raise _error(faults[FaultKind.LOST_ANSWER], method, name)
        return done

    def _kinds(self, method: Method, name: str) -> dict[FaultKind, Fault]:
        """Count the call, and find the faults that strike it."""
        striking = {}
        for at, fault in enumerate(self._faults):
            if fault.method != method or not fnmatchcase(name, fault.pattern):
                continue
            with self._counting:
                self._calls[at] += 1
                number = self._calls[at]
            late = fault.times is not None and number > fault.after + fault.times
            if number > fault.after and not late:
                striking[fault.kind] = fault
        return striking

    def _wait(self, fault: Fault) -> None:
        """Let somebody else be first; a call of that one's own on this sink is not late itself."""
        if fault.meanwhile is None or self._waiting:
            return
        self._waiting = True
        try:
            fault.meanwhile()
        finally:
            self._waiting = False

    def _hidden(self, name: str) -> bool:
        return any(fault.kind is FaultKind.HIDDEN and fnmatchcase(name, fault.pattern) for fault in self._faults)

    def _look_for(self, name: ObjectName) -> None:
        if self._hidden(name):
            raise MissingObjectError(f"`{name}` is not in the vault", hint="restore it from another copy")


def _cut_off(listed: Iterator[StoredObject], error: TgVaultError) -> Iterator[StoredObject]:
    everything = [*listed]
    yield from everything[: len(everything) // 2]
    raise error


def _error(fault: Fault, method: Method, name: str) -> TgVaultError:
    if fault.error is not None:
        return fault.error
    return SinkUnavailableError(f"{method} of `{name}` went wrong on purpose", hint="the test asked for it")
