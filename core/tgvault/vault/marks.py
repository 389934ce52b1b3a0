"""Marks: what is to be forgotten, what nobody needs any more, and what was deleted on purpose."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import (
    CorruptObjectError,
    MissingObjectError,
    SwappedObjectError,
    UnsupportedFormatError,
    VaultError,
)
from tgvault.state.memory import Memory
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import FORGED_HINT
from tgvault.vault.elsewhere import read_checked
from tgvault.vault.sealed import open_text, seal_text

__all__ = ["FORMAT", "Mark", "MarkKind", "Marks", "StoredMark", "open_mark", "put_mark", "read_marks"]

FORMAT = 1
PURPOSE = "mark"

_NAME = re.compile(r"marks/(forget|unneeded|deleted)-\d{8}T\d{6}Z-[0-9a-f]{64}\.age")


class MarkKind(StrEnum):
    """What a mark says of the objects that it names.

    `forget`: these snapshots are the vault's no more; taken back by deleting the mark. `unneeded`: no snapshot needs
    these objects, and no writer may rely on them. `deleted`: these objects were deleted on purpose, or are about to be.
    """

    FORGET = "forget"
    UNNEEDED = "unneeded"
    DELETED = "deleted"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What a holder of the vault's keys says of objects; `time` is the writer's, and decides nothing."""

    format: int = FORMAT
    vault: str
    kind: MarkKind
    time: str
    host: str
    objects: tuple[ObjectName, ...]


class _FormatOnly(msgspec.Struct):
    format: int
    vault: str


@dataclass(frozen=True, slots=True)
class StoredMark:
    """A mark that is in the sink, under its name."""

    name: ObjectName
    mark: Mark


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a vault, and what is wrong with those that are not good."""

    stored: tuple[StoredMark, ...] = ()
    bad: tuple[VaultError, ...] = ()

    def of(self, kind: MarkKind) -> list[StoredMark]:
        """Give the marks of one kind, in the order of their names."""
        return [each for each in self.stored if each.mark.kind is kind]

    def objects(self, kind: MarkKind) -> frozenset[ObjectName]:
        """Name every object that a mark of that kind names."""
        return frozenset(name for each in self.of(kind) for name in each.mark.objects)

    def without(self, names: Iterable[str]) -> Marks:
        """Give these marks but for those of these names."""
        left = frozenset(names)
        return Marks(tuple(each for each in self.stored if each.name not in left), self.bad)


def put_mark(
    sink: Sink, kind: MarkKind, objects: Iterable[ObjectName], *, keys: KeyBundle, time: datetime, host: str
) -> StoredMark:
    """Store a mark, sealed to the index recipient so that write-only machines heed it, too; `time` is aware."""
    moment = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    mark = Mark(vault=keys.vault_id, kind=kind, time=moment, host=host, objects=tuple(sorted(set(objects))))
    payload = msgspec.json.encode(mark)
    data = seal_text(payload, purpose=PURPOSE, id_key=keys.id_key, recipient=keys.index.recipient)
    name = _name(mark, data)
    sink.put(name, data)
    return StoredMark(name, mark)


def read_marks(sink: Sink, memory: Memory, keys: KeyBundle) -> Marks:
    """Read all marks; what was checked once is taken from the local state. A mark that is not good marks nothing."""
    found: list[StoredMark] = []
    bad: list[VaultError] = []
    for name in sorted(each.name for each in sink.list("marks/") if _NAME.fullmatch(each.name)):
        try:
            found.append(StoredMark(name, _read(name, sink, memory, keys)))
        except MissingObjectError:
            # Deleted since it was listed: it is no mark any more.
            continue
        except VaultError as error:
            bad.append(error)
    return Marks(tuple(found), tuple(bad))


def open_mark(name: ObjectName, data: bytes, keys: KeyBundle) -> Mark:
    """Check the bytes of a mark, wherever they lie, and give what it says.

    Raises:
        VaultError: it is not good; nobody who holds the vault's keys wrote it as it is.
    """
    return _checked(name, data, keys)[0]


def _read(name: ObjectName, sink: Sink, memory: Memory, keys: KeyBundle) -> Mark:
    payload = memory.manifest(name)
    if payload is not None:
        return _decode(name, payload, keys)
    mark, payload = read_checked(sink, name, lambda data: _checked(name, data, keys))
    memory.keep_manifest(name, payload)
    return mark


def _checked(name: ObjectName, data: bytes, keys: KeyBundle) -> tuple[Mark, bytes]:
    payload = open_text(name, data, purpose=PURPOSE, id_key=keys.id_key, identity=keys.index)
    mark = _decode(name, payload, keys)
    if name != _name(mark, data):
        raise SwappedObjectError(f"`{name}` holds the bytes of `{_name(mark, data)}`", hint=FORGED_HINT)
    return mark, payload


def _decode(name: ObjectName, payload: bytes, keys: KeyBundle) -> Mark:
    try:
        head = msgspec.json.decode(payload, type=_FormatOnly)
        if head.format > FORMAT:
            raise UnsupportedFormatError(
                f"`{name}` has format {head.format}; this tgvault reads up to {FORMAT}", hint="install a newer tgvault"
            )
        if head.vault != keys.vault_id:
            raise CorruptObjectError(f"`{name}` belongs to another vault")
        return msgspec.json.decode(payload, type=Mark)
    except msgspec.MsgspecError as error:
        raise CorruptObjectError(f"`{name}` is not a mark: {error}") from None


def _name(mark: Mark, data: bytes) -> ObjectName:
    try:
        moment = datetime.fromisoformat(mark.time).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (OverflowError, ValueError):
        raise CorruptObjectError(f"`{mark.time[:40]}` is not the time of a mark") from None
    return ObjectName(f"marks/{mark.kind}-{moment}-{hashlib.sha256(data).hexdigest()}.age")
