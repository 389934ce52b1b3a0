"""The two-factor password, proved without being sent: https://core.telegram.org/api/srp ."""

from __future__ import annotations

import hmac
import os
from functools import lru_cache

from telethon import password as srp
from telethon.tl import functions, types

from tgvault.testing.telegram.group import GENERATOR, PRIME
from tgvault.testing.telegram.methods.auth import log_in
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []

_PRIME_BYTES = PRIME.to_bytes(256, "big")
_ALGORITHM = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
    salt1=b"loopback salt 1!", salt2=b"loopback salt 2!", g=GENERATOR, p=_PRIME_BYTES
)
_MULTIPLIER = int.from_bytes(srp.sha256(_PRIME_BYTES, srp.big_num_for_hash(GENERATOR)), "big")


@lru_cache
def _verifier(password: str) -> int:
    """Give what a server keeps of a password; takes a tenth of a second."""
    return pow(GENERATOR, int.from_bytes(srp.compute_hash(_ALGORITHM, password), "big"), PRIME)


@answers(functions.account.GetPasswordRequest, login=False)
def get_password(asked: Invocation) -> types.account.Password:
    """Ask for the password, or tell that there is none."""
    if asked.key.user_id is None and asked.key.waiting_user_id is None:
        raise Refusal(asked.key.ended)
    new = types.PasswordKdfAlgoUnknown(), types.SecurePasswordKdfAlgoUnknown(), os.urandom(16)
    if asked.account.password is None:
        return types.account.Password(*new)
    question = int.from_bytes(os.urandom(7), "big")
    secret = asked.world.logins.questions[question] = int.from_bytes(os.urandom(32), "big")
    shown = (_MULTIPLIER * _verifier(asked.account.password) + pow(GENERATOR, secret, PRIME)) % PRIME
    return types.account.Password(
        *new,
        has_password=True,
        current_algo=_ALGORITHM,
        srp_B=srp.big_num_for_hash(shown),
        srp_id=question,
        hint="the usual",
    )


@answers(functions.auth.CheckPasswordRequest, login=False)
def check_password(asked: Invocation) -> types.auth.Authorization:
    """Log in who proves to know the password."""
    if asked.key.waiting_user_id is None or asked.account.password is None:
        raise Refusal("AUTH_KEY_UNREGISTERED")
    proof = asked.request.password
    if not isinstance(proof, types.InputCheckPasswordSRP):
        raise Refusal("PASSWORD_HASH_INVALID")
    secret = asked.world.logins.questions.pop(proof.srp_id, None)
    if secret is None:
        raise Refusal("SRP_ID_INVALID")
    if not hmac.compare_digest(_expected(proof.A, secret, _verifier(asked.account.password)), proof.M1):
        raise Refusal("PASSWORD_HASH_INVALID")
    return log_in(asked, asked.key.waiting_user_id)


def _expected(given: bytes, secret: int, verifier: int) -> bytes:
    """Give the proof that only who knows the password can have made."""
    shown = srp.big_num_for_hash((_MULTIPLIER * verifier + pow(GENERATOR, secret, PRIME)) % PRIME)
    u = int.from_bytes(srp.sha256(given, shown), "big")
    shared = pow(int.from_bytes(given, "big") * pow(verifier, u, PRIME), secret, PRIME)
    proof: bytes = srp.sha256(
        srp.xor(srp.sha256(_PRIME_BYTES), srp.sha256(srp.big_num_for_hash(GENERATOR))),
        srp.sha256(_ALGORITHM.salt1),
        srp.sha256(_ALGORITHM.salt2),
        given,
        shown,
        srp.sha256(srp.big_num_for_hash(shared)),
    )
    return proof
