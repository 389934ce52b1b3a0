from __future__ import annotations

import pytest

from key_support import NOON, all_texts, sealed_with_passphrase
from tgvault.crypto.age import Identity
from tgvault.errors import ForgedObjectError, NotAVaultError, WrongKeyError
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
