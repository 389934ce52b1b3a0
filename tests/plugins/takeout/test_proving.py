"""What a proof of the two-factor password is made with; numbers that are chosen badly would give the password away."""

from __future__ import annotations

import pytest
from telethon import password
from telethon.tl.types import PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow as ModPow
from telethon.tl.types import PasswordKdfAlgoUnknown, SecurePasswordKdfAlgoUnknown
from telethon.tl.types.account import Password

from tgvault.testing.telegram.group import GENERATOR, PRIME
from tgvault_plugins.takeout.proving import check_group, is_prime, prove

#: Group 14 of RFC 3526, another safe prime of 2048 bits.
OTHER = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)


def as_bytes(number: int) -> bytes:
    return number.to_bytes(-(-number.bit_length() // 8), "big")


def test_primes_are_told_from_other_numbers() -> None:
    below = [number for number in range(200) if is_prime(number)]

    assert below == [number for number in range(2, 200) if all(number % divisor for divisor in range(2, number))]


@pytest.mark.parametrize("number", [561, 1105, 341550071728321, 3215031751, 2**127 + 1])
def test_a_number_that_looks_like_a_prime_is_none(number: int) -> None:
    assert not is_prime(number)


@pytest.mark.parametrize(("prime", "generator"), [(PRIME, GENERATOR), (PRIME, 4), (OTHER, 2), (OTHER, 4)])
def test_a_safe_prime_with_a_generator_that_fits_it_is_good(prime: int, generator: int) -> None:
    check_group(as_bytes(prime), generator)


@pytest.mark.parametrize(
    ("prime", "generator"),
    [
        (PRIME, 0),
        (PRIME, 1),
        (PRIME, 2),
        (PRIME, 8),
        (OTHER, 8),
        (PRIME, 5),
        # A prime that is no safe one, a product, an even number, too small, too large, nothing.
        (2**2047 + 1919, 4),
        (PRIME * OTHER >> 2048 | 1 << 2047 | 1, 4),
        ((1 << 2047) + 2, 4),
        (23, 4),
        (PRIME << 1 | 1, 4),
        (0, 4),
    ],
)
def test_any_other_numbers_are_refused(prime: int, generator: int) -> None:
    with pytest.raises(ValueError, match="number"):
        check_group(as_bytes(prime), generator)


def asked(algorithm: object, *, shown: bytes | None = b"\1" * 256, number: int | None = 5) -> Password:
    new = PasswordKdfAlgoUnknown(), SecurePasswordKdfAlgoUnknown(), b""
    return Password(*new, has_password=True, current_algo=algorithm, srp_B=shown, srp_id=number)


@pytest.mark.parametrize(
    "question",
    [
        asked(None),
        asked(PasswordKdfAlgoUnknown()),
        asked(ModPow(b"", b"", 3, as_bytes(PRIME)), shown=None),
        asked(ModPow(b"", b"", 3, as_bytes(PRIME)), number=None),
        asked(ModPow(b"", b"", 3, as_bytes(PRIME)), shown=b"\1" * 300),
        asked(ModPow(b"", b"", 3, as_bytes(PRIME)), shown=b"\0"),
        asked(ModPow(b"", b"", 0, as_bytes(PRIME))),
        asked(ModPow(b"", b"", 3, as_bytes(PRIME * 7))),
    ],
)
def test_a_question_that_does_not_hold_water_gets_no_proof(question: Password) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # Telethon's own ones, too
        prove(question, "secret")


def test_a_question_with_good_numbers_gets_a_proof() -> None:
    proof = prove(asked(ModPow(b"a", b"b", 2, as_bytes(OTHER))), "secret")

    assert (proof.srp_id, len(proof.A), len(proof.M1)) == (5, 256, 32)


def test_telethon_does_not_look_for_factors() -> None:
    assert password.check_prime_and_good is check_group
