"""Other readings of an object, of a sink that reads from more than one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar, runtime_checkable

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import CorruptObjectError, SinkError, SwappedObjectError, TruncatedObjectError, VaultError
from tgvault.vault.diagnosis import as_damage

__all__ = ["Redundant", "another_reading", "elsewhere", "lists_everything", "read_checked"]

_ALTERED = (CorruptObjectError, SwappedObjectError, TruncatedObjectError)

_Read = TypeVar("_Read")


@runtime_checkable
class Redundant(Protocol):
    """What a sink has besides if it reads from several places.

    Bytes are not checked when they are read: whoever opens them does that, and asks again only for what is not good.
    """

    #: Whether lists tell of all places, or only of the first one.
    everywhere: bool

    def elsewhere(self, name: ObjectName) -> bytes | None:
        """Give the bytes of an object that fit its name, from the first place that has them; None if none has."""


def elsewhere(sink: Sink, name: ObjectName) -> bytes | None:
    """Give the right bytes of an object that turned out to be damaged; None if they cannot be had."""
    return sink.elsewhere(name) if isinstance(sink, Redundant) else None


def another_reading(sink: Sink, name: ObjectName, error: VaultError) -> bytes | None:
    """Give the bytes of an object once more that were not good, for that reason; None if that is of no use.

    From another place, if there is one; else from the same: a bit may have changed on the way, and only there. Whoever
    takes for lost what can be read is left with less than he has.
    """
    if isinstance(sink, Redundant):
        return elsewhere(sink, name)
    # What is forged was read as it is; and a disk takes seconds to find that it cannot read a sector.
    if not isinstance(error, _ALTERED) or isinstance(error.__cause__, SinkError):
        return None
    with suppress(VaultError), as_damage(name):
        return sink.get(name)
    return None


def lists_everything(sink: Sink) -> bool:
    """Tell whether there is no place left to look at for what the sink does not list."""
    return not isinstance(sink, Redundant) or sink.everywhere


def read_checked(sink: Sink, name: ObjectName, check: Callable[[bytes], _Read]) -> _Read:
    """Give what a check makes of an object; where that is not good, of what another reading gives.

    Raises:
        VaultError: no place has it whole; what is wrong is told.
        SinkError: the sink cannot be read.
    """
    try:
        with as_damage(name):
            data = sink.get(name)
        return check(data)
    except VaultError as error:
        other = another_reading(sink, name, error)
        if other is None:
            raise
    return check(other)
