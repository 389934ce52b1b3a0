"""Checking slots against the list in `vault.json`, also those that the one who checks cannot open."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import OpeningFailure, UnsealError
from tgvault.crypto.stanzas import content_size, stanza_types
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import VaultHeader
from tgvault.vault.slots import Slot, SlotKind, read_slots, slot_object

__all__ = ["check_slots"]

#: Bytes. A slot for an age key has some 600, one for an RSA key of 8192 bits under 2000. Looking for the byte that has
#: changed takes half a second at this size (one core of a two-core EPYC) and four times as long at twice the size.
_SEARCHED = 2000


def check_slots(sink: Sink, header: VaultHeader, bundle: KeyBundle) -> list[tuple[ObjectName, VaultError]]:
    """Say what is wrong with each slot that is not as the list says. The header was checked against the bundle before.

    Raises:
        SinkError: the sink cannot be read.
    """
    content = len(bundle.to_json())
    found: list[tuple[ObjectName, VaultError]] = []
    missing = dict(header.slots)
    for slot, sealed in read_slots(sink):
        missing.pop(slot.name, None)
        if header.slots.get(slot.name) != slot.digest:
            found.append((slot_object(slot.name), _diagnosis(slot, sealed, header.slots, content)))
    return found + [(slot_object(name), _missing(name)) for name in missing]


def _diagnosis(slot: Slot, sealed: bytes, listed: Mapping[str, str], content: int) -> VaultError:
    """Say what is wrong with a slot whose bytes are not those listed; `content` is the size of the key bundle."""
    stored = slot_object(slot.name)
    other = next((name for name, digest in listed.items() if digest == slot.digest), None)
    if other is not None:
        return SwappedObjectError(f"`{stored}` holds the bytes of `{slot_object(other)}`", hint=_again(slot.name))
    if slot.name not in listed:
        return ForgedObjectError(f"`{stored}` is not on the list of slots in `vault.json`", hint=_not_listed(slot.name))
    if _one_byte_differs(sealed, listed[slot.name]):
        return CorruptObjectError(f"`{stored}` has been altered: one of its bytes has changed", hint=_again(slot.name))
    if _is_cut(sealed, content):
        return TruncatedObjectError(f"`{stored}` is cut off after {slot.size} bytes", hint=_again(slot.name))
    if slot.kind is SlotKind.UNKNOWN:
        return CorruptObjectError(f"`{stored}` has been altered", hint=_again(slot.name))
    return ForgedObjectError(f"`{stored}` was not written by a holder of the vault's keys", hint=_again(slot.name))


def _one_byte_differs(sealed: bytes, digest: str) -> bool:
    """Tell whether one other byte would make it what was listed: the disk did that then, not a forger.

    Without it, damage to a slot that looks whole could not be told from another slot in its place.
    """
    if len(sealed) > _SEARCHED:
        return False
    wanted = bytes.fromhex(digest)
    before = hashlib.sha256()
    for at in range(len(sealed)):
        after = sealed[at + 1 :]
        for value in range(256):
            tried = before.copy()
            tried.update(bytes((value,)) + after)
            if tried.digest() == wanted:
                return True
        before.update(sealed[at : at + 1])
    return False


def _is_cut(sealed: bytes, content: int) -> bool:
    try:
        stanza_types(sealed)
    except UnsealError as error:
        return error.failure is OpeningFailure.TRUNCATED
    return content_size(sealed) < content


def _missing(name: str) -> VaultError:
    return MissingObjectError(
        f"`{slot_object(name)}` is not in the sink",
        hint=f"if somebody removed it, `tgvault key remove {name}` takes it off the list as well; else bring it back "
        f"from a copy with `tgvault verify --repair`, or make it again: `tgvault key add … --name {name}`",
    )


def _again(name: str) -> str:
    return (
        f"bring it back from a copy: `tgvault verify --repair`; or unlock the vault with another key, run "
        f"`tgvault key remove {name}`, and add it again: `tgvault key add … --name {name}`"
    )


def _not_listed(name: str) -> str:
    return (
        f"if nobody knows it, take it away: `tgvault key remove {name}`; if two people changed the slots at the same "
        "moment, the next `tgvault key add` or `key remove` with the key that opens it puts it on the list again"
    )
