"""What was asked of a sink, in order, and what a kill at each instant would have left in the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import msgspec

from tgvault.contracts.sink import ObjectName, Sink, StoredObject
from tgvault.testing.memory import MemorySink, NoConfig

__all__ = ["CrashState", "Method", "Operation", "RecordingSink", "crash_states"]

Method = Literal["prepare", "put", "replace", "get", "size", "list", "delete", "tidy", "close"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: the method, the name or prefix, and the bytes that were to be written."""

    method: Method
    name: str = ""
    data: bytes = field(default=b"", repr=False)


class RecordingSink:
    """Passes every call on to another sink and keeps a list of them in `operations`.

    A call that fails is in the list too. Only of one process: see `JournalSink` for several.
    """

    config: ClassVar[type[msgspec.Struct]] = NoConfig

    def __init__(self, inner: Sink) -> None:
        self.inner = inner
        self.operations: list[Operation] = []

    def prepare(self) -> None:
        """Record, and pass on."""
        self.operations.append(Operation("prepare"))
        self.inner.prepare()

    def put(self, name: ObjectName, data: bytes) -> None:
        """Record, and pass on."""
        self.operations.append(Operation("put", name, data))
        self.inner.put(name, data)

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Record, and pass on."""
        self.operations.append(Operation("replace", name, data))
        self.inner.replace(name, data)

    def get(self, name: ObjectName) -> bytes:
        """Record, and pass on."""
        self.operations.append(Operation("get", name))
        return self.inner.get(name)

    def size(self, name: ObjectName) -> int:
        """Record, and pass on."""
        self.operations.append(Operation("size", name))
        return self.inner.size(name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Record, and pass on."""
        self.operations.append(Operation("list", prefix))
        return self.inner.list(prefix)

    def delete(self, name: ObjectName) -> None:
        """Record, and pass on."""
        self.operations.append(Operation("delete", name))
        self.inner.delete(name)

    def tidy(self) -> None:
        """Record, and pass on."""
        self.operations.append(Operation("tidy"))
        self.inner.tidy()

    def close(self) -> None:
        """Record, and pass on."""
        self.operations.append(Operation("close"))
        self.inner.close()


@dataclass(frozen=True, slots=True)
class CrashState:
    """A store as a kill would have left it.

    The first `done` operations that write had been carried out; if `torn`, half of the next one's bytes had been as
    well. `label` says so for people: `after 7 of 12: put packs/…`.
    """

    label: str
    done: int
    torn: bool
    sink: MemorySink


def crash_states(operations: Iterable[Operation]) -> Iterator[CrashState]:
    """Build the store for every prefix of the operations that write, from none of them to all.

    Before each `put` of a free name there is one state more, in which half of the object lies under its name: the
    contract forbids that, but a copy that was broken off and a disk that lied about a flush do it. Of `replace` there
    is none: what it replaces is known to be read again, and no sink may tear it.
    """
    writes = [each for each in operations if each.method in ("put", "replace", "delete")]
    objects: dict[str, bytes] = {}
    for done, write in enumerate(writes):
        at = f"{done} of {len(writes)}: {write.method} {write.name}"
        yield CrashState(f"before {at}", done, False, MemorySink(dict(objects)))
        if write.method == "put" and write.name not in objects:
            torn = {**objects, write.name: write.data[: len(write.data) // 2]}
            yield CrashState(f"amid {at}", done, True, MemorySink(torn))
        apply(write, objects)
    yield CrashState(f"after all {len(writes)}", len(writes), False, MemorySink(objects))


def apply(write: Operation, objects: dict[str, bytes]) -> None:
    """Carry out an operation that writes on a store of objects, as `MemorySink` does."""
    sink = MemorySink(objects)
    name = ObjectName(write.name)
    match write.method:
        case "put":
            sink.put(name, write.data)
        case "replace":
            sink.replace(name, write.data)
        case "delete":
            sink.delete(name)
        case _:
            raise ValueError(f"{write.method} writes nothing")
