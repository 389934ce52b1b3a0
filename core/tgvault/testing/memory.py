"""A sink that lives as long as the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from tgvault.contracts.sink import ObjectName, StoredObject
from tgvault.errors import MissingObjectError

__all__ = ["MemorySink", "NoConfig"]


class NoConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The configuration of what has none."""


class MemorySink:
    """Keeps objects in a dictionary of this process.

    `objects` is the store itself, for a test to look into or to copy. Instances made with the same one share it, as
    instances of a real sink share a store.
    """

    config: ClassVar[type[msgspec.Struct]] = NoConfig

    def __init__(self, objects: dict[str, bytes] | None = None) -> None:
        self.objects: dict[str, bytes] = {} if objects is None else objects

    def prepare(self) -> None:
        """A dictionary needs no preparing."""

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under name, unless something is there."""
        self.objects.setdefault(name, bytes(data))

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under name."""
        self.objects[name] = bytes(data)

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        try:
            return self.objects[name]
        except KeyError:
            raise MissingObjectError(f"`{name}` is not in the vault", hint="restore it from another copy") from None

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        return len(self.get(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix, as they are at the call."""
        found = [(name, data) for name, data in self.objects.copy().items() if name.startswith(prefix)]
        return (StoredObject(ObjectName(name), len(data)) for name, data in found)

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        self.objects.pop(name, None)

    def tidy(self) -> None:
        """Nothing is ever left behind."""

    def close(self) -> None:
        """Nothing is held open."""
