from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from key_support import sealed_with_passphrase, ssh_rsa, vault_for
from tgvault.crypto.age import Identity, Recipient, seal
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    SwappedObjectError,
    TgVaultError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.testing import MemorySink, flip_byte, swap, truncate
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import read_header
from tgvault.vault.slot_changes import add_recipient_slot, list_again, put_recipient_slot
from tgvault.vault.slot_checks import check_slots
from tgvault.vault.slots import Slot, slot_object

BUNDLE = KeyBundle.generate()
ANNA = Identity.generate()
BEN = Identity.generate()
BENS = slot_object("ben")


@pytest.fixture
def sink() -> MemorySink:
    """A vault that Anna and Ben open."""
    return vault_for(BUNDLE, anna=ANNA, ben=BEN)


def check(sink: MemorySink) -> list[tuple[str, VaultError]]:
    return [(str(name), error) for name, error in check_slots(sink, read_header(sink), BUNDLE)]


def kinds(sink: MemorySink) -> list[tuple[str, type[TgVaultError]]]:
    return [(name, type(error)) for name, error in check(sink)]


def test_slots_that_are_as_listed_are_good(sink: MemorySink) -> None:
    add_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=Recipient(ssh_rsa()[1]))

    assert check(sink) == []


def test_a_flipped_byte_anywhere_in_a_slot_is_found_and_called_damage(sink: MemorySink) -> None:
    whole = sink.get(BENS)
    for at in range(0, len(whole), 61):
        flip_byte(sink, BENS, at=at)

        assert kinds(sink) == [("keys/ben.age", CorruptObjectError)]
        sink.replace(BENS, whole)


def test_a_flipped_bit_is_found(sink: MemorySink) -> None:
    whole = sink.get(BENS)
    sink.replace(BENS, whole[:-1] + bytes([whole[-1] ^ 1]))

    ((_, error),) = check(sink)

    assert "one of its bytes has changed" in str(error)
    assert "tgvault key remove ben" in str(error.hint)


def test_a_slot_that_is_cut_off_anywhere_is_found_and_called_one(sink: MemorySink) -> None:
    whole = sink.get(BENS)
    for keep in (0, 1, 21, 22, 60, *range(100, len(whole), 97), len(whole) - 1):
        truncate(sink, BENS, keep=keep)

        assert kinds(sink) == [("keys/ben.age", TruncatedObjectError)]
        sink.replace(BENS, whole)


def test_a_slot_that_is_gone_is_named_with_both_ways_out(sink: MemorySink) -> None:
    sink.delete(BENS)

    ((name, error),) = check(sink)

    assert (name, type(error)) == ("keys/ben.age", MissingObjectError)
    assert "`tgvault key remove ben` takes it off the list" in str(error.hint)
    assert "`tgvault verify --repair`" in str(error.hint)


def test_swapped_slots_are_both_named(sink: MemorySink) -> None:
    swap(sink, slot_object("anna"), BENS)

    found = check(sink)

    assert [(name, type(error)) for name, error in found] == [
        ("keys/anna.age", SwappedObjectError),
        ("keys/ben.age", SwappedObjectError),
    ]
    assert str(found[0][1]) == "`keys/anna.age` holds the bytes of `keys/ben.age`"


def forged(sink: MemorySink) -> None:
    put_recipient_slot(sink, "ben", bundle=KeyBundle.generate(), recipient=BEN.recipient)


def of_an_earlier_time(sink: MemorySink) -> None:
    put_recipient_slot(sink, "ben", bundle=BUNDLE, recipient=BEN.recipient)


def a_passphrase(sink: MemorySink) -> None:
    sink.replace(BENS, sealed_with_passphrase(KeyBundle.generate().to_json(), "guess"))


def very_long(sink: MemorySink) -> None:
    sink.replace(BENS, seal(bytes(200_000), [BEN.recipient]))


@pytest.mark.parametrize("change", [forged, of_an_earlier_time, a_passphrase, very_long])
def test_another_slot_in_the_place_of_one_is_called_forged(
    sink: MemorySink, change: Callable[[MemorySink], None]
) -> None:
    change(sink)

    ((name, error),) = check(sink)

    assert (name, type(error)) == ("keys/ben.age", ForgedObjectError)
    assert "tgvault key remove ben" in str(error.hint)


@pytest.mark.parametrize("content", [b"rubbish", random.Random(1).randbytes(500), bytes(500)])
def test_what_is_no_slot_at_all_is_called_damage(sink: MemorySink, content: bytes) -> None:
    sink.replace(BENS, content)

    assert kinds(sink) == [("keys/ben.age", CorruptObjectError)]


def test_a_slot_for_a_kind_of_key_that_nobody_knows_is_called_damage(sink: MemorySink) -> None:
    sink.replace(BENS, sink.get(BENS).replace(b"-> X25519", b"-> Y25518"))

    assert kinds(sink) == [("keys/ben.age", CorruptObjectError)]


def test_a_slot_that_is_not_listed_is_named_with_both_ways_out(sink: MemorySink) -> None:
    slot = put_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=Identity.generate().recipient)

    ((name, error),) = check(sink)

    assert (name, type(error)) == ("keys/carla.age", ForgedObjectError)
    assert "not on the list" in str(error)
    assert "`tgvault key remove carla`" in str(error.hint)
    list_again(sink, slot, bundle=BUNDLE)
    assert check(sink) == []


def test_a_copy_of_a_slot_under_another_name_is_named(sink: MemorySink) -> None:
    sink.replace(slot_object("carla"), sink.get(BENS))

    assert kinds(sink) == [("keys/carla.age", SwappedObjectError)]


def test_every_slot_that_is_not_good_is_named(sink: MemorySink) -> None:
    flip_byte(sink, slot_object("anna"))
    sink.delete(BENS)
    sink.replace(slot_object("carla"), b"rubbish")

    assert kinds(sink) == [
        ("keys/anna.age", CorruptObjectError),
        ("keys/carla.age", ForgedObjectError),
        ("keys/ben.age", MissingObjectError),
    ]


def test_a_listed_slot_has_the_hash_that_sha256sum_gives(sink: MemorySink) -> None:
    listed = read_header(sink).slots

    assert listed["ben"] == Slot.of("ben", sink.get(BENS)).digest
