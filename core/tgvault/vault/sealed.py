"""The form of index objects and manifests: authenticated text in compressed frames, padded, sealed."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, OpeningFailure, Recipient, UnsealError, seal, unseal
from tgvault.crypto.keyed import IdKey
from tgvault.errors import CorruptObjectError, ForgedObjectError
from tgvault.vault.diagnosis import FORGED_HINT, diagnose
from tgvault.vault.frames import all_content, compressed, padding

__all__ = ["open_text", "seal_text"]

_MAC_DIGITS = 64
_FRAME_CONTENT = 4 << 20


def seal_text(payload: bytes, *, purpose: str, id_key: IdKey, recipient: Recipient) -> bytes:
    """Authenticate, compress, pad and seal a payload."""
    text = id_key.mac(purpose, payload).hex().encode() + b"\n" + payload
    frames = b"".join(_frames(text))
    return seal(frames + padding(len(frames)), [recipient])


def open_text(name: ObjectName, sealed: bytes, *, purpose: str, id_key: IdKey, identity: Identity) -> bytes:
    """Open what `seal_text` made, and check who wrote it.

    Raises:
        TruncatedObjectError, CorruptObjectError: the bytes are not those that were written.
        ForgedObjectError: they are those, but no holder of the vault's keys wrote them.
    """
    try:
        text = all_content(unseal(sealed, [identity]), where=name)
    except UnsealError as error:
        raise diagnose(name, sealed, truncated=error.failure is OpeningFailure.TRUNCATED) from None
    except CorruptObjectError:
        raise diagnose(name, sealed) from None
    mac, _, payload = text.partition(b"\n")
    if len(mac) != _MAC_DIGITS or not _matches(id_key, purpose, payload, mac):
        raise ForgedObjectError(f"`{name}` was not written by a holder of the vault's keys", hint=FORGED_HINT)
    return payload


def _frames(text: bytes) -> Iterator[bytes]:
    for at in range(0, len(text), _FRAME_CONTENT):
        yield compressed(text[at : at + _FRAME_CONTENT])


def _matches(id_key: IdKey, purpose: str, payload: bytes, mac: bytes) -> bool:
    try:
        return id_key.matches(purpose, payload, bytes.fromhex(mac.decode("ascii")))
    except ValueError:
        return False
