"""Keyed names and authentication codes: what tells the vault's own writers from everybody who knows a recipient."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NewType

from blake3 import blake3

from tgvault.errors import BadKeyError

__all__ = ["BLOB_ID_SIZE", "BlobId", "IdKey", "canonical_fingerprint"]

#: The BLAKE3 hash, keyed with the vault's id key, of a blob's content: 32 bytes.
BlobId = NewType("BlobId", bytes)

BLOB_ID_SIZE = 32

_MAC_CONTEXT = "tgvault 2026-11-23 object mac v1: "
_STATE_CONTEXT = "tgvault 2026-11-23 local state key v1"
_FINGERPRINT_CONTEXT = "tgvault 2026-11-23 vault fingerprint v1"
_CUT_CONTEXT = "tgvault 2026-11-23 segment cut key v1"

#: Crockford's base 32: no I, L, O, U, so nothing is read two ways from paper.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": " "})


@dataclass(frozen=True, slots=True)
class IdKey:
    """The 32 secret bytes from which a vault's names and authentication codes come."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("an id key has 32 bytes")

    @classmethod
    def generate(cls) -> IdKey:
        """Make a new one from the operating system's randomness."""
        return cls(secrets.token_bytes(32))

    def blob_id(self, content: bytes | memoryview) -> BlobId:
        """Name content."""
        return BlobId(blake3(content, key=self.secret).digest())

    def blob_id_of(self, parts: Iterable[bytes | memoryview]) -> BlobId:
        """Name content that is given in parts."""
        hasher = blake3(key=self.secret)
        for part in parts:
            hasher.update(part)
        return BlobId(hasher.digest())

    def mac(self, purpose: str, payload: bytes) -> bytes:
        """Authenticate a payload (32 bytes). The purpose is the kind of object and keeps the kinds apart."""
        return blake3(payload, key=self._derive(_MAC_CONTEXT + purpose)).digest()

    def matches(self, purpose: str, payload: bytes, mac: bytes) -> bool:
        """Tell, in constant time, whether mac is the payload's."""
        return hmac.compare_digest(self.mac(purpose, payload), mac)

    def state_key(self) -> str:
        """Key of the local state database, 64 hexadecimal digits."""
        return self._derive(_STATE_CONTEXT).hex()

    def cut_key(self) -> int:
        """Key of the function that says after which ids a segment is cut: 64 bits, odd."""
        return int.from_bytes(self._derive(_CUT_CONTEXT)[:8], "little") | 1

    def fingerprint(self, *recipients: str) -> str:
        """A public name for the key and what it is bound to, for people to compare: 80 bits, `XXXX-XXXX-XXXX-XXXX`."""
        material = b"".join((self.secret, *(each.encode() for each in recipients)))
        bits = int.from_bytes(blake3(material, derive_key_context=_FINGERPRINT_CONTEXT).digest()[:10], "big")
        letters = "".join(_ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))
        return _in_fours(letters)

    def _derive(self, context: str) -> bytes:
        return blake3(self.secret, derive_key_context=context).digest()


def canonical_fingerprint(text: str) -> str:
    """Bring a fingerprint that a person typed into the form of `IdKey.fingerprint`.

    Raises:
        BadKeyError: it is none.
    """
    letters = "".join(text.upper().translate(_MISREAD).split())
    if len(letters) != 16 or not set(letters) <= set(_ALPHABET):
        raise BadKeyError(
            f"`{text[:40]}` is not a fingerprint", hint="a fingerprint has four groups of four letters and digits"
        )
    return _in_fours(letters)


def _in_fours(letters: str) -> str:
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))
