"""A vault read from wherever it is whole: its own place and its copies, one behind the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock
from typing import ClassVar, NoReturn, TypeVar

import msgspec

from tgvault.contracts.sink import Expecting, ObjectName, Sink, StoredObject, expect
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    PluginError,
    SinkError,
    TgVaultError,
    UsageError,
    VaultError,
)
from tgvault.vault.diagnosis import HINT, check_name, is_bad_sector, is_named_by_content

__all__ = ["UNUSABLE", "AnywhereSink", "SinkPlace"]

#: Why a place cannot be read at all, whatever is in it.
UNUSABLE = (AccessError, PluginError, SinkError, UsageError)

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class SinkPlace:
    """A place of the vault's objects: its name in `vault.toml`, and how its sink is made.

    `make` may raise what `UNUSABLE` names. It goes to worker processes where it can be pickled.
    """

    name: str
    make: Callable[[], Sink]


class AnywhereSink:
    """Gives each object from the first place that has it; writes nothing. Safe for several threads, as its sinks are.

    Sinks are made when they are first asked. A place that cannot be reached is not asked again: each time would take
    as long as the first. With `everywhere` the places are listed together; without it, as the first one lists.

    Bytes are checked by whoever opens them, who calls `elsewhere` for those that are not good.
    """

    config: ClassVar[type[msgspec.Struct]] = msgspec.Struct

    def __init__(self, places: Sequence[SinkPlace], *, everywhere: bool = False) -> None:
        self.places = tuple(places)
        self.everywhere = everywhere or len(places) == 1
        #: Places that could not be read, by name, and why.
        self.away: dict[str, TgVaultError] = {}
        #: Objects that the first place has not, or not whole, and where they were read instead.
        self.taken: dict[ObjectName, str] = {}
        self._nowhere: set[ObjectName] = set()
        self._made: dict[str, Sink] = {}
        self._making = RLock()

    def sink(self, place: SinkPlace) -> Sink:
        """Give the sink of a place; raises what `UNUSABLE` names."""
        with self._making:
            if place.name not in self._made:
                self._made[place.name] = place.make()
            return self._made[place.name]

    def adopt(self, place: SinkPlace, sink: Sink) -> None:
        """Use a sink that was made already for a place that was not asked yet."""
        self._made[place.name] = sink

    def get(self, name: ObjectName) -> bytes:
        """Read an object from the first place that has one of that name."""
        return self._first(name, lambda sink: sink.get(name))

    def size(self, name: ObjectName) -> int:
        """Tell the size that an object has in the first place that has one of that name."""
        return self._first(name, lambda sink: sink.size(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List what the first place has or, with `everywhere`, what any of them has."""
        if not self.everywhere or len(self.places) == 1:
            yield from self.sink(self.places[0]).list(prefix)
            return
        met: set[ObjectName] = set()
        for place in self.places:
            listed = self._asked(place, lambda sink: list(sink.list(prefix))) or []
            yield from (each for each in listed if each.name not in met)
            met.update(each.name for each in listed)
        self._require_one()

    def elsewhere(self, name: ObjectName) -> bytes | None:
        """Give the bytes that fit the name, from any place; None if none has them."""
        if name in self._nowhere or not is_named_by_content(name):
            return None
        for place in self.places:
            with suppress(VaultError):
                data = self._asked(place, lambda sink: sink.get(name))
                if data is not None:
                    check_name(name, data)
                    self._take(name, place)
                    return data
        self._nowhere.add(name)
        return None

    @property
    def expecting(self) -> bool:
        """Whether the first place has a use for knowing what will be read; one that is away has none."""
        return self._asked(self.places[0], lambda sink: isinstance(sink, Expecting)) or False

    def expect(self, name: ObjectName) -> None:
        """Tell the first place what will be read soon."""
        self._asked(self.places[0], lambda sink: expect(sink, name))

    def prepare(self) -> NoReturn:
        """Refuse: nothing is written to several places at once."""
        raise _read_only()

    def put(self, name: ObjectName, data: bytes) -> NoReturn:
        """Refuse."""
        raise _read_only()

    def replace(self, name: ObjectName, data: bytes) -> NoReturn:
        """Refuse."""
        raise _read_only()

    def delete(self, name: ObjectName) -> NoReturn:
        """Refuse."""
        raise _read_only()

    def tidy(self) -> NoReturn:
        """Refuse."""
        raise _read_only()

    def close(self) -> None:
        """Let go of all sinks that were made."""
        for sink in self._made.values():
            sink.close()

    def _first(self, name: ObjectName, ask: Callable[[Sink], _Answer]) -> _Answer:
        failure: VaultError | None = None
        found = self.taken.get(name)
        for place in sorted(self.places, key=lambda each: each.name != found):
            try:
                answer = self._asked(place, ask)
            except VaultError as error:
                failure = failure or error
                continue
            if answer is not None:
                self._take(name, place)
                return answer
        self._require_one()
        assert failure is not None
        raise failure

    def _asked(self, place: SinkPlace, ask: Callable[[Sink], _Answer]) -> _Answer | None:
        """Ask one place; None if it cannot be read.

        Raises:
            VaultError: it can be, and does not give the object.
        """
        if place.name in self.away:
            return None
        try:
            return ask(self.sink(place))
        except UNUSABLE as error:
            if isinstance(error, SinkError) and is_bad_sector(error):
                raise CorruptObjectError(str(error), hint=HINT) from error
            self.away[place.name] = error
            return None

    def _take(self, name: ObjectName, place: SinkPlace) -> None:
        # With `everywhere` that would be all of them.
        if not self.everywhere and place is not self.places[0] and self.places[0].name not in self.away:
            self.taken[name] = place.name

    def _require_one(self) -> None:
        """Raises what is wrong with the first place if none can be read."""
        if all(each.name in self.away for each in self.places):
            raise self.away[self.places[0].name]


def _read_only() -> NotImplementedError:
    return NotImplementedError("a vault that is read from several places is not written to")
