"""Making a new vault in a sink, so that a kill at any instant leaves either a whole one or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity, Recipient
from tgvault.engine.trying import PLACE
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    ForgedObjectError,
    NotAVaultError,
    VaultError,
    VaultExistsError,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.slot_changes import put_recipient_slot
from tgvault.vault.slots import Slot, open_bundle, slot_object

__all__ = ["CreatedVault", "NewSlot", "create_vault"]

_SLOTS = "keys/"


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A slot to make. With the secret half known, the slot is opened again before the vault counts as made."""

    name: str
    recipient: Recipient
    identity: Identity | None = None

    @classmethod
    def of(cls, name: str, identity: Identity) -> NewSlot:
        """Make a slot for an identity at hand."""
        return cls(name, identity.recipient, identity)


@dataclass(frozen=True, slots=True)
class CreatedVault:
    """A new vault; `resumed` tells that an earlier attempt had been interrupted."""

    header: VaultHeader
    bundle: KeyBundle
    resumed: bool


def create_vault(
    sink: Sink,
    *,
    slots: Sequence[NewSlot],
    clock: Callable[[], datetime],
    keep: Callable[[KeyBundle], None] = lambda _: None,
    known_fingerprint: str | None = None,
) -> CreatedVault:
    """Make a vault that each of the slots opens.

    The slots are written first, and last `vault.json`, which lists them. In between `keep` is called: it puts the
    secret halves where they will be found (keyring, kit), knowing the vault's id and fingerprint; when it raises, the
    slots are taken away again.

    After a kill the same call goes on, if one of the identities opens a slot that is there. The keys in that slot are
    taken over only where `known_fingerprint` says that they are those of the earlier attempt: whoever knows the public
    half of an identity can have laid keys of his own there. Otherwise new ones take their place.

    Raises:
        VaultExistsError: there is a vault.
        NotAVaultError: there are objects that are not left over from making a vault with these identities.
        CorruptObjectError: the sink does not give back what was written.
    """
    sink.prepare()
    left_over = _refuse_others(sink)
    bundle = _left_over_bundle(sink, slots, left_over, known_fingerprint) if left_over else KeyBundle.generate()
    made: list[Slot] = []
    with ExitStack() as undo:
        for slot in slots:
            if not left_over:
                undo.callback(sink.delete, slot_object(slot.name))
            made.append(put_recipient_slot(sink, slot.name, bundle=bundle, recipient=slot.recipient))
        _prove(sink, slots, bundle)
        keep(bundle)
        # From here on the vault may be there even if the call below fails: its slots have to stay.
        undo.pop_all()
    return CreatedVault(_write_header(sink, bundle, made, clock()), bundle, bool(left_over))


def _refuse_others(sink: Sink) -> Sequence[str]:
    names = sorted(stored.name for stored in sink.list("") if not stored.name.startswith(PLACE))
    if HEADER in names:
        raise VaultExistsError(
            "there is a vault at that place already", hint="use it (`tgvault status`), or choose another place"
        )
    others = [name for name in names if not name.startswith(_SLOTS)]
    if others:
        raise NotAVaultError(
            f"there are objects but no `{HEADER}` at that place: {_some(others)}",
            hint=f"if a vault was there, restore `{HEADER}` from another copy of it; or choose another place",
        )
    return names


def _left_over_bundle(
    sink: Sink, slots: Sequence[NewSlot], left_over: Sequence[str], known_fingerprint: str | None
) -> KeyBundle:
    ours = {slot_object(slot.name) for slot in slots}
    identities = [slot.identity for slot in slots if slot.identity is not None]
    try:
        bundle, _ = open_bundle(sink, identities, accept=lambda each: _check_known(each, known_fingerprint))
    except (AccessError, VaultError):
        raise _not_ours(left_over) from None
    if not ours.issuperset(left_over):
        raise _not_ours(left_over)
    return KeyBundle.generate() if known_fingerprint is None else bundle


def _check_known(bundle: KeyBundle, known_fingerprint: str | None) -> None:
    bundle.check_complete()
    if known_fingerprint is not None and bundle.fingerprint != known_fingerprint:
        raise ForgedObjectError("these are other keys than those of the earlier attempt")


def _not_ours(left_over: Sequence[str]) -> NotAVaultError:
    return NotAVaultError(
        f"there are key slots but no `{HEADER}` at that place: {_some(left_over)}",
        hint=f"if a vault was there, restore `{HEADER}` from another copy of it; if `tgvault init` was interrupted "
        "there, run it again with the same key, or delete these objects",
    )


def _prove(sink: Sink, slots: Sequence[NewSlot], bundle: KeyBundle) -> None:
    for slot in slots:
        if slot.identity is not None and open_bundle(sink, (slot.identity,))[0] != bundle:
            raise CorruptObjectError(
                f"`{slot_object(slot.name)}` does not give back the vault's keys", hint="check the disk or the service"
            )


def _write_header(sink: Sink, bundle: KeyBundle, slots: Sequence[Slot], created: datetime) -> VaultHeader:
    header = VaultHeader.make(bundle, created=created, slots={slot.name: slot.digest for slot in slots})
    sink.replace(HEADER, header.to_json())
    read_header(sink).check(bundle)
    return header


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
