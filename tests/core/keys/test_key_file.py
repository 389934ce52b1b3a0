from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from key_support import NOON, all_texts, ssh_ed25519
from tgvault.crypto.age import Identity
from tgvault.errors import BadKeyError
from tgvault.keys.key_file import parse_keys, read_key_file
from tgvault.keys.kit import Kit
from tgvault.keys.kit_text import kit_text

ANNA = Identity.generate()
BEN = Identity.generate()
KIT = Kit(ANNA, "0" * 32, "0000-0000-0000-0000", "recovery", "a disk", NOON)


def parsed(text: str) -> tuple[Identity, ...]:
    return parse_keys(text.encode(), origin="key file `k`").identities


def test_an_identity_file_may_hold_comments_and_several_keys() -> None:
    text = f"# created: today\r\n\r\n  {ANNA.text}  \n# public key: age1\n{BEN.text}"

    assert parsed(text) == (ANNA, BEN)


def test_the_files_of_age_are_read(tmp_path: Path) -> None:
    subprocess.run(["age-keygen", "-o", tmp_path / "key.txt"], check=True, capture_output=True)

    found = read_key_file(tmp_path / "key.txt")

    assert len(found.identities) == 1
    assert found.identities[0].recipient.text in (tmp_path / "key.txt").read_text()
    assert found.origin == f"key file `{tmp_path / 'key.txt'}`"
    assert found.notices == ()


def test_an_ssh_private_key_is_read() -> None:
    private, public = ssh_ed25519()

    (identity,) = parsed("\n" + private)

    assert identity.recipient.text == public


def test_a_recovery_kit_is_read_also_when_it_was_typed() -> None:
    text = kit_text(KIT, file="KIT.txt")

    assert parsed(text) == (ANNA,)
    assert parsed(text.lower()) == (ANNA,)


def test_a_recovery_kit_says_which_vault_it_opens_and_other_keys_do_not() -> None:
    kit, key = kit_text(KIT, file="KIT.txt"), ANNA.text

    assert parse_keys(kit.encode(), origin="k").fingerprint == KIT.fingerprint
    assert parse_keys(key.encode(), origin="k").fingerprint is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no key"),
        ("# only a comment\n", "there is no key"),
        (f"{ANNA.text}\nhello\n", "line 2: the key is neither"),
        ("AGE-PLUGIN-YUBIKEY-1QQQ", "line 1: the key is one of an age plugin"),
        ("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl", "itself encrypted with age"),
        ("age-encryption.org/v1\n-> scrypt", "itself encrypted with age"),
        ("-----BEGIN CERTIFICATE-----\nAAAA", "cannot be used"),
    ],
)
def test_what_holds_no_key_that_can_be_used_says_why(text: str, said: str) -> None:
    with pytest.raises(BadKeyError, match=said) as caught:
        parsed(text)

    assert caught.value.hint is not None
    assert ANNA.text not in all_texts(caught.value)


def test_keys_that_were_found_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(ANNA.text)

    assert ANNA.text[16:] not in all_texts(read_key_file(tmp_path / "key.txt"))
