"""Slots: the ways to unlock a vault, one small object each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity, OpeningFailure, Recipient, UnsealError, seal, unseal
from tgvault.crypto.passphrase import seal_with_passphrase, unseal_with_passphrase
from tgvault.crypto.stanzas import stanza_types
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    ForgedObjectError,
    LastSlotError,
    MissingObjectError,
    NotFoundError,
    TgVaultError,
    TruncatedObjectError,
    UsageError,
    VaultError,
    WrongKeyError,
)
from tgvault.vault.bundle import KeyBundle

__all__ = [
    "Slot",
    "SlotKind",
    "add_passphrase_slot",
    "add_recipient_slot",
    "list_slots",
    "open_bundle",
    "put_recipient_slot",
    "remove_slot",
    "slot_object",
]

_FOLDER = "keys/"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_OBJECT = re.compile(rf"{_FOLDER}({_NAME.pattern})\.age")

_DAMAGE_HINT = "use another key; then remove this slot and add it again, or restore it from another copy of the vault"


class SlotKind(StrEnum):
    """What opens a slot."""

    AGE = "age"
    SSH = "ssh"
    PASSPHRASE = "passphrase"  # noqa: S105 - a word, not a secret
    #: Damaged, or made by something newer.
    UNKNOWN = "unknown"


_KINDS = {
    "X25519": SlotKind.AGE,
    "ssh-ed25519": SlotKind.SSH,
    "ssh-rsa": SlotKind.SSH,
    "scrypt": SlotKind.PASSPHRASE,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to unlock a vault: its name, what opens it, and the object's size in bytes."""

    name: str
    kind: SlotKind
    size: int


def slot_object(name: str) -> ObjectName:
    """Name the object of a slot.

    Raises:
        UsageError: no slot can have that name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` is no name for a slot", hint="use up to 48 small letters, digits and dashes: `laptop-2`"
        )
    return ObjectName(f"{_FOLDER}{name}.age")


def list_slots(sink: Sink) -> tuple[Slot, ...]:
    """List the vault's slots by name. Needs no key."""
    return tuple(slot for slot, _ in _read_slots(sink))


def add_recipient_slot(sink: Sink, name: str, *, bundle: KeyBundle, recipient: Recipient) -> Slot:
    """Let the holder of a recipient's secret half unlock the vault.

    Raises:
        UsageError: the name is taken, or no name for a slot.
    """
    _check_free(sink, name)
    return put_recipient_slot(sink, name, bundle=bundle, recipient=recipient)


def add_passphrase_slot(sink: Sink, name: str, *, bundle: KeyBundle, passphrase: str) -> Slot:
    """Let whoever knows the passphrase unlock the vault. Takes seconds.

    Raises:
        UsageError: the name is taken, or no name for a slot.
        BadKeyError: the passphrase cannot be written as UTF-8.
    """
    _check_free(sink, name)
    return _put(sink, name, seal_with_passphrase(bundle.to_json(), passphrase))


def put_recipient_slot(sink: Sink, name: str, *, bundle: KeyBundle, recipient: Recipient) -> Slot:
    """Do as `add_recipient_slot` does, in place of a slot that already has the name."""
    return _put(sink, name, seal(bundle.to_json(), [recipient]))


def remove_slot(sink: Sink, name: str) -> None:
    """Take a slot away. Whoever has unlocked the vault with it may have kept the vault's keys.

    Raises:
        NotFoundError: there is no such slot.
        LastSlotError: no other slot is left that could open the vault.
    """
    slots = list_slots(sink)
    if name not in {slot.name for slot in slots}:
        raise NotFoundError(f"the vault has no slot `{name}`", hint=_names(slots))
    if not any(slot.name != name and slot.kind is not SlotKind.UNKNOWN for slot in slots):
        raise LastSlotError(
            f"`{name}` is the last slot that opens the vault", hint="add another one first: `tgvault key add`"
        )
    sink.delete(slot_object(name))


