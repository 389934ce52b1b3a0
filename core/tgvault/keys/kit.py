"""The recovery kit: an identity that opens the vault when everything else is lost, and all that one has to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity
from tgvault.crypto.keyed import canonical_fingerprint
from tgvault.errors import BadKeyError, WrongKeyError
from tgvault.keys.unlock import Unlocked, unlock
from tgvault.vault.bundle import VAULT_ID, KeyBundle
from tgvault.vault.header import read_header

__all__ = ["TITLE", "Kit", "facts", "is_kit", "new_kit", "parse_kit", "verify_kit"]

#: How every kit starts.
TITLE = "tgvault recovery kit"

_TIME = "%Y-%m-%dT%H:%M:%SZ"

#: An age identity as a person types it: in groups, over several lines, in small letters. The data part has 58
#: letters and digits (BIP 173: 52 for 32 bytes, 6 of a checksum), and none of B, I, O and 1 is among them.
_PREFIX = "AGE-SECRET-KEY-1"
_IDENTITY = re.compile(r"\s*".join(_PREFIX) + r"((?:\s*[A-Z0-9]){58})(?![A-Z0-9])")
_MISREAD = str.maketrans({"B": "8", "I": "L", "O": "0", "1": "L"})

_LABEL = re.compile(r"\s*#?\s*([A-Za-z ]+?)\s*:(.*)")


@dataclass(frozen=True, slots=True)
class Kit:
    """A recovery identity, the vault it opens (id, fingerprint, slot), where that is, and since when.

    `place` says in words where the vault lies. `created` is aware; None where a kit that was read does not say.
    `config` are lines for a `vault.toml` on a new machine, without secrets; empty in a kit that was read.
    """

    identity: Identity
    vault_id: str
    fingerprint: str
    slot: str
    place: str
    created: datetime | None = None
    config: str = ""


def new_kit(identity: Identity, bundle: KeyBundle, *, slot: str, place: str, created: datetime, config: str) -> Kit:
    """Make the kit of an identity that the slot is sealed to."""
    return Kit(identity, bundle.vault_id, bundle.fingerprint, slot, place, created, config)


def facts(kit: Kit) -> Iterator[tuple[str, str]]:
    """List what a kit says about itself, as labels and values of one line each; nothing of it is secret."""
    yield "Vault", kit.vault_id
    yield "Fingerprint", kit.fingerprint
    yield "Slot", kit.slot
    yield "Place", " ".join(kit.place.split())
    if kit.created is not None:
        yield "Made", kit.created.astimezone(UTC).strftime(_TIME)
    yield "Opens", "everything in the vault: every snapshot, also those made after this kit"
    yield "Public key", kit.identity.recipient.text


def is_kit(text: str) -> bool:
    """Tell whether a text is meant to be a recovery kit."""
    return TITLE in " ".join(text[:500].replace("#", " ").casefold().split())


def parse_kit(text: str) -> Kit:
    """Read the text form of a kit, also one that a person typed from paper.

    White space, the case of letters and signs before the labels do not count, nor do the letters and digits that are
    taken for each other.

    Raises:
        BadKeyError: the key, the vault or the fingerprint is missing or has a mistake.
    """
    labels: dict[str, str] = {}
    for match in filter(None, map(_LABEL.fullmatch, text.splitlines())):
        labels.setdefault(" ".join(match[1].casefold().split()), match[2].strip())
    vault_id = "".join(labels.get("vault", "").casefold().split())
    if not VAULT_ID.fullmatch(vault_id):
        raise BadKeyError("the kit does not say its vault", hint="the line `Vault:` has 32 digits and letters a to f")
    return Kit(
        identity=_identity(text),
        vault_id=vault_id,
        fingerprint=canonical_fingerprint(labels.get("fingerprint", "")),
        slot=labels.get("slot", "").casefold(),
        place=labels.get("place", ""),
        created=_time(labels.get("made", "")),
    )


def verify_kit(sink: Sink, kit: Kit) -> Unlocked:
    """Prove that a kit opens the vault in a sink, and that it is the kit's vault.

    Raises:
        WrongKeyError: the kit is another vault's, or its slot was removed.
        ForgedObjectError: the vault is not the one that the kit was made for, whatever it says.
        TruncatedObjectError, CorruptObjectError: the slot is damaged.
    """
    header = read_header(sink)
    if header.vault_id != kit.vault_id:
        raise WrongKeyError(
            f"the kit is for vault `{kit.vault_id}`, here is vault `{header.vault_id}`",
            hint=f"take the kit of this vault, or look at the kit's own place: {kit.place}",
        )
    return unlock(sink, (kit.identity,), expected_fingerprint=kit.fingerprint, header=lambda: header)


def _identity(text: str) -> Identity:
    match = _IDENTITY.search(text.upper())
    if match is None:
        raise BadKeyError(
            "the kit has no whole key", hint="the key is `AGE-SECRET-KEY-1` and 58 letters and digits more"
        )
    letters = "".join(match[1].split()).translate(_MISREAD)
    try:
        return Identity(_PREFIX + letters)
    except BadKeyError:
        raise BadKeyError(
            "the key in the kit has a typing mistake", hint="compare each letter with the paper, or scan the QR code"
        ) from None


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.upper(), _TIME).replace(tzinfo=UTC)
    except ValueError:
        # Nothing depends on it, and a person who types a kit may leave it out.
        return None
