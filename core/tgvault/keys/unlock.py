"""Unlocking a vault: from an identity to the vault's checked keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    NotAVaultError,
    TgVaultError,
    TruncatedObjectError,
    VaultError,
    WrongKeyError,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import VaultHeader, read_header
from tgvault.vault.manifests import SnapshotName, manifest_names
from tgvault.vault.slots import Slot, list_slots, open_bundle, slot_object

__all__ = ["Unlocked", "suspects", "unlock"]


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A vault's header and keys, checked against each other, and the slot that gave them.

    `damage` is what is wrong with `vault.json`, where the header was made anew from the keys: it lists no slot but the
    one that was opened, and says that the vault was made when its first snapshot was.
    """

    header: VaultHeader
    bundle: KeyBundle
    opened: Slot
    damage: VaultError | None = None

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
    header: Callable[[], VaultHeader] | None = None,
) -> Unlocked:
    """Unlock the vault in a sink with the first slot that fits and is the vault's.

    Where the fingerprint is known, it alone tells whether the keys are the vault's: then `vault.json` may be damaged.
    `header` reads that as `read_header` does, for who has read it already.

    Raises:
        NotAVaultError, UnsupportedFormatError: see `tgvault.vault.header.read_header`.
        WrongKeyError, TruncatedObjectError, CorruptObjectError: see `tgvault.vault.slots.open_bundle`.
        ForgedObjectError: a slot opens, but the vault is not one that a holder of its keys made, or not the one
            expected; see `VaultHeader.check`.
    """
    try:
        read = header() if header is not None else read_header(sink)
        bundle, slot = open_bundle(
            sink,
            identities,
            passphrase=passphrase,
            accept=lambda each: read.check(each, expected_fingerprint=expected_fingerprint),
        )
    except WrongKeyError as error:
        raise _naming_suspects(error, sink, read) from None
    except (NotAVaultError, TruncatedObjectError, CorruptObjectError, ForgedObjectError) as damage:
        if expected_fingerprint is None:
            raise
        return _without_header(sink, identities, passphrase, expected_fingerprint, damage)
    return Unlocked(read, bundle, slot)


def suspects(sink: Sink, header: VaultHeader) -> list[str]:
    """Name the slots that are missing or not as the header lists them."""
    there = {slot.name: slot.digest for slot in list_slots(sink)}
    return [name for name, digest in header.slots.items() if there.get(name) != digest]


def _naming_suspects(error: WrongKeyError, sink: Sink, header: VaultHeader) -> WrongKeyError:
    """Name the slots that are not as `vault.json` lists them: the key may well be one of theirs."""
    names = suspects(sink, header)
    if not names:
        return error
    told = ", ".join(f"`{slot_object(name)}`" for name in names)
    way = f"{told} is missing or not as it was made, and may be the one for the key: bring it back from a copy"
    return WrongKeyError(str(error), hint=f"{error.hint}; {way}" if error.hint else way)


def _without_header(
    sink: Sink, identities: Sequence[Identity], passphrase: str | None, fingerprint: str, damage: VaultError
) -> Unlocked:
    created = _oldest(manifest_names(sink))

    def remade(bundle: KeyBundle, slots: Mapping[str, str]) -> VaultHeader:
        bundle.check_complete()
        return VaultHeader.make(bundle, created=created, slots=slots)

    def accept(bundle: KeyBundle) -> None:
        remade(bundle, {}).check(bundle, expected_fingerprint=fingerprint)

    try:
        bundle, slot = open_bundle(sink, identities, passphrase=passphrase, accept=accept)
    except TgVaultError:
        # What is wrong with `vault.json`, or with the slot, says more than that the keys are not good either.
        raise damage from None
    return Unlocked(remade(bundle, {slot.name: slot.digest}), bundle, slot, damage)


def _oldest(snapshots: Sequence[SnapshotName]) -> datetime:
    """Give the time that the name of the oldest snapshot tells; 1970 where there is none."""
    with suppress(IndexError, ValueError):
        return datetime.strptime(snapshots[0].partition("/")[2][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.fromtimestamp(0, UTC)