def open_bundle(
    sink: Sink,
    identities: Sequence[Identity],
    *,
    passphrase: str | None = None,
    accept: Callable[[KeyBundle], None] = lambda _: None,
) -> tuple[KeyBundle, str]:
    """Open the first slot that fits; gives the bundle and the slot's name.

    Every slot is tried before anything is raised: a broken one must not lock out a good one. Slots with a passphrase
    come last, since each takes seconds, and only if one is given. `accept` raises a `VaultError` for a bundle that is
    not the vault's; the search then goes on.

    Raises:
        MissingObjectError: the vault has no slots.
        TruncatedObjectError, CorruptObjectError, ForgedObjectError: none fits, and the slot named is not good.
        WrongKeyError: none fits, and all that were tried are whole.
    """
    slots = sorted(_read_slots(sink), key=lambda each: each[0].kind is SlotKind.PASSPHRASE)
    wrong: list[Slot] = []
    failures: list[TgVaultError] = []
    for slot, sealed in slots:
        if not (passphrase is not None if slot.kind is SlotKind.PASSPHRASE else identities):
            continue
        try:
            bundle = _opened(slot, sealed, identities, passphrase)
            accept(bundle)
        except WrongKeyError:
            wrong.append(slot)
        except (VaultError, AccessError) as error:
            failures.append(error)
        else:
            return bundle, slot.name
    raise _none_fits([slot for slot, _ in slots], wrong, failures)


def _read_slots(sink: Sink) -> Iterator[tuple[Slot, bytes]]:
    for stored in sorted(sink.list(_FOLDER), key=lambda each: each.name):
        match = _OBJECT.fullmatch(stored.name)
        if match is None:
            continue
        try:
            sealed = sink.get(stored.name)
        except MissingObjectError:
            # Somebody removed the slot between the two calls.
            continue
        yield Slot(match[1], _kind(sealed), len(sealed)), sealed


def _kind(sealed: bytes) -> SlotKind:
    try:
        types = stanza_types(sealed)
    except UnsealError:
        return SlotKind.UNKNOWN
    return next((_KINDS[each] for each in types if each in _KINDS), SlotKind.UNKNOWN)


def _check_free(sink: Sink, name: str) -> None:
    try:
        sink.size(slot_object(name))
    except MissingObjectError:
        return
    raise UsageError(f"the vault has a slot `{name}` already", hint="choose another name, or remove that slot first")


def _put(sink: Sink, name: str, sealed: bytes) -> Slot:
    stored = slot_object(name)
    # `replace` is whole or not there on every sink, even after a power cut.
    sink.replace(stored, sealed)
    if sink.get(stored) != sealed:
        raise CorruptObjectError(
            f"`{stored}` does not come back as it was written",
            hint="check the disk or the service; or somebody else added a slot of that name at the same moment",
        )
    return Slot(name, _kind(sealed), len(sealed))


def _opened(slot: Slot, sealed: bytes, identities: Sequence[Identity], passphrase: str | None) -> KeyBundle:
    try:
        if slot.kind is SlotKind.PASSPHRASE and passphrase is not None:
            text = unseal_with_passphrase(sealed, passphrase)
        else:
            text = unseal(sealed, identities)
    except UnsealError as error:
        raise _not_opened(slot, error.failure) from None
    return KeyBundle.from_json(text, where=slot_object(slot.name))


def _not_opened(slot: Slot, failure: OpeningFailure) -> TgVaultError:
    stored = slot_object(slot.name)
    match failure:
        case OpeningFailure.WRONG_KEY:
            return WrongKeyError(f"the key does not open `{stored}`")
        case OpeningFailure.TRUNCATED:
            return TruncatedObjectError(f"`{stored}` is cut off after {slot.size} bytes", hint=_DAMAGE_HINT)
        case OpeningFailure.ALTERED:
            return CorruptObjectError(f"`{stored}` has been altered or cut off", hint=_DAMAGE_HINT)
        case _:
            return AccessError(
                f"the passphrase slot `{stored}` takes more work than this machine can do in reasonable time",
                hint="unlock the vault with another key, or on a faster machine",
            )


def _none_fits(slots: Sequence[Slot], wrong: Sequence[Slot], failures: Sequence[TgVaultError]) -> TgVaultError:
    if not slots:
        return MissingObjectError(
            f"the vault has no slots: there is nothing in `{_FOLDER}`",
            hint="restore `keys/` from another copy of the vault",
        )
    if not failures:
        return WrongKeyError(f"the key opens none of the {len(wrong)} slots that were tried", hint=_names(slots))
    # A slot that the key opened and that is forged says more than one that is broken.
    worst = min(failures, key=lambda each: not isinstance(each, ForgedObjectError))
    others = f"; the key opens none of the {len(wrong)} other slots that were tried" if wrong else ""
    return type(worst)(f"{worst}{others}", hint=worst.hint)


def _names(slots: Sequence[Slot]) -> str:
    return "the vault's slots: " + ", ".join(f"`{slot.name}` ({slot.kind})" for slot in slots)
