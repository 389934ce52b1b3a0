from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_support import NOON, all_texts
from tgvault.crypto.age import Identity
from tgvault.errors import BadKeyError, ForgedObjectError, NotAVaultError, TruncatedObjectError, WrongKeyError
from tgvault.keys.kit import facts, is_kit, new_kit, parse_kit, verify_kit
from tgvault.keys.kit_text import kit_text
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.slot_changes import add_recipient_slot, remove_slot
from tgvault.vault.slots import slot_object

BUNDLE = KeyBundle.generate()
KIT = new_kit(
    Identity.generate(), BUNDLE, slot="recovery", place="folder /mnt/b", created=NOON, config='[sink]\ntype = "local"\n'
)
TEXT = kit_text(KIT, file="KIT.txt")


@pytest.fixture
def sink() -> MemorySink:
    """A vault with another slot besides the kit's."""
    sink = MemorySink({HEADER: VaultHeader.make(BUNDLE, created=NOON, slots={}).to_json()})
    add_recipient_slot(sink, "device", bundle=BUNDLE, recipient=Identity.generate().recipient)
    add_recipient_slot(sink, "recovery", bundle=BUNDLE, recipient=KIT.identity.recipient)
    return sink


def test_a_kit_comes_back_from_its_text() -> None:
    assert parse_kit(TEXT) == replace(KIT, config="")


def in_small_letters(text: str) -> str:
    return text.lower()


def without_signs(text: str) -> str:
    return text.replace("# ", "")


def in_groups(text: str) -> str:
    groups = [KIT.identity.text[at : at + 5] for at in range(0, 74, 5)]
    return text.replace(KIT.identity.text, " ".join(groups[:7]) + "\n  " + " ".join(groups[7:]))


def misread(text: str) -> str:
    letters = KIT.identity.text[16:]
    wrong = letters.replace("0", "O").replace("8", "B").replace("L", "1")
    return text.replace(letters, wrong).replace(KIT.fingerprint, KIT.fingerprint.replace("0", "o").replace("1", "l"))


def few_lines(_: str) -> str:
    return f"VAULT : {KIT.vault_id.upper()}\n fingerprint:{KIT.fingerprint}\n{KIT.identity.text}"


@pytest.mark.parametrize("typed", [in_small_letters, without_signs, in_groups, misread, few_lines])
def test_a_kit_may_be_typed_from_paper(typed) -> None:
    kit = parse_kit(typed(TEXT))

    assert (kit.identity, kit.vault_id, kit.fingerprint) == (KIT.identity, KIT.vault_id, KIT.fingerprint)


def test_what_is_not_typed_may_be_missing() -> None:
    kit = parse_kit(few_lines(TEXT))

    assert (kit.created, kit.place, kit.slot) == (None, "", "")
    assert "Made" not in dict(facts(kit))


@given(st.integers(16, 73), st.sampled_from("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"))
def test_a_wrong_letter_in_the_key_is_noticed_and_the_key_not_shown(at: int, letter: str) -> None:
    secret = KIT.identity.text
    wrong = secret[:at] + letter + secret[at + 1 :]
    if wrong == secret:
        return

    with pytest.raises(BadKeyError, match="typing mistake") as caught:
        parse_kit(TEXT.replace(secret, wrong))

    assert wrong[16:] not in all_texts(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say its vault"),
        (TEXT.replace(KIT.vault_id, KIT.vault_id[:-1]), "does not say its vault"),
        (TEXT.replace(KIT.fingerprint, "?"), "not a fingerprint"),
        (TEXT.replace(KIT.identity.text, ""), "no whole key"),
        (TEXT.replace(KIT.identity.text, KIT.identity.text[:-1]), "no whole key"),
        (TEXT.replace(KIT.identity.text, KIT.identity.text + "Q"), "no whole key"),
    ],
)
def test_a_kit_that_lacks_something_says_what(text: str, said: str) -> None:
    with pytest.raises(BadKeyError, match=said) as caught:
        parse_kit(text)

    assert caught.value.hint is not None
    assert KIT.identity.text[16:] not in all_texts(caught.value)


def test_a_kit_is_told_from_a_key_file() -> None:
    assert is_kit(TEXT)
    assert is_kit("  TGVAULT\n# Recovery   kit")
    assert not is_kit(KIT.identity.text)


def test_a_kit_opens_its_vault(sink: MemorySink) -> None:
    unlocked = verify_kit(sink, parse_kit(TEXT))

    assert (unlocked.slot, unlocked.bundle) == ("recovery", BUNDLE)


def test_the_kit_of_another_vault_says_so(sink: MemorySink) -> None:
    other = replace(KIT, vault_id="0" * 32)

    with pytest.raises(WrongKeyError, match=f"for vault `{'0' * 32}`, here is vault `{BUNDLE.vault_id}`"):
        verify_kit(sink, other)


def test_a_kit_whose_slot_was_removed_opens_nothing(sink: MemorySink) -> None:
    remove_slot(sink, "recovery", bundle=BUNDLE)

    with pytest.raises(WrongKeyError, match="does not open `keys"):
        verify_kit(sink, KIT)


def test_a_kit_whose_slot_is_cut_off_names_it(sink: MemorySink) -> None:
    sink.replace(slot_object("recovery"), sink.get(slot_object("recovery"))[:50])

    with pytest.raises(TruncatedObjectError, match=r"keys/recovery\.age"):
        verify_kit(sink, KIT)


def test_a_vault_that_only_claims_to_be_the_kits_is_found_out() -> None:
    forged = replace(KeyBundle.generate(), vault_id=BUNDLE.vault_id)
    sink = MemorySink({HEADER: VaultHeader.make(forged, created=NOON, slots={}).to_json()})
    add_recipient_slot(sink, "recovery", bundle=forged, recipient=KIT.identity.recipient)

    with pytest.raises(ForgedObjectError, match=KIT.fingerprint):
        verify_kit(sink, KIT)


def test_a_place_without_a_vault_is_none() -> None:
    with pytest.raises(NotAVaultError):
        verify_kit(MemorySink(), KIT)


def test_a_kit_shows_no_secret_of_itself() -> None:
    assert KIT.identity.text[16:] not in all_texts(KIT) + str(list(facts(KIT)))
