from __future__ import annotations

import hashlib

import msgspec
import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    SwappedObjectError,
    UnsupportedFormatError,
)
from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.testing import MemorySink, flip_byte
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.manifests import (
    Manifest,
    Node,
    SnapshotName,
    SourceRecord,
    check_manifest,
    manifest_names,
    read_manifest,
    short_id,
    sort_key,
    write_manifest,
)
from tgvault.vault.sealed import seal_text
from vault_support import a_bundle

KEYS = a_bundle()
assert KEYS.data is not None
HEX = "ab" * 32


def manifest(**changes: object) -> Manifest:
    members: dict[str, object] = {
        "vault": KEYS.vault_id,
        "archive": "main",
        "account": 5,
        "sequence": 1,
        "parents": (),
        "time": "2026-01-02T03:04:05Z",
        "host": "laptop",
        "tool": "tgvault 1",
        "source": SourceRecord("fake", "made up", "/export", "2026-01-01T00:00:00Z", "ff"),
        "policy": "keep",
        "chats": Node(HEX, 1, 3, "user:1", "user:9"),
        "documents": None,
        "layout": Node(HEX, 0, 3, 0, 2),
        "files": None,
        "report": msgspec.Raw(b'{"chats":1}'),
    }
    return Manifest(**{**members, **changes})


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def memory() -> Memory:
    return Memory(Database.in_memory())


def put(sink: MemorySink, payload: bytes, *, time: str = "20260102T030405Z") -> SnapshotName:
    """Store a manifest as a holder of the keys would."""
    assert KEYS.data is not None
    data = seal_text(payload, purpose="manifest", id_key=KEYS.id_key, recipient=KEYS.data.recipient)
    name = SnapshotName(f"snapshots/{time}-{hashlib.sha256(data).hexdigest()}.age")
    sink.put(name, data)
    return name


def test_a_manifest_comes_back(sink: MemorySink, memory: Memory) -> None:
    name = write_manifest(sink, manifest(), KEYS)

    found = read_manifest(name, sink, memory, KEYS)

    assert msgspec.structs.replace(found, report=b"") == msgspec.structs.replace(manifest(), report=b"")
    assert bytes(found.report) == b'{"chats":1}'


def test_a_manifest_without_tags_is_one_that_has_none(sink: MemorySink, memory: Memory) -> None:
    members = msgspec.json.decode(msgspec.json.encode(manifest()))
    del members["tags"]
    name = put(sink, msgspec.json.encode(members))

    assert read_manifest(name, sink, memory, KEYS).tags == ()


def test_a_time_before_the_calendar_is_none(sink: MemorySink, memory: Memory) -> None:
    name = put(sink, msgspec.json.encode(manifest(time="0001-01-01T00:00:00+14:00")))

    with pytest.raises(CorruptObjectError, match="not the time"):
        read_manifest(name, sink, memory, KEYS)


def test_a_manifest_is_named_by_its_time_and_its_bytes(sink: MemorySink) -> None:
    name = write_manifest(sink, manifest(), KEYS)

    digest = hashlib.sha256(sink.get(name)).hexdigest()
    assert name == f"snapshots/20260102T030405Z-{digest}.age"
    assert short_id(name) == digest[:8]


def test_the_payload_has_the_members_that_the_format_names(sink: MemorySink) -> None:
    name = write_manifest(sink, manifest(), KEYS)

    members = msgspec.json.decode(check_manifest(name, sink.get(name), KEYS))
    assert list(members) == [
        "format", "vault", "archive", "account", "sequence", "parents", "time", "host", "tool", "source", "policy",
        "chats", "documents", "layout", "files", "report", "tags",
    ]  # fmt: skip
    assert members["layout"] == {"blob": HEX, "level": 0, "count": 3, "first": 0, "last": 2}


def test_what_was_checked_once_is_not_read_again(sink: MemorySink, memory: Memory) -> None:
    name = write_manifest(sink, manifest(), KEYS)
    read_manifest(name, sink, memory, KEYS)
    flip_byte(sink, name)

    assert read_manifest(name, sink, memory, KEYS).archive == "main"


