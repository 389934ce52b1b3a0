"""Authorization keys: one per client and data centre, kept for the life of the server."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from hashlib import sha1

__all__ = ["AuthKey", "AuthKeys", "Session", "key_id_of"]


def key_id_of(key: bytes) -> bytes:
    """Give the eight bytes by which a packet names its key."""
    return sha1(key).digest()[-8:]  # noqa: S324 (the protocol's)


@dataclass(slots=True)
class Session:
    """A session of a key: made by the client, at random, whenever it connects anew."""

    id: int
    #: The client asked not to be told of updates.
    silent: bool = True


@dataclass(slots=True)
class AuthKey:
    """A key, the salt it must be used with and whose it is."""

    data: bytes = field(repr=False)
    id: bytes
    dc: int
    salt: int = field(default_factory=lambda: new_salt())
    #: Who logged in with it; None before that, and after that ended.
    user_id: int | None = None
    #: Who would be, after the two-factor password.
    waiting_user_id: int | None = None
    #: What a refused call says once the session was ended from outside.
    ended: str = "AUTH_KEY_UNREGISTERED"
    sessions: dict[int, Session] = field(default_factory=dict)

    def renew_salt(self) -> None:
        """Take another salt: whoever uses the old one is told so."""
        self.salt = new_salt()


def new_salt() -> int:
    """Give a salt that is not 0, which is what clients begin with."""
    salt: int = struct.unpack("<q", os.urandom(8))[0]
    return salt | 1


class AuthKeys:
    """The keys of all data centres."""

    def __init__(self) -> None:
        self._keys: dict[tuple[int, bytes], AuthKey] = {}

    def add(self, data: bytes, *, dc: int) -> AuthKey:
        """Keep a key that was agreed upon."""
        key = AuthKey(data=data, id=key_id_of(data), dc=dc)
        self._keys[dc, key.id] = key
        return key

    def find(self, key_id: bytes, *, dc: int) -> AuthKey | None:
        """Look for a key."""
        return self._keys.get((dc, key_id))

    def forget(self, key: AuthKey) -> None:
        """Lose a key: who uses it is answered -404."""
        self._keys.pop((key.dc, key.id), None)

    def all(self) -> tuple[AuthKey, ...]:
        """Give every key."""
        return tuple(self._keys.values())
