from __future__ import annotations

from datetime import timedelta

import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, seal
from tgvault.engine.status import Status, status
from tgvault.engine.verifying import Level
from tgvault.testing import flip_byte
from tgvault.vault.slots import SlotKind, slot_object
from vault_support import START, FakeChat, FakeSource, MemoryVault, said

NOW = START + timedelta(days=10)
FILES = {f"files/{number}": bytes([number]) * 1000 for number in range(5)}


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def of(memory: MemoryVault) -> Status:
    return status(memory.vault, memory.snapshots(), now=NOW, since=START + timedelta(days=2))


def test_an_empty_vault_has_nothing_to_tell(memory: MemoryVault) -> None:
    found = of(memory)

    assert (found.archives, found.sources, found.objects, found.bytes) == ([], [], 0, 0)
    assert (found.verified.share, found.verified.newest) == (0.0, None)
    assert found.vault == memory.vault.keys.vault_id
    assert found.fingerprint == memory.vault.keys.fingerprint


def test_each_archive_is_told_with_its_newest_snapshot_and_its_age(memory: MemoryVault) -> None:
    memory.observe([said(1, "a")], [said(1, "a"), said(2, "b")])
    memory.back_up(FakeSource([FakeChat([said(1, "a")])], at=START - timedelta(days=5)), archive="work")

    main, work = of(memory).archives

    assert (main.name, main.snapshots, main.newest.sequence, main.newest.messages) == ("main", 2, 2, 2)
    assert main.age == timedelta(days=9).total_seconds()
    assert (work.name, work.snapshots) == ("work", 1)
    assert work.observed_age == timedelta(days=15).total_seconds()


def test_the_last_run_of_each_source_is_told_newest_first(memory: MemoryVault) -> None:
    memory.back_up(FakeSource(form="html", location="/old"))
    memory.back_up(FakeSource(form="json", location="/first"))
    last = memory.back_up(FakeSource(form="json", location="/second"))

    json, html = of(memory).sources

    assert (json.form, json.location, json.snapshot, json.runs) == ("json", "/second", last.id, 2)
    assert (html.form, html.runs, html.time) == ("html", 1, START)


def test_objects_are_counted_by_kind(memory: MemoryVault) -> None:
    memory.back_up(FakeSource(files=FILES))
    memory.sink.put(ObjectName("vault.json"), b"12345")

    found = of(memory)

    kinds = {each.kind: each for each in found.kinds}
    assert list(kinds) == ["packs", "index", "snapshots", "keys", "other"]
    assert (kinds["snapshots"].objects, kinds["keys"].objects, kinds["other"].bytes) == (1, 0, 5)
    assert sum(each.objects for each in found.kinds) == found.objects == len(memory.sink.objects)
    assert sum(each.bytes for each in found.kinds) == found.bytes
    assert found.packs == kinds["packs"].objects
    assert found.blobs > len(FILES)


def test_packs_of_a_run_that_was_killed_are_told(memory: MemoryVault) -> None:
    memory.back_up(FakeSource(files=FILES))
    for name in [name for name in memory.sink.objects if name.startswith(("index/", "snapshots/"))]:
        del memory.sink.objects[name]
    other = MemoryVault()
    other.sink.objects.update(memory.sink.objects)

    left = of(other).leftover

    assert (left.packs, left.usable) == (len(memory.sink.objects), 0)
    assert left.bytes == sum(len(data) for data in memory.sink.objects.values())


def test_leftover_packs_that_this_machine_wrote_are_of_use(memory: MemoryVault) -> None:
    memory.sink.put(ObjectName(f"packs/ab/{'ab' * 32}.age"), b"123")
    memory.vault.places.add_pack(bytes.fromhex("ab" * 32), 3, [], listed=False)

    left = of(memory).leftover

    assert (left.packs, left.bytes, left.usable) == (1, 3, 1)


def test_what_was_verified_is_told_as_a_share_of_all_packs(memory: MemoryVault) -> None:
    memory.back_up(FakeSource([FakeChat([said(1, "a")])], files=FILES))
    of(memory)
    one, other = memory.vault.places.packs()
    memory.vault.memory.note_verified([one.digest], time="2026-01-02T12:00:00+00:00", level=Level.DATA)

    verified = of(memory).verified

    assert (verified.packs, verified.bytes) == (1, one.size)
    assert verified.share == one.size / (one.size + other.size)
    assert verified.newest == verified.oldest == START + timedelta(days=1)
    assert (verified.recent, verified.damaged) == (0.0, 0)


def test_packs_that_are_gone_do_not_count_as_verified(memory: MemoryVault) -> None:
    memory.vault.memory.note_verified([bytes(32)], time="2026-01-02T12:00:00+00:00", level=Level.DATA)

    assert of(memory).verified.packs == 0


def test_slots_are_told_by_name(memory: MemoryVault) -> None:
    sealed = seal(b"keys", [Identity.generate().recipient])
    for name in ("recovery", "device"):
        memory.sink.put(slot_object(name), sealed)

    assert [(slot.name, slot.kind) for slot in of(memory).slots] == [
        ("device", SlotKind.AGE),
        ("recovery", SlotKind.AGE),
    ]


def test_objects_that_cannot_be_read_are_told(memory: MemoryVault) -> None:
    snapshot = memory.back_up(FakeSource([FakeChat([said(1, "a")])]))
    other = MemoryVault()
    other.sink.objects.update(memory.sink.objects)
    flip_byte(other.sink, snapshot.name)

    (problem,) = of(other).problems

    assert snapshot.name in problem
