"""A sink that processes share and that forgets nothing, so that a run can be replayed up to any instant."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar

import msgspec

from tgvault.contracts.sink import ObjectName, StoredObject
from tgvault.errors import SinkUnavailableError
from tgvault.testing.memory import MemorySink
from tgvault.testing.recording import Operation, apply

__all__ = ["JournalConfig", "JournalSink"]

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Operation)

_LENGTH = 8


class JournalConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`path` is the journal, one file."""

    path: Path


class JournalSink:
    """Appends every write to one file and answers from what stands there.

    Made from its configuration like a real sink, so that worker processes can make theirs; `operations` then gives
    the writes of all processes in the order in which they took effect, for `crash_states`. Nothing is flushed to the
    disk: it is for tests, which do not lose power.
    """

    config: ClassVar[type[msgspec.Struct]] = JournalConfig

    def __init__(self, config: JournalConfig) -> None:
        self._path = config.path
        self._read = 0
        self._writes: list[Operation] = []
        self._objects: dict[str, bytes] = {}

    def operations(self) -> tuple[Operation, ...]:
        """Every write so far, of all processes."""
        self._catch_up()
        return tuple(self._writes)

    def prepare(self) -> None:
        """Begin a journal where there is none."""
        self._path.touch(mode=0o600)

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under name, unless something is there."""
        self._append(Operation("put", name, data))

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under name."""
        self._append(Operation("replace", name, data))

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        return self._store().get(name)

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        return self._store().size(name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix."""
        return self._store().list(prefix)

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        self._append(Operation("delete", name))

    def tidy(self) -> None:
        """Half a record of a killed writer is cut off by the next one."""

    def close(self) -> None:
        """Nothing is held open."""

    def _store(self) -> MemorySink:
        self._catch_up()
        return MemorySink(self._objects)

    def _catch_up(self) -> None:
        with self._locked() as file:
            self._read_on(file)

    def _append(self, write: Operation) -> None:
        record = _ENCODER.encode(write)
        with self._locked() as file:
            self._read_on(file)
            # What follows the last whole record is half a record of a writer that was killed.
            file.truncate(self._read)
            file.seek(self._read)
            file.write(len(record).to_bytes(_LENGTH) + record)
            file.flush()
            self._read_on(file)

    def _read_on(self, file: BinaryIO) -> None:
        file.seek(self._read)
        while len(head := file.read(_LENGTH)) == _LENGTH:
            record = file.read(int.from_bytes(head))
            if len(record) < int.from_bytes(head):
                return
            write = _DECODER.decode(record)
            apply(write, self._objects)
            self._writes.append(write)
            self._read += _LENGTH + len(record)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        try:
            file = self._path.open("r+b")
        except OSError as error:
            raise SinkUnavailableError(f"there is no journal `{self._path}`", hint="call `prepare` once") from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
