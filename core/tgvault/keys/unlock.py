"""Unlocking a vault: from an identity to the vault's checked keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import VaultHeader, read_header
from tgvault.vault.slots import Slot, open_bundle

__all__ = ["Unlocked", "unlock"]


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A vault's header and keys, checked against each other, and the slot that gave them."""

    header: VaultHeader
    bundle: KeyBundle
    opened: Slot

    @property
    def slot(self) -> str:
        """The slot's name."""
        return self.opened.name


def unlock(
    sink: Sink,
    identities: Sequence[Identity],
    *,
    passphrase: str | None = None,
    expected_fingerprint: str | None = None,
) -> Unlocked:
    """Unlock the vault in a sink with the first slot that fits and is the vault's.

    Raises:
        NotAVaultError, UnsupportedFormatError: see `tgvault.vault.header.read_header`.
        WrongKeyError, TruncatedObjectError, CorruptObjectError: see `tgvault.vault.slots.open_bundle`.
        ForgedObjectError: a slot opens, but the vault is not one that a holder of its keys made, or not the one
            expected; see `VaultHeader.check`.
    """
    header = read_header(sink)
    bundle, slot = open_bundle(
        sink,
        identities,
        passphrase=passphrase,
        accept=lambda each: header.check(each, expected_fingerprint=expected_fingerprint),
    )
    return Unlocked(header, bundle, slot)
