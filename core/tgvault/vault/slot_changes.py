"""Adding and removing slots, and keeping the list of them in `vault.json`.

A slot is listed before it is written, and deleted before it is taken off the list. So a kill at any instant leaves at
most a name on the list whose slot is not there, which adding or removing that name once more puts right. A slot that is
there and not on the list is never a kill's: somebody put it there, or two people changed the list at one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Recipient, seal
from tgvault.crypto.passphrase import seal_with_passphrase
from tgvault.errors import (
    CorruptObjectError,
    LastSlotError,
    MissingObjectError,
    NotFoundError,
    TgVaultError,
    UsageError,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.slots import Slot, SlotKind, list_slots, slot_names, slot_object

__all__ = [
    "add_passphrase_slot",
    "add_recipient_slot",
    "list_again",
    "put_recipient_slot",
    "remove_slot",
    "take_back",
]

_SAME_MOMENT = "check the disk or the service; if somebody else changed the slots at the same moment, do it again"


def add_recipient_slot(sink: Sink, name: str, *, bundle: KeyBundle, recipient: Recipient) -> Slot:
    """Let the holder of a recipient's secret half unlock the vault.

    Raises:
        UsageError: the name is taken, or no name for a slot.
        ForgedObjectError: `vault.json` is not that of the bundle's vault.
    """
    _check_free(sink, name)
    return _add(sink, name, seal(bundle.to_json(), [recipient]), bundle)


def add_passphrase_slot(sink: Sink, name: str, *, bundle: KeyBundle, passphrase: str) -> Slot:
    """Let whoever knows the passphrase unlock the vault. Takes seconds.

    Raises:
        UsageError: the name is taken, or no name for a slot.
        BadKeyError: the passphrase cannot be written as UTF-8.
        ForgedObjectError: `vault.json` is not that of the bundle's vault.
    """
    _check_free(sink, name)
    return _add(sink, name, seal_with_passphrase(bundle.to_json(), passphrase), bundle)


def put_recipient_slot(sink: Sink, name: str, *, bundle: KeyBundle, recipient: Recipient) -> Slot:
    """Write a slot of a vault that is being made: in place of one that has the name, and not listed by this."""
    sealed = seal(bundle.to_json(), [recipient])
    _put(sink, name, sealed)
    return Slot.of(name, sealed)


def remove_slot(sink: Sink, name: str, *, bundle: KeyBundle) -> None:
    """Take a slot away. Whoever has unlocked the vault with it may have kept the vault's keys.

    Raises:
        NotFoundError: there is no such slot.
        LastSlotError: no other slot is left that is known to open the vault.
        ForgedObjectError: `vault.json` is not that of the bundle's vault.
    """
    header = _header(sink, bundle)
    slots = list_slots(sink)
    there = any(slot.name == name for slot in slots)
    if not there and name not in header.slots:
        raise NotFoundError(f"the vault has no slot `{name}`", hint=slot_names(slots))
    if there and not any(slot.name != name for slot in _good(slots, header)):
        raise LastSlotError(
            f"`{name}` is the last slot that opens the vault", hint="add another one first: `tgvault key add`"
        )
    sink.delete(slot_object(name))
    _change_list(sink, bundle, lambda listed: {each: digest for each, digest in listed.items() if each != name})


def take_back(sink: Sink, slot: Slot, *, bundle: KeyBundle) -> None:
    """Undo the adding of a slot as far as that goes, after an error that says more than one of this would.

    What is left of it is told by verifying.
    """
    with suppress(TgVaultError):
        if slot in list_slots(sink):
            sink.delete(slot_object(slot.name))
        _change_list(sink, bundle, lambda listed: dict(listed.items() - {(slot.name, slot.digest)}))


def list_again(sink: Sink, slot: Slot, *, bundle: KeyBundle) -> bool:
    """Put a slot that was proved to give the bundle on the list, where the list does not have it; tells whether.

    Of no other slot is it known who made it: whoever can write to the sink may have. A copy of another listed slot
    stays off the list, too: it would go on opening the vault when that slot is removed.

    Raises:
        ForgedObjectError: `vault.json` is not that of the bundle's vault.
    """
    if slot.digest in _header(sink, bundle).slots.values():
        return False
    _change_list(sink, bundle, lambda listed: listed | {slot.name: slot.digest})
    return True


def _add(sink: Sink, name: str, sealed: bytes, bundle: KeyBundle) -> Slot:
    slot = Slot.of(name, sealed)
    with ExitStack() as undo:
        undo.callback(take_back, sink, slot, bundle=bundle)
        _change_list(sink, bundle, lambda listed: listed | {name: slot.digest})
        _put(sink, name, sealed)
        undo.pop_all()
    return slot


def _good(slots: Iterable[Slot], header: VaultHeader) -> Iterator[Slot]:
    return (slot for slot in slots if slot.kind is not SlotKind.UNKNOWN and header.slots.get(slot.name) == slot.digest)


def _header(sink: Sink, bundle: KeyBundle) -> VaultHeader:
    header = read_header(sink)
    header.check(bundle)
    return header


def _change_list(sink: Sink, bundle: KeyBundle, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    # Read anew for each change. Somebody else's change can still get lost in between; verifying tells of that.
    header = _header(sink, bundle)
    slots = change(dict(header.slots))
    if slots == header.slots:
        return
    text = header.with_slots(slots, bundle=bundle).to_json()
    sink.replace(HEADER, text)
    if sink.get(HEADER) != text:
        raise CorruptObjectError(f"`{HEADER}` does not come back as it was written", hint=_SAME_MOMENT)


def _check_free(sink: Sink, name: str) -> None:
    try:
        sink.size(slot_object(name))
    except MissingObjectError:
        return
    raise UsageError(f"the vault has a slot `{name}` already", hint="choose another name, or remove that slot first")


def _put(sink: Sink, name: str, sealed: bytes) -> None:
    stored = slot_object(name)
    # `replace` is whole or not there on every sink, even after a power cut.
    sink.replace(stored, sealed)
    if sink.get(stored) != sealed:
        raise CorruptObjectError(f"`{stored}` does not come back as it was written", hint=_SAME_MOMENT)
