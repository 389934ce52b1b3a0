"""Encrypted messages, the server's side: https://core.telegram.org/mtproto/description ."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from hashlib import sha256

from telethon.crypto import AES

__all__ = ["Opened", "open_sealed", "seal"]

#: Where in the key a direction's parts begin.
_FROM_CLIENT, _FROM_SERVER = 0, 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A message of a client, decrypted; `body` may have padding behind it."""

    salt: int
    session_id: int
    message_id: int
    number: int
    body: bytes = field(repr=False)


def open_sealed(packet: bytes, key: bytes) -> Opened:
    """Decrypt a packet of a client.

    Raises:
        ValueError: it was not encrypted with the key.
    """
    message_key = packet[8:24]
    plain = AES.decrypt_ige(packet[24:], *_keys(key, message_key, _FROM_CLIENT))
    if _message_key(key, plain, _FROM_CLIENT) != message_key:
        raise ValueError("the message key is wrong")
    salt, session_id, message_id, number, length = struct.unpack_from("<qqqii", plain)
    return Opened(salt, session_id, message_id, number, plain[32 : 32 + length])


def seal(plain: bytes, *, key: bytes, key_id: bytes) -> bytes:
    """Encrypt salt, session id and message for a client; gives the packet."""
    padded = plain + os.urandom(-(len(plain) + 12) % 16 + 12)
    message_key = _message_key(key, padded, _FROM_SERVER)
    return b"".join((key_id, message_key, AES.encrypt_ige(padded, *_keys(key, message_key, _FROM_SERVER))))


def _message_key(key: bytes, plain: bytes, side: int) -> bytes:
    return sha256(key[88 + side : 120 + side] + plain).digest()[8:24]


def _keys(key: bytes, message_key: bytes, side: int) -> tuple[bytes, bytes]:
    """Give the AES key and the initialisation vector of a message."""
    first = sha256(message_key + key[side : side + 36]).digest()
    second = sha256(key[side + 40 : side + 76] + message_key).digest()
    return first[:8] + second[8:24] + first[24:32], second[:8] + first[8:24] + second[24:32]
