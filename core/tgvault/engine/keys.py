"""Adding, removing, proving and handing out the keys of a vault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity, Recipient
from tgvault.engine.first_keys import DEVICE, RECOVERY, DeviceKey, KitOrder
from tgvault.errors import AccessError, BadKeyError, UsageError, VaultError
from tgvault.keys.identity_file import identity_text
from tgvault.keys.kit import Kit, new_kit, verify_kit
from tgvault.keys.kit_files import KitFiles, kit_files, read_kit, write_kit
from tgvault.keys.private_file import write_private
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import read_header
from tgvault.vault.slot_changes import add_passphrase_slot, add_recipient_slot, take_back
from tgvault.vault.slots import Slot, list_slots, open_bundle

__all__ = [
    "MIN_PASSPHRASE",
    "ExportedKit",
    "add_device",
    "add_passphrase",
    "add_recipient",
    "export_identity",
    "export_kit",
    "free_name",
]

#: Characters. age's scrypt makes a guess cost seconds, but the vault lies with others for years.
MIN_PASSPHRASE = 12


@dataclass(frozen=True, slots=True)
class ExportedKit:
    """A new recovery kit: its slot, what it holds, and where it lies."""

    slot: Slot
    kit: Kit
    files: KitFiles


def free_name(sink: Sink, wanted: str) -> str:
    """Give the name wanted, or with the first number after it under which the vault has no slot: `recovery-2`.

    A slot that is missing keeps its name: somebody may bring it back.
    """
    taken = {slot.name for slot in list_slots(sink)} | read_header(sink).slots.keys()
    number = 2
    name = wanted
    while name in taken:
        name = f"{wanted}-{number}"
        number += 1
    return name


def add_recipient(sink: Sink, *, bundle: KeyBundle, recipient: Recipient, name: str) -> Slot:
    """Let a person or another machine unlock the vault by their own key.

    Raises:
        UsageError: the name is taken, or no name for a slot.
        AccessError: the bundle is one of a write-only machine.
    """
    bundle.check_complete()
    return add_recipient_slot(sink, name, bundle=bundle, recipient=recipient)


def add_passphrase(sink: Sink, *, bundle: KeyBundle, passphrase: str, name: str) -> Slot:
    """Let whoever knows a passphrase unlock the vault. Takes seconds.

    Raises:
        BadKeyError: the passphrase is too short.
        UsageError: the name is taken, or no name for a slot.
        AccessError: the bundle is one of a write-only machine, or there was not enough memory.
    """
    bundle.check_complete()
    if len(passphrase) < MIN_PASSPHRASE:
        raise BadKeyError(
            f"the passphrase has less than {MIN_PASSPHRASE} characters", hint="take five words that nobody would guess"
        )
    return add_passphrase_slot(sink, name, bundle=bundle, passphrase=passphrase)


def add_device(sink: Sink, *, bundle: KeyBundle, device: DeviceKey, name: str | None = None) -> Slot:
    """Give this machine a key of its own; the slot is taken away again when the key cannot be kept.

    Raises:
        KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not take the key.
        UsageError: the machine has a key that opens the vault, or the name is taken, or no name for a slot.
        AccessError: the bundle is one of a write-only machine.
    """
    earlier = device.earlier(bundle.vault_id)
    if earlier is not None:
        _check_useless(sink, earlier)
    chosen = name or free_name(sink, DEVICE)
    slot = add_recipient(sink, bundle=bundle, recipient=device.identity.recipient, name=chosen)
    _or_take_back(sink, slot, bundle, lambda: device.keep(bundle.vault_id))
    return slot


def export_kit(
    sink: Sink, *, bundle: KeyBundle, order: KitOrder, clock: Callable[[], datetime], name: str | None = None
) -> ExportedKit:
    """Make another recovery kit with a slot of its own, and prove that it opens the vault.

    The slot is taken away again when the kit cannot be written. Earlier kits go on working until their slots are
    removed.

    Raises:
        UsageError: a file of the kit or the name of the slot is taken.
        AccessError: the bundle is one of a write-only machine.
    """
    files = kit_files(order.path)
    files.check_free()
    identity = Identity.generate()
    chosen = name or free_name(sink, RECOVERY)
    slot = add_recipient(sink, bundle=bundle, recipient=identity.recipient, name=chosen)
    kit = new_kit(identity, bundle, slot=chosen, place=order.place, created=clock(), config=order.config(bundle))
    _or_take_back(sink, slot, bundle, lambda: write_kit(kit, files.text))
    verify_kit(sink, read_kit(files.text))
    return ExportedKit(slot, kit, files)


def export_identity(
    identities: Sequence[Identity], path: Path, *, vault_id: str, clock: Callable[[], datetime]
) -> None:
    """Write this machine's own key into a file (0600) that opens the vault; only when a person asks for it.

    Raises:
        UsageError: there is something of that name, or the folder does not take it.
    """
    what_for = f"opens the tgvault vault {vault_id}"
    texts = (identity_text(each, what_for=what_for, created=clock()) for each in identities)
    write_private(path, "".join(texts))


def _check_useless(sink: Sink, earlier: Identity) -> None:
    # Its slot would stay and count as one that opens the vault, while nobody has the key any more.
    try:
        _, slot = open_bundle(sink, (earlier,), accept=read_header(sink).check)
    except (AccessError, VaultError):
        return
    raise UsageError(
        f"this machine's keyring has a key already, that of slot `{slot.name}`",
        hint=f"use it; or unlock the vault with another key and run `tgvault key remove {slot.name}` first",
    )


def _or_take_back(sink: Sink, slot: Slot, bundle: KeyBundle, work: Callable[[], object]) -> None:
    try:
        work()
    except BaseException:
        # Also when somebody gives up waiting for the keyring: nobody has the key of that slot.
        take_back(sink, slot, bundle=bundle)
        raise
