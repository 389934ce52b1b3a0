"""Marks: who may write them, and what they hide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256

import msgspec
import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    SwappedObjectError,
    TruncatedObjectError,
    UnsupportedFormatError,
)
from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.testing import MemorySink, flip_byte, truncate
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.marks import Mark, MarkKind, Marks, StoredMark, open_mark, put_mark, read_marks
from tgvault.vault.sealed import seal_text
from vault_support import a_bundle

KEYS = a_bundle()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ONE, TWO = (ObjectName(f"packs/{'ab' if n else 'cd'}/{('ab' if n else 'cd') * 32}.age") for n in (0, 1))


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def memory() -> Memory:
    return Memory(Database.in_memory())


def put(sink: MemorySink, *objects: ObjectName, kind: MarkKind = MarkKind.UNNEEDED) -> StoredMark:
    return put_mark(sink, kind, objects, keys=KEYS, time=NOW, host="laptop")


def put_payload(sink: MemorySink, payload: bytes, *, keys: KeyBundle = KEYS, kind: str = "unneeded") -> ObjectName:
    data = seal_text(payload, purpose="mark", id_key=keys.id_key, recipient=KEYS.index.recipient)
    name = ObjectName(f"marks/{kind}-20260102T030405Z-{sha256(data).hexdigest()}.age")
    sink.put(name, data)
    return name


def payload(**changes: object) -> bytes:
    members: dict[str, object] = {
        "format": 1,
        "vault": KEYS.vault_id,
        "kind": "unneeded",
        "time": "2026-01-02T03:04:05Z",
        "host": "laptop",
        "objects": [ONE],
    }
    return msgspec.json.encode({**members, **changes})


def test_a_mark_is_read_as_it_was_put(sink: MemorySink, memory: Memory) -> None:
    stored = put(sink, TWO, ONE, TWO)

    marks = read_marks(sink, memory, KEYS)

    assert marks == Marks((stored,))
    assert stored.mark.objects == tuple(sorted((ONE, TWO)))
    assert stored.name.startswith("marks/unneeded-20260102T030405Z-")


def test_a_machine_that_cannot_read_the_vault_heeds_marks(sink: MemorySink, memory: Memory) -> None:
    stored = put(sink, ONE)

    marks = read_marks(sink, memory, _write_only())

    assert marks.stored == (stored,)


def _write_only() -> KeyBundle:
    return KeyBundle(KEYS.vault_id, None, KEYS.index, KEYS.id_key)


def test_marks_are_told_by_kind(sink: MemorySink, memory: Memory) -> None:
    forget, unneeded = put(sink, ONE, kind=MarkKind.FORGET), put(sink, TWO)

    marks = read_marks(sink, memory, KEYS)

    assert marks.of(MarkKind.FORGET) == [forget]
    assert marks.objects(MarkKind.UNNEEDED) == {TWO}
    assert marks.without([unneeded.name]).stored == (forget,)


def test_a_mark_is_opened_once(sink: MemorySink, memory: Memory) -> None:
    stored = put(sink, ONE)
    read_marks(sink, memory, KEYS)

    sink.replace(stored.name, b"damaged since")

    assert read_marks(sink, memory, KEYS).stored == (stored,)


def test_a_mark_that_goes_while_it_is_looked_at_is_none(memory: Memory) -> None:
    class Hasty(MemorySink):
        def get(self, name: ObjectName) -> bytes:
            raise MissingObjectError(f"`{name}` is not in the sink")

    sink = Hasty()
    put(sink, ONE)

    assert read_marks(sink, memory, KEYS) == Marks()


def test_other_objects_are_no_marks(sink: MemorySink, memory: Memory) -> None:
    sink.put(ObjectName("marks/readme.txt"), b"mine")

    assert read_marks(sink, memory, KEYS) == Marks()


@pytest.mark.parametrize(
    ("damage", "error"),
    [(flip_byte, CorruptObjectError), (partial(truncate, keep=100), TruncatedObjectError)],
    ids=["altered", "cut off"],
)
def test_a_damaged_mark_marks_nothing_and_is_told(
    sink: MemorySink, memory: Memory, damage: Callable[[MemorySink, ObjectName], None], error: type[Exception]
) -> None:
    damage(sink, put(sink, ONE).name)

    marks = read_marks(sink, memory, KEYS)

    assert marks.stored == ()
    assert [type(each) for each in marks.bad] == [error]


def test_who_does_not_hold_the_keys_cannot_mark(sink: MemorySink, memory: Memory) -> None:
    put_payload(sink, payload(), keys=KeyBundle.generate())

    marks = read_marks(sink, memory, KEYS)

    assert marks.stored == ()
    assert [type(each) for each in marks.bad] == [ForgedObjectError]


def test_a_mark_under_the_name_of_another_kind_is_refused(sink: MemorySink, memory: Memory) -> None:
    put_payload(sink, payload(), kind="forget")

    marks = read_marks(sink, memory, KEYS)

    assert [type(each) for each in marks.bad] == [SwappedObjectError]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"format": 2}, UnsupportedFormatError),
        ({"vault": "0" * 32}, CorruptObjectError),
        ({"objects": 5}, CorruptObjectError),
        ({"time": "yesterday"}, CorruptObjectError),
        ({"kind": "other"}, CorruptObjectError),
    ],
)
def test_what_is_no_mark_of_this_vault_is_told(
    sink: MemorySink, memory: Memory, changes: dict[str, object], error: type[Exception]
) -> None:
    put_payload(sink, payload(**changes))

    marks = read_marks(sink, memory, KEYS)

    assert marks.stored == ()
    assert [type(each) for each in marks.bad] == [error]


def test_members_of_a_later_version_are_passed_over(sink: MemorySink, memory: Memory) -> None:
    put_payload(sink, payload(colour="blue"))

    marks = read_marks(sink, memory, KEYS)

    assert [each.mark for each in marks.stored] == [
        Mark(vault=KEYS.vault_id, kind=MarkKind.UNNEEDED, time="2026-01-02T03:04:05Z", host="laptop", objects=(ONE,))
    ]


def test_a_mark_is_checked_wherever_its_bytes_lie(sink: MemorySink) -> None:
    stored = put(sink, ONE)
    data = sink.get(stored.name)

    assert open_mark(stored.name, data, KEYS) == stored.mark
    with pytest.raises(CorruptObjectError):
        open_mark(stored.name, data[:-1] + bytes([data[-1] ^ 1]), KEYS)