def test_what_is_not_good_is_not_remembered(sink: MemorySink, memory: Memory) -> None:
    name = write_manifest(sink, manifest(), KEYS)
    good = sink.get(name)
    flip_byte(sink, name)

    with pytest.raises(CorruptObjectError):
        read_manifest(name, sink, memory, KEYS)

    sink.replace(name, good)
    assert read_manifest(name, sink, memory, KEYS).archive == "main"


def test_a_manifest_that_is_not_there_is_missing(sink: MemorySink, memory: Memory) -> None:
    name = SnapshotName(f"snapshots/20260102T030405Z-{HEX}.age")

    with pytest.raises(MissingObjectError, match=name):
        read_manifest(name, sink, memory, KEYS)


def test_a_copy_under_another_time_is_swapped(sink: MemorySink, memory: Memory) -> None:
    """No rule depends on the time, but one snapshot must not be two."""
    name = write_manifest(sink, manifest(), KEYS)
    copy = SnapshotName(name.replace("20260102", "20270102"))
    sink.put(copy, sink.get(name))

    with pytest.raises(SwappedObjectError, match=name):
        read_manifest(copy, sink, memory, KEYS)


def test_a_manifest_of_a_newer_format_is_refused_with_the_way_out(sink: MemorySink, memory: Memory) -> None:
    name = put(sink, b'{"format":2,"vault":"%s","later":{}}' % KEYS.vault_id.encode())

    with pytest.raises(UnsupportedFormatError, match="format 2") as caught:
        read_manifest(name, sink, memory, KEYS)
    assert caught.value.hint


def test_a_manifest_of_another_vault_is_refused(sink: MemorySink, memory: Memory) -> None:
    name = put(sink, msgspec.json.encode(manifest(vault="0" * 32)))

    with pytest.raises(CorruptObjectError, match="another vault"):
        read_manifest(name, sink, memory, KEYS)


@pytest.mark.parametrize("payload", [b"", b"5", b"{}", b'{"format":1,"vault":"%s"}' % KEYS.vault_id.encode()])
def test_a_payload_that_is_no_manifest_is_reported(sink: MemorySink, memory: Memory, payload: bytes) -> None:
    name = put(sink, payload)

    with pytest.raises(CorruptObjectError, match=name):
        read_manifest(name, sink, memory, KEYS)


def test_a_manifest_without_a_time_is_reported(sink: MemorySink, memory: Memory) -> None:
    name = put(sink, msgspec.json.encode(manifest(time="noon")))

    with pytest.raises(CorruptObjectError, match="noon"):
        read_manifest(name, sink, memory, KEYS)


def test_members_of_a_later_version_are_passed_over(sink: MemorySink, memory: Memory) -> None:
    later = msgspec.json.encode(manifest()).replace(b'{"format"', b'{"later":[1],"format"')

    assert read_manifest(put(sink, later), sink, memory, KEYS).archive == "main"


def test_a_manifest_that_others_made_up_is_forged(sink: MemorySink, memory: Memory) -> None:
    assert KEYS.data is not None
    others = KeyBundle.generate()
    data = seal_text(
        msgspec.json.encode(manifest()), purpose="manifest", id_key=others.id_key, recipient=KEYS.data.recipient
    )
    name = SnapshotName(f"snapshots/20260102T030405Z-{hashlib.sha256(data).hexdigest()}.age")
    sink.put(name, data)

    with pytest.raises(ForgedObjectError, match=name):
        read_manifest(name, sink, memory, KEYS)


def test_only_names_of_manifests_are_listed_in_their_order(sink: MemorySink) -> None:
    good = [f"snapshots/2026010{day}T030405Z-{HEX}.age" for day in (1, 2, 3)]
    for name in (*good[::-1], "snapshots/desktop.ini", f"snapshots/{HEX}.age", good[0] + ".part", f"index/{HEX}.age"):
        sink.put(ObjectName(name), b"")

    assert manifest_names(sink) == good


def test_snapshots_of_an_archive_stand_in_the_order_of_their_numbers_then_of_time() -> None:
    rows = [manifest(sequence=2, time="2026-01-01T00:00:00Z"), manifest(sequence=1), manifest(sequence=2)]

    assert sorted(rows, key=sort_key) == [rows[1], rows[0], rows[2]]
