from __future__ import annotations

import pytest

from key_support import NOON, all_texts, sealed_with_passphrase
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity
from tgvault.errors import ForgedObjectError, NotAVaultError, VaultError, WrongKeyError
from tgvault.keys.unlock import Unlocked, unlock
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.slot_changes import add_recipient_slot, put_recipient_slot
from tgvault.vault.slots import list_slots, slot_object

ANNA = Identity.generate()
BUNDLE = KeyBundle.generate()
HEAD = VaultHeader.make(BUNDLE, created=NOON, slots={})


@pytest.fixture
def sink() -> MemorySink:
    sink = MemorySink({HEADER: HEAD.to_json()})
    add_recipient_slot(sink, "anna", bundle=BUNDLE, recipient=ANNA.recipient)
    return sink


def test_a_key_unlocks_the_vault(sink: MemorySink) -> None:
    unlocked = unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)

    assert unlocked == Unlocked(read_header(sink), BUNDLE, list_slots(sink)[0])
    assert unlocked.slot == "anna"
    assert "AGE-SECRET" not in all_texts(unlocked)


def test_a_passphrase_unlocks_the_vault(sink: MemorySink) -> None:
    sink.replace(slot_object("phrase"), sealed_with_passphrase(BUNDLE.to_json(), "pass"))

    assert unlock(sink, [], passphrase="pass").slot == "phrase"


def test_another_key_does_not(sink: MemorySink) -> None:
    with pytest.raises(WrongKeyError):
        unlock(sink, [Identity.generate()])


def test_where_a_slot_is_not_as_it_was_made_it_is_named_to_whom_no_other_opens(sink: MemorySink) -> None:
    ben = Identity.generate()
    add_recipient_slot(sink, "ben", bundle=BUNDLE, recipient=ben.recipient)
    sink.delete(slot_object("anna"))

    with pytest.raises(WrongKeyError) as caught:
        unlock(sink, [ANNA])

    assert "`keys/anna.age` is missing" in str(caught.value.hint)
    assert "`keys/ben.age`" not in str(caught.value.hint)
    assert unlock(sink, [ben]).slot == "ben"


def test_a_place_without_a_vault_says_so_before_any_key_is_tried() -> None:
    with pytest.raises(NotAVaultError):
        unlock(MemorySink(), [])


def test_a_slot_that_somebody_forged_is_passed_over(sink: MemorySink) -> None:
    put_recipient_slot(sink, "a", bundle=KeyBundle.generate(), recipient=ANNA.recipient)

    assert unlock(sink, [ANNA]).slot == "anna"


def test_a_good_slot_that_is_not_on_the_list_unlocks_the_vault(sink: MemorySink) -> None:
    ben = Identity.generate()
    put_recipient_slot(sink, "ben", bundle=BUNDLE, recipient=ben.recipient)

    assert unlock(sink, [ben]).slot == "ben"


def test_a_whole_new_vault_in_the_place_of_the_old_is_found_out_by_its_fingerprint() -> None:
    forged = KeyBundle.generate()
    sink = MemorySink({HEADER: VaultHeader.make(forged, created=NOON, slots={}).to_json()})
    add_recipient_slot(sink, "anna", bundle=forged, recipient=ANNA.recipient)

    with pytest.raises(ForgedObjectError, match="fingerprint"):
        unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)


DAMAGED = {
    "missing": None,
    "emptied": b"",
    "cut off": HEAD.to_json()[:100],
    "no JSON": b"\xff" + HEAD.to_json()[1:],
    "another name": HEAD.to_json().replace(b'"index"', b'"indes"'),
    "altered": HEAD.to_json().replace(b'"created":"20', b'"created":"21'),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_whoever_knows_the_fingerprint_unlocks_a_vault_whose_header_is_damaged(sink: MemorySink, damage: str) -> None:
    text = DAMAGED[damage]
    sink.delete(HEADER)
    if text is not None:
        sink.replace(HEADER, text)

    unlocked = unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)

    assert unlocked.bundle == BUNDLE
    assert "`vault.json`" in str(unlocked.damage)
    unlocked.header.check(BUNDLE, expected_fingerprint=BUNDLE.fingerprint)
    assert unlocked.header.slots.keys() == {"anna"}
    with pytest.raises(VaultError) as caught:
        unlock(sink, [ANNA])
    assert caught.value.hint


def test_without_a_header_a_vault_is_as_old_as_its_first_snapshot(sink: MemorySink) -> None:
    sink.delete(HEADER)
    before = unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)
    sink.put(ObjectName(f"snapshots/20250102T030405Z-{'ab' * 32}.age"), b"x")

    after = unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)

    assert before.header.created.year == 1970
    assert f"{after.header.created:%Y-%m-%d %H:%M:%S}" == "2025-01-02 03:04:05"


@pytest.mark.parametrize("key", [Identity.generate(), ANNA])
def test_without_a_header_a_key_that_is_not_the_vaults_unlocks_nothing(key: Identity) -> None:
    sink = MemorySink()
    put_recipient_slot(sink, "anna", bundle=KeyBundle.generate(), recipient=ANNA.recipient)

    with pytest.raises(NotAVaultError):
        unlock(sink, [key], expected_fingerprint=BUNDLE.fingerprint)


def test_without_a_header_the_keys_of_a_write_only_machine_are_not_enough(sink: MemorySink) -> None:
    sink.delete(HEADER)
    half = KeyBundle(BUNDLE.vault_id, None, BUNDLE.index, BUNDLE.id_key)
    put_recipient_slot(sink, "anna", bundle=half, recipient=ANNA.recipient)

    with pytest.raises(NotAVaultError):
        unlock(sink, [ANNA], expected_fingerprint=BUNDLE.fingerprint)
