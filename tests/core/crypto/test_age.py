from __future__ import annotations

import pickle
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_support import all_texts, pem_rsa, ssh_ed25519, ssh_rsa
from tgvault.crypto.age import (
    Identity,
    OpeningFailure,
    Recipient,
    UnsealError,
    plaintext_length,
    seal,
    seal_parts,
    unseal,
)
from tgvault.errors import BadKeyError

IDENTITY = Identity.generate()
OTHER = Identity.generate()

#: Made with `ssh-keygen -t ed25519 -N secret`; protects nothing.
PROTECTED_SSH = """-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAZkwTWsr
uXc5Gj+ZQw2lIhAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIK6LNnFpcM9qYeTy
GKkjv/LZv9ZhTtE//xUvvooHFP27AAAAkHlhLL4xUBcxNzTMXUTx8xohyvKuhxMnvBixcm
vrigVXPWIl1Lzab/DtokrjGL8AMwGw9iaKfPKo+YjxV8XVCI15eKxPojMprGUxRWOmuwZF
Qd/I3JlInX46UIrnjhYH4hjLF5XhUrfi+KVJxkF93oOW69rwuRLFsytu4AlUpnZ0+UUlA9
gheuxP5ymEFsRijQ==
-----END OPENSSH PRIVATE KEY-----
"""
#: Made with `ssh-keygen -t ecdsa`; protects nothing.
ECDSA_PUBLIC = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCUP5lGE6c7q/ZGmnZ"
    "k63QxuT60nXtuAu6hY0UI3dzsC9KzI85ZMJVbcINdqm+5rdWUUKi7PBCgZ9Mhx55lPWwo="
)


@given(st.binary(max_size=200_000))
def test_what_was_sealed_opens_again(plaintext: bytes) -> None:
    sealed = seal(plaintext, [IDENTITY.recipient])

    assert unseal(sealed, [OTHER, IDENTITY]) == plaintext


@given(st.lists(st.binary(max_size=20_000)))
def test_parts_are_sealed_as_if_they_stood_in_one_place(parts: list[bytes]) -> None:
    sealed = seal_parts([memoryview(part) for part in parts], [IDENTITY.recipient])

    assert unseal(sealed, [IDENTITY]) == b"".join(parts)


@pytest.mark.parametrize("private_public", [ssh_ed25519, ssh_rsa])
def test_ssh_keys_seal_and_open(private_public) -> None:
    private, public = private_public()

    sealed = seal(b"to ssh", [Recipient(public)])

    assert unseal(sealed, [Identity(private)]) == b"to ssh"
    assert Identity(private).recipient.text == public


def test_an_rsa_key_in_pem_opens_and_says_that_it_does_not_tell_its_public_half() -> None:
    identity = Identity(pem_rsa())

    with pytest.raises(BadKeyError, match="public half") as caught:
        _ = identity.recipient

    assert "ssh-keygen -p" in str(caught.value.hint)


def test_another_key_is_told_from_damage() -> None:
    sealed = seal(b"secret", [IDENTITY.recipient])

    with pytest.raises(UnsealError) as caught:
        unseal(sealed, [OTHER])

    assert caught.value.failure is OpeningFailure.WRONG_KEY
    assert str(caught.value) == "wrong key"


def test_no_key_at_all_is_a_wrong_key() -> None:
    with pytest.raises(UnsealError) as caught:
        unseal(seal(b"secret", [IDENTITY.recipient]), [])

    assert caught.value.failure is OpeningFailure.WRONG_KEY


def test_every_cut_is_noticed_and_one_in_the_header_is_called_a_cut() -> None:
    sealed = seal(b"secret" * 40, [IDENTITY.recipient])
    header = sealed.index(b"\n---") + 48

    failures = [failure_of(sealed[:length]) for length in range(len(sealed))]

    assert set(failures[:header]) == {OpeningFailure.TRUNCATED}
    assert set(failures[header:]) <= {OpeningFailure.TRUNCATED, OpeningFailure.ALTERED}


