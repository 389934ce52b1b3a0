"""Proving the two-factor password without sending it: https://core.telegram.org/api/srp ."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

from telethon import password
from telethon.tl.types import PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow as ModPow

__all__ = ["check_group", "is_prime", "prove"]

_BITS = 2048
#: A number that is none passes for a prime once in 4 to the power of this many such numbers, whoever chose it.
_ROUNDS = 30
#: Generators, and what a good prime has as remainder by which number: the generator is a quadratic residue then.
_REMAINDERS = {2: (8, {7}), 3: (3, {2}), 4: (1, {0}), 5: (5, {1, 4}), 6: (24, {19, 23}), 7: (7, {3, 5, 6})}


def prove(asked: Any, secret: str) -> Any:
    """Give the proof for the answer of `account.getPassword`.

    Raises:
        ValueError: it asks for a proof of a kind that is not known, or that would give the password away.
    """
    if not isinstance(asked.current_algo, ModPow) or not asked.srp_B or asked.srp_id is None:
        raise ValueError("an unknown kind of proof")
    return password.compute_check(asked, secret)


@cache
def check_group(prime: bytes, generator: int) -> None:
    """See that numbers are what a proof can be made of: a safe prime of 2048 bits, and a generator that fits it.

    Raises:
        ValueError: they are not; a proof would give the password away to whoever chose them.
    """
    number = int.from_bytes(prime, "big")
    divisor, remainders = _REMAINDERS.get(generator, (1, set()))
    if number.bit_length() != _BITS or number % divisor not in remainders:
        raise ValueError("the numbers do not fit each other")
    if not (is_prime(number // 2) and is_prime(number)):
        raise ValueError("the number is no safe prime")


#: Telethon's own looks for factors of any prime but the one that it knows, for which a year is not enough.
password.check_prime_and_good = check_group


def is_prime(number: int) -> bool:
    """Tell whether a number is a prime, by the test of Miller and Rabin with bases at random."""
    if number < 4 or number % 2 == 0:
        return number in {2, 3}
    return all(_may_be_prime(number, 2 + secrets.randbelow(number - 3)) for _ in range(_ROUNDS))


def _may_be_prime(number: int, base: int) -> bool:
    twos = ((number - 1) & (1 - number)).bit_length() - 1
    power = pow(base, (number - 1) >> twos, number)
    if power in {1, number - 1}:
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False
