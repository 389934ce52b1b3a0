from __future__ import annotations

from dataclasses import replace

import pytest

from key_support import NOON
from tgvault.crypto.age import Identity
from tgvault.engine.header_copy import mend_header, with_copy
from tgvault.keys.unlock import Unlocked, unlock
from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.slot_changes import add_recipient_slot

ANNA, BEN = Identity.generate(), Identity.generate()
BUNDLE = KeyBundle.generate()


@pytest.fixture
def memory() -> Memory:
    return Memory(Database.in_memory())


@pytest.fixture
def sink() -> MemorySink:
    sink = MemorySink({HEADER: VaultHeader.make(BUNDLE, created=NOON, slots={}).to_json()})
    for name, identity in (("anna", ANNA), ("ben", BEN)):
        add_recipient_slot(sink, name, bundle=BUNDLE, recipient=identity.recipient)
    return sink


def unlocked(sink: MemorySink) -> Unlocked:
    return unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)


def test_a_damaged_header_is_written_anew_as_it_was_where_a_copy_is_remembered(
    sink: MemorySink, memory: Memory
) -> None:
    good = sink.get(HEADER)
    with_copy(unlocked(sink), memory)
    sink.delete(HEADER)

    mended = mend_header(sink, with_copy(unlocked(sink), memory))

    assert mended
    assert sink.get(HEADER) == good


@pytest.mark.parametrize("copy", [None, b"rubbish"])
def test_without_a_good_copy_it_lists_the_slot_that_was_opened(
    sink: MemorySink, memory: Memory, copy: bytes | None
) -> None:
    sink.delete(HEADER)
    if copy is not None:
        memory.set_fact("vault.json", copy)

    mend_header(sink, with_copy(unlocked(sink), memory))

    header = read_header(sink)
    header.check(BUNDLE)
    assert header.slots.keys() == {"anna"}
    assert unlock(sink, [BEN]).slot == "ben"


def test_a_good_header_is_remembered_when_it_changes_and_not_written(sink: MemorySink, memory: Memory) -> None:
    first = with_copy(unlocked(sink), memory)
    again = with_copy(first, memory)
    other = replace(first, header=first.header.with_slots({}, bundle=BUNDLE))
    before = sink.get(HEADER)

    with_copy(other, memory)

    assert again == first
    assert memory.fact("vault.json") == other.header.to_json()
    assert not mend_header(sink, other)
    assert sink.get(HEADER) == before


@pytest.mark.parametrize("kind", [FaultKind.TRUNCATED, FaultKind.FLIPPED_BIT])
def test_a_header_that_was_only_read_badly_stays_as_it_is(sink: MemorySink, kind: FaultKind) -> None:
    good = sink.get(HEADER)
    found = unlock(FaultySink(sink, Fault(kind, "get", HEADER)), [ANNA], expected_fingerprint=BUNDLE.fingerprint)

    mended = mend_header(sink, found)

    assert found.damage is not None
    assert not mended
    assert sink.get(HEADER) == good
