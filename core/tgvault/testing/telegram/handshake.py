"""How a client and the server agree upon a key: https://core.telegram.org/mtproto/auth_key ."""

from __future__ import annotations

import os
import time
from hashlib import sha1

from telethon import helpers
from telethon.crypto import AES
from telethon.crypto import AuthKey as TelethonKey
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from tgvault.testing.telegram.group import GENERATOR, PRIME
from tgvault.testing.telegram.rsa_key import FINGERPRINT, open_block
from tgvault.testing.telegram.tl import Tl

__all__ = ["Handshake"]


#: Two primes whose product a client factors in no time; Telegram's are of 32 bits.
_P, _Q = 65_521, 65_537
_PQ = (_P * _Q).to_bytes(5, "big")


class Handshake:
    """One client's; the steps come as plain messages of one connection."""

    def __init__(self) -> None:
        self._nonce = 0
        self._server_nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        self._new_nonce = 0
        # 256 bits are plenty for a key that everybody may know, and take an eighth of the time of 2048.
        self._secret = int.from_bytes(os.urandom(32), "big")
        self.key: bytes | None = None

    def answer(self, request: Tl) -> Tl:
        """Answer one step; after the last one `key` is the key.

        Raises:
            ValueError: it is no step of a handshake, or what it holds is wrong.
        """
        if isinstance(request, functions.ReqPqMultiRequest | functions.ReqPqRequest):
            self._nonce = request.nonce
            return types.ResPQ(self._nonce, self._server_nonce, _PQ, [FINGERPRINT])
        if isinstance(request, functions.ReqDHParamsRequest):
            return self._parameters(request)
        if isinstance(request, functions.SetClientDHParamsRequest):
            return self._finish(request)
        raise ValueError(f"`{type(request).__name__}` is not a step of a handshake")

    def _parameters(self, request: Tl) -> Tl:
        block = open_block(request.encrypted_data)
        inner = BinaryReader(block[20:]).tgread_object()
        if sha1(bytes(inner)).digest() != block[:20] or inner.server_nonce != self._server_nonce:  # noqa: S324
            raise ValueError("the hash or the nonce of the inner data is wrong")
        self._new_nonce = inner.new_nonce
        answer = types.ServerDHInnerData(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            g=GENERATOR,
            dh_prime=PRIME.to_bytes(256, "big"),
            g_a=pow(GENERATOR, self._secret, PRIME).to_bytes(256, "big"),
            server_time=int(time.time()),
        )
        data = bytes(answer)
        hashed = sha1(data).digest() + data  # noqa: S324
        encrypted = AES.encrypt_ige(hashed + os.urandom(-len(hashed) % 16), *self._temporary_key())
        return types.ServerDHParamsOk(self._nonce, self._server_nonce, encrypted)

    def _finish(self, request: Tl) -> Tl:
        plain = AES.decrypt_ige(request.encrypted_data, *self._temporary_key())
        inner = BinaryReader(plain[20:]).tgread_object()
        key = pow(int.from_bytes(inner.g_b, "big"), self._secret, PRIME).to_bytes(256, "big")
        if key[0] == 0:
            # Telethon would cut the zero off, and the two keys would differ: one key in 256, so ask for another.
            return types.DhGenRetry(self._nonce, self._server_nonce, self._hash(key, 2))
        self.key = key
        return types.DhGenOk(self._nonce, self._server_nonce, self._hash(key, 1))

    def _hash(self, key: bytes, number: int) -> int:
        hashed: int = TelethonKey(key).calc_new_nonce_hash(self._new_nonce, number)
        return hashed

    def _temporary_key(self) -> tuple[bytes, bytes]:
        key, vector = helpers.generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        return key, vector
