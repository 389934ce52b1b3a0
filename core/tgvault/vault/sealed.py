"""The form of index objects and manifests: authenticated text in compressed frames, padded, sealed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, OpeningFailure, Recipient, UnsealError, plaintext_length, seal, unseal
from tgvault.crypto.keyed import IdKey
from tgvault.errors import CorruptObjectError, SwappedObjectError
from tgvault.vault.diagnosis import HINT, Owner, diagnose, digest_of, nobody
from tgvault.vault.frames import all_content, compressed, padding

__all__ = ["open_text", "seal_text"]

_MAC = re.compile(rb"[0-9a-f]{64}")
_FRAME_CONTENT = 4 << 20


def seal_text(payload: bytes, *, purpose: str, id_key: IdKey, recipient: Recipient) -> bytes:
    """Authenticate, compress, pad and seal a payload."""
    text = id_key.mac(purpose, payload).hex().encode() + b"\n" + payload
    frames = b"".join(_frames(text))
    return seal(frames + padding(len(frames)), [recipient])


def open_text(
    name: ObjectName, sealed: bytes, *, purpose: str, id_key: IdKey, identity: Identity, owner: Owner = nobody
) -> bytes:
    """Open what `seal_text` made, and check who wrote it and that it has its own name.

    Raises:
        SwappedObjectError, TruncatedObjectError, CorruptObjectError: the bytes are not those that were written.
        ForgedObjectError: no holder of the vault's keys wrote them.
    """
    try:
        plaintext = unseal(sealed, [identity])
    except UnsealError as error:
        cut_off = error.failure is OpeningFailure.TRUNCATED or _is_of_no_length(sealed)
        raise diagnose(name, sealed, truncated=cut_off, owner=owner) from None
    try:
        mac, _, payload = all_content(plaintext, where=name).partition(b"\n")
    except CorruptObjectError:
        raise diagnose(name, sealed, opened=True, owner=owner) from None
    if not _matches(id_key, purpose, payload, mac):
        raise diagnose(name, sealed, opened=True, owner=owner)
    digest = hashlib.sha256(sealed).hexdigest()
    if digest != digest_of(name):
        other = owner(digest) or f"…{digest}.age"
        raise SwappedObjectError(f"`{name}` holds the bytes of `{other}`", hint=HINT)
    return payload


def _is_of_no_length(sealed: bytes) -> bool:
    """Whether what is sealed has no Padmé length: then bytes are missing, wherever it was cut off.

    One length in 32 is a Padmé length by chance (up to 1 KiB; one in 64 up to 2 KiB, and so on). What is cut there
    cannot be told from what has changed: the size stands nowhere else.
    """
    length = plaintext_length(sealed)
    return length is not None and padding(length) != b""


def _frames(text: bytes) -> Iterator[bytes]:
    for at in range(0, len(text), _FRAME_CONTENT):
        yield compressed(text[at : at + _FRAME_CONTENT])


def _matches(id_key: IdKey, purpose: str, payload: bytes, mac: bytes) -> bool:
    return _MAC.fullmatch(mac) is not None and id_key.matches(purpose, payload, bytes.fromhex(mac.decode()))