def test_every_flipped_byte_is_noticed() -> None:
    sealed = seal(b"secret", [IDENTITY.recipient])

    failures = [failure_of(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]) for at in range(len(sealed))]

    assert set(failures) <= {OpeningFailure.ALTERED, OpeningFailure.WRONG_KEY, OpeningFailure.TRUNCATED}
    assert set(failures[-22:]) == {OpeningFailure.ALTERED}


def test_something_else_than_an_age_file_is_called_altered() -> None:
    assert failure_of(b"hello world, this is no age file" * 9) is OpeningFailure.ALTERED


def failure_of(sealed: bytes) -> OpeningFailure:
    with pytest.raises(UnsealError) as caught:
        unseal(sealed, [IDENTITY])
    return caught.value.failure


@pytest.mark.parametrize(
    "text",
    [
        "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
        "age1pq1qqqqqq",
        "age1tag1qqqqqq",
        "sk-ssh-ed25519@openssh.com AAAA me",
        "ssh-dss AAAA me",
        ECDSA_PUBLIC,
    ],
)
def test_recipients_in_hardware_and_of_plugins_are_refused_by_kind(text: str) -> None:
    with pytest.raises(BadKeyError, match="of a kind that tgvault cannot seal to") as caught:
        Recipient(text)

    assert "hardware" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["age1qqqq", "age1\u00e9", "ssh-ed25519 AAA", "ssh-rsa AAAA", "age1q\ud800"])
def test_a_recipient_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(BadKeyError, match="not a whole public key"):
        Recipient(text)


def test_a_secret_pasted_as_a_recipient_is_not_shown() -> None:
    with pytest.raises(BadKeyError) as caught:
        Recipient(IDENTITY.text)

    assert "SECRET" not in all_texts(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither an age identity nor an SSH private key"),
        ("AGE-SECRET-KEY-1QQQQ", "cannot be used: invalid Bech32"),
        ("AGE-SECRET-KEY-1\ud800", "characters that no key has"),
        ("AGE-PLUGIN-YUBIKEY-1QQQQ", "age plugin or in hardware"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "cannot be used"),
        (PROTECTED_SSH, "protected by a passphrase"),
    ],
)
def test_an_identity_that_cannot_be_used_says_why(text: str, said: str) -> None:
    with pytest.raises(BadKeyError, match=said):
        Identity(text)


def test_no_piece_of_a_mistyped_identity_is_shown() -> None:
    mistyped = IDENTITY.text[:-1] + ("Q" if IDENTITY.text[-1] != "Q" else "P")

    with pytest.raises(BadKeyError) as caught:
        Identity(mistyped)

    assert mistyped[16:24] not in all_texts(caught.value)


def test_an_identity_never_shows_its_secret() -> None:
    assert IDENTITY.text[16:] not in all_texts(IDENTITY)


def test_keys_travel_to_other_processes() -> None:
    travelled = pickle.loads(pickle.dumps((IDENTITY, IDENTITY.recipient)))

    assert travelled == (IDENTITY, IDENTITY.recipient)


def test_age_itself_opens_what_was_sealed(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(IDENTITY.text + "\n")

    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key.txt"],
        input=seal(b"to Debian", [IDENTITY.recipient]),
        stdout=subprocess.PIPE,
        check=True,
    )

    assert opened.stdout == b"to Debian"


def test_what_age_itself_sealed_opens() -> None:
    sealed = subprocess.run(
        ["age", "-r", IDENTITY.recipient.text], input=b"from Debian", stdout=subprocess.PIPE, check=True
    )

    assert unseal(sealed.stdout, [IDENTITY]) == b"from Debian"


@given(st.integers(0, 200_000))
def test_the_length_of_what_is_sealed_is_known_without_opening_it(length: int) -> None:
    assert plaintext_length(seal(bytes(length), [IDENTITY.recipient])) == length


def test_a_file_that_is_cut_off_in_its_header_tells_no_length() -> None:
    sealed = seal(b"", [IDENTITY.recipient])

    assert [plaintext_length(sealed[:keep]) for keep in range(len(sealed))] == [None] * len(sealed)
    assert plaintext_length(b"something else\n--- \n" + bytes(100)) is None
