"""Slots: the ways to unlock a vault, one small object each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity, OpeningFailure, UnsealError, unseal
from tgvault.crypto.passphrase import unseal_with_passphrase
from tgvault.crypto.stanzas import stanza_types
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    TgVaultError,
    TruncatedObjectError,
    UsageError,
    VaultError,
    WrongKeyError,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import SLOT_NAME

__all__ = ["Slot", "SlotKind", "list_slots", "open_bundle", "read_slots", "slot_names", "slot_object"]

_FOLDER = "keys/"
_OBJECT = re.compile(rf"{_FOLDER}({SLOT_NAME.pattern})\.age")

_DAMAGE_HINT = (
    "use another key; then remove this slot and add it again, or bring it back from a copy: `tgvault verify --repair`"
)


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
    """One way to unlock a vault: its name, what opens it, the object's size in bytes and its SHA-256 in hexadecimal."""

    name: str
    kind: SlotKind
    size: int
    digest: str

    @classmethod
    def of(cls, name: str, sealed: bytes) -> Slot:
        """Describe the slot that an object of these bytes is."""
        return cls(name, _kind(sealed), len(sealed), hashlib.sha256(sealed).hexdigest())


def slot_object(name: str) -> ObjectName:
    """Name the object of a slot.

    Raises:
        UsageError: no slot can have that name.
    """
    if not SLOT_NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` is no name for a slot", hint="use up to 48 small letters, digits and dashes: `laptop-2`"
        )
    return ObjectName(f"{_FOLDER}{name}.age")


def list_slots(sink: Sink) -> tuple[Slot, ...]:
    """List the vault's slots by name. Needs no key."""
    return tuple(slot for slot, _ in read_slots(sink))


def read_slots(sink: Sink) -> Iterator[tuple[Slot, bytes]]:
    """Give the vault's slots by name, with the bytes of their objects. Needs no key."""
    for stored in sorted(sink.list(_FOLDER), key=lambda each: each.name):
        match = _OBJECT.fullmatch(stored.name)
        if match is None:
            continue
        try:
            sealed = sink.get(stored.name)
        except MissingObjectError:
            # Somebody removed the slot between the two calls.
            continue
        yield Slot.of(match[1], sealed), sealed


def slot_names(slots: Iterable[Slot]) -> str:
    """Say, for a hint, which slots there are."""
    return "the vault's slots: " + ", ".join(f"`{slot.name}` ({slot.kind})" for slot in slots)


def open_bundle(
    sink: Sink,
    identities: Sequence[Identity],
    *,
    passphrase: str | None = None,
    accept: Callable[[KeyBundle], None] = lambda _: None,
) -> tuple[KeyBundle, Slot]:
    """Open the first slot that fits; gives the bundle and the slot.

    Every slot is tried before anything is raised: a broken one must not lock out a good one. Slots with a passphrase
    come last, since each takes seconds, and only if one is given. `accept` raises a `VaultError` for a bundle that is
    not the vault's; the search then goes on.

    Raises:
        MissingObjectError: the vault has no slots.
        TruncatedObjectError, CorruptObjectError, ForgedObjectError: none fits, and the slot named is not good.
        WrongKeyError: none fits, and all that were tried are whole.
    """
    met: list[Slot] = []
    wrong: list[Slot] = []
    failures: list[TgVaultError] = []
    for slot, sealed in _passphrases_last(read_slots(sink)):
        met.append(slot)
        if not (passphrase is not None if slot.kind is SlotKind.PASSPHRASE else identities):
            continue
        try:
            bundle = _opened(slot, sealed, identities, passphrase)
            _accept(slot, bundle, accept)
        except WrongKeyError:
            wrong.append(slot)
        except (VaultError, AccessError) as error:
            failures.append(error)
        else:
            return bundle, slot
    raise _none_fits(met, wrong, failures)


def _passphrases_last(slots: Iterable[tuple[Slot, bytes]]) -> Iterator[tuple[Slot, bytes]]:
    """Give the slots, none of them read before it is wanted."""
    last = []
    for slot, sealed in slots:
        if slot.kind is SlotKind.PASSPHRASE:
            last.append((slot, sealed))
        else:
            yield slot, sealed
    yield from last


def _accept(slot: Slot, bundle: KeyBundle, accept: Callable[[KeyBundle], None]) -> None:
    try:
        accept(bundle)
    except VaultError as error:
        raise type(error)(f"`{slot_object(slot.name)}` opens, but {error}", hint=error.hint) from None


def _kind(sealed: bytes) -> SlotKind:
    try:
        types = stanza_types(sealed)
    except UnsealError:
        return SlotKind.UNKNOWN
    return next((_KINDS[each] for each in types if each in _KINDS), SlotKind.UNKNOWN)


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
            hint="bring `keys/` back from a copy of the vault: `tgvault verify --repair`",
        )
    if not failures and not wrong:
        return WrongKeyError("no slot of the vault is for a key of that kind", hint=slot_names(slots))
    if not failures and len(wrong) == 1:
        only = slot_object(wrong[0].name)
        return WrongKeyError(
            f"the key or passphrase does not open `{only}`, the only slot for one of its kind", hint=slot_names(slots)
        )
    if not failures:
        return WrongKeyError(f"the key opens none of the {len(wrong)} slots that were tried", hint=slot_names(slots))
    # A slot that the key opened and that is forged says more than one that is broken.
    worst = min(failures, key=lambda each: not isinstance(each, ForgedObjectError))
    others = "; the key opens no other slot" if wrong else ""
    return type(worst)(f"{worst}{others}", hint=worst.hint)
