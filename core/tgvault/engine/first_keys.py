"""Making a vault together with its first two keys: this machine's, and the recovery kit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity
from tgvault.engine.create import CreatedVault, NewSlot, create_vault
from tgvault.errors import BadKeyError
from tgvault.keys.kit import Kit, new_kit, verify_kit
from tgvault.keys.kit_files import KitFiles, kit_files, read_kit, write_kit, write_page
from tgvault.keys.oskeyring import KeyringStore
from tgvault.vault.bundle import KeyBundle

__all__ = ["DEVICE", "RECOVERY", "DeviceKey", "GivenKey", "KeyringKey", "KitOrder", "VaultWithKit", "create_with_kit"]

#: Names of the first slots. The sink sees them: they tell nothing of the machine.
DEVICE = "device"
RECOVERY = "recovery"


class DeviceKey(Protocol):
    """This machine's key, and how it is kept."""

    @property
    def identity(self) -> Identity:
        """The key; the same at each call."""

    def earlier(self, vault_id: str) -> Identity | None:
        """Give the key that this machine has for the vault already, and that `keep` would put this one in place of."""

    def keep(self, vault_id: str) -> None:
        """Put it where later runs find it; called when its slot is written and before anybody relies on it."""


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key that somebody keeps already: in a file, behind a command."""

    identity: Identity

    def earlier(self, vault_id: str) -> Identity | None:
        """None: this one takes no other one's place."""

    def keep(self, vault_id: str) -> None:
        """Nothing is to be done."""


@dataclass(frozen=True, slots=True)
class KeyringKey:
    """A new key that goes into the OS keyring. `store` gives the keyring's place for a vault id."""

    identity: Identity = field(default_factory=Identity.generate)
    store: Callable[[str], KeyringStore] = KeyringStore

    def earlier(self, vault_id: str) -> Identity | None:
        """Give the key that is in the keyring; None where that is none, or no key.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: the keyring does not tell.
        """
        with suppress(BadKeyError):
            return self.store(vault_id).get()
        return None

    def keep(self, vault_id: str) -> None:
        """Put the key into the keyring.

        Raises:
            KeyringLockedError, KeyringUnavailableError, InsecureKeyringError: it does not take it.
        """
        self.store(vault_id).set(self.identity)


@dataclass(frozen=True, slots=True)
class KitOrder:
    """A recovery kit to make: the path of its text form, the vault's place in words, and the lines of a `vault.toml`
    for a new machine (without secrets, with absolute paths), which may name the vault's id and fingerprint."""

    path: Path
    place: str
    config: Callable[[KeyBundle], str]


@dataclass(frozen=True, slots=True)
class VaultWithKit:
    """A new vault, its kit, and where the kit lies."""

    created: CreatedVault
    kit: Kit
    files: KitFiles


def create_with_kit(sink: Sink, *, device: DeviceKey, order: KitOrder, clock: Callable[[], datetime]) -> VaultWithKit:
    """Make a vault with the slots `device` and `recovery`, keep the device's key and write the kit.

    The kit as it lies on disk is proved to open the vault at the end. After a kill the same call goes on: with the
    vault's keys where the kit was written already and knows them, else with new ones.

    Raises:
        UsageError: the kit's files are there and not this vault's.
        VaultExistsError, NotAVaultError: see `create_vault`.
    """
    files = kit_files(order.path)
    earlier = _earlier_kit(files)
    recovery = Identity.generate() if earlier is None else earlier.identity

    def keep(bundle: KeyBundle) -> None:
        if earlier is not None and earlier.vault_id != bundle.vault_id:
            files.check_free()
        device.keep(bundle.vault_id)
        kit = new_kit(recovery, bundle, slot=RECOVERY, place=order.place, config=order.config(bundle), created=clock())
        _write(kit, files, earlier=earlier)

    slots = (NewSlot.of(DEVICE, device.identity), NewSlot.of(RECOVERY, recovery))
    fingerprint = earlier.fingerprint if earlier is not None else None
    created = create_vault(sink, slots=slots, clock=clock, keep=keep, known_fingerprint=fingerprint)
    kit = read_kit(files.text)
    verify_kit(sink, kit)
    return VaultWithKit(created, kit, files)


def _earlier_kit(files: KitFiles) -> Kit | None:
    if files.text.exists():
        with suppress(BadKeyError):
            return read_kit(files.text)
    files.check_free()
    return None


def _write(kit: Kit, files: KitFiles, *, earlier: Kit | None) -> None:
    if earlier is None:
        write_kit(kit, files.text)
    elif not files.page.exists():
        write_page(kit, files)
