"""What the engine asks of a sink, and what a sink may rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, NewType, Protocol, runtime_checkable

import msgspec

__all__ = ["OBJECT_NAME", "Expecting", "Located", "ObjectName", "Sink", "StoredObject", "expect"]

#: `vault.json`, `keys/laptop.age`, `packs/ab/<64 hex>.age`, `snapshots/<time>-<64 hex>.age`: letters, digits, dots,
#: dashes and slashes, never two dots in a row, at most 200 characters, so that every store can take them.
ObjectName = NewType("ObjectName", str)

OBJECT_NAME = re.compile(r"(?!.*\.\.)(?=.{1,200}\Z)(?:[a-zA-Z0-9_-]+/){0,2}[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}")


class StoredObject(msgspec.Struct, frozen=True):
    """An object in a sink: its name and its size in bytes."""

    name: ObjectName
    size: int


class Sink(Protocol):
    """Where a vault's objects are kept. Sees ciphertext and opaque names only.

    An instance is made from its checked configuration; making one MUST NOT touch the store. The engine calls it from
    several processes at once, each with an instance of its own, and in each from up to two threads at a time: while one
    stores a pack, another reads.

    Objects are immutable and named by their content, except `vault.json` and `keys/…`: the engine never calls `put`
    twice with the same name and other bytes for any other object, and may call it again with the same bytes after a
    failure. Every method raises `SinkUnavailableError` when the store cannot be reached, which ends the run; what may
    succeed a moment later, a sink tries again by itself. Where the store answers that the place is not there, it raises
    `SinkGoneError`, which is one.
    Every name that the engine passes matches `OBJECT_NAME` whole.
    """

    config: ClassVar[type[msgspec.Struct]]

    def prepare(self) -> None:
        """Make the place that the objects go to (a folder, a bucket), where there is none yet.

        Called once, by `tgvault init`, before anything else. Nothing else may make it: a vault whose place is gone is
        a disk that is not mounted, not a new vault. A place that exists already, empty or not, is no error.

        Raises:
            SinkPermissionError: the store does not allow it.
        """

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under name, durably and atomically: a reader sees all of it or nothing.

        MUST be idempotent for the same bytes. For other bytes under a name that is taken it may either replace the
        object atomically or leave it as it is; use `replace` to be sure.

        Raises:
            SinkFullError: there is no room.
            SinkPermissionError: the store does not allow it.
        """

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under name as `put` does, in place of what is there.

        Only for `vault.json`, `keys/…`, and objects that are damaged.
        """

    def get(self, name: ObjectName) -> bytes:
        """Read an object whole; objects are 32 MiB at most.

        Raises:
            MissingObjectError: there is none of that name.
        """

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes without reading it.

        Raises:
            MissingObjectError: there is none of that name.
        """

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix, in any order; whatever else lies in the store is left out.

        An object whose `put` returned before the call MUST be listed.
        """

    def delete(self, name: ObjectName) -> None:
        """Delete an object; one that is not there is no error."""

    def tidy(self) -> None:
        """Remove what killed writers left behind and no reader ever sees, such as unfinished uploads over a day old.

        Called from the main process at the end of a backup. MUST NOT disturb a `put` that is still going on elsewhere
        other than making it fail with `SinkUnavailableError`. A sink that leaves nothing behind does nothing.
        """

    def close(self) -> None:
        """Let go of connections; called once, also after an error."""


@runtime_checkable
class Expecting(Protocol):
    """What a sink may have besides: a use for knowing in advance what will be read."""

    def expect(self, name: ObjectName) -> None:
        """Take note that the object will be read soon, perhaps in another process.

        MUST return at once, MUST NOT take memory for the object's content, and MUST NOT raise for an object that is
        not there: whoever reads it is told.
        """


@runtime_checkable
class Located(Protocol):
    """What a sink may tell besides: where its store is, which decides whether losing one thing loses two copies.

    `medium` is what the objects lie on, one word or two (`object storage`): what befalls one medium may befall all of
    its kind. `offsite` is whether it is in another place than this machine: a fire here leaves it whole.
    A table in `vault.toml` may say otherwise. A sink that tells nothing is a medium of its own, and near.
    """

    medium: ClassVar[str]
    offsite: ClassVar[bool]


def expect(sink: Sink, name: ObjectName) -> None:
    """Tell a sink what will be read soon, if it has a use for that."""
    if isinstance(sink, Expecting):
        sink.expect(name)
