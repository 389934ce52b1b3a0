"""Which keys a server may be known by, and for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rsa import PublicKey
from telethon.crypto import rsa

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.rsa_key import FINGERPRINT, open_block
from tgvault_plugins.takeout.borrowed import borrowed
from tgvault_plugins.takeout.keys import TELEGRAM, ServerKeys

PEM = LoopbackServer.public_key.encode()


def test_telegrams_own_keys_are_there_and_no_others() -> None:
    assert len(TELEGRAM.by_fingerprint) == 8
    assert sum(is_old for _, is_old in TELEGRAM.by_fingerprint.values()) == 4
    assert all(key.n.bit_length() == 2048 for key, _ in TELEGRAM.by_fingerprint.values())


def test_something_is_encrypted_for_its_own_keys_alone() -> None:
    mine, theirs = ServerKeys.from_pem(PEM).crypto(), TELEGRAM.crypto()

    assert open_block(mine.encrypt(FINGERPRINT, b"a secret"))[20:28] == b"a secret"
    assert theirs.encrypt(FINGERPRINT, b"a secret") is None
    assert all(mine.encrypt(each, b"a secret") is None for each in TELEGRAM.by_fingerprint)
    assert FINGERPRINT not in rsa._server_keys


def test_old_keys_are_taken_only_where_they_are_asked_for() -> None:
    old = next(number for number, (_, is_old) in TELEGRAM.by_fingerprint.items() if is_old)

    assert TELEGRAM.crypto().encrypt(old, b"a secret") is None
    assert TELEGRAM.crypto().encrypt(old, b"a secret", use_old=True) is not None


@pytest.mark.parametrize("number", [1, 3 << 1022, 3 << 4094])
def test_a_key_of_another_size_is_none(number: int) -> None:
    with pytest.raises(ValueError, match="2048 bits"):
        ServerKeys.from_pem(PublicKey(number, 65537).save_pkcs1())


@pytest.mark.parametrize("exponent", [0, 1, 1 << 64])
def test_a_key_that_hides_nothing_or_takes_for_ever_is_none(exponent: int) -> None:
    with pytest.raises(ValueError, match="2048 bits"):
        ServerKeys.from_pem(PublicKey((1 << 2047) + 1, exponent).save_pkcs1())


@given(st.text(alphabet="AQMIIBgw+/=\n-", max_size=60), st.booleans())
def test_whatever_is_no_key_is_told_in_one_way(text: str, plain: bool) -> None:
    word = "RSA PUBLIC KEY" if plain else "PUBLIC KEY"

    with pytest.raises(ValueError):  # noqa: PT011  # all that can be asked of it
        ServerKeys.from_pem(f"-----BEGIN {word}-----\n{text}\n-----END {word}-----".encode())


def test_a_function_of_telethons_that_is_not_as_it_was_is_noticed() -> None:
    with pytest.raises(AttributeError, match="_no_such_name"):
        borrowed(rsa.encrypt, _no_such_name={})
