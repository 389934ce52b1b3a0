"""`vault.json`: what a vault is, readable without a key and checked with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Recipient
from tgvault.crypto.keyed import canonical_fingerprint
from tgvault.errors import (
    BadKeyError,
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    NotAVaultError,
    TruncatedObjectError,
    UnsupportedFormatError,
    VaultError,
)
from tgvault.vault.bundle import FORMAT, VAULT_ID, KeyBundle

__all__ = ["HEADER", "SLOT_NAME", "VaultHeader", "read_header"]

#: The object's name in the sink.
HEADER = ObjectName("vault.json")

#: What a slot may be called.
SLOT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")

_PURPOSE = "vault"
_SLOTS = "slots"
_DIGITS = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"

_COPY_HINT = (
    "bring it back from a copy of the vault: `tgvault verify --repair`; or write the vault's id and fingerprint, which "
    "the recovery kit has, into `[vault]` of vault.toml: then tgvault does without, and the next backup writes it anew"
)
_FORGED_HINT = (
    "if this place is the right one, restore `vault.json` and `keys/` from another copy of the vault; "
    "back up nothing into it before"
)


class _Numbered(msgspec.Struct):
    format: int


class _Members(msgspec.Struct):
    vault: str
    data: str
    index: str
    created: str
    slots: dict[str, str]
    mac: str


@dataclass(frozen=True, slots=True)
class VaultHeader:
    """What `vault.json` says. Nothing in it is to be believed before `check`.

    `data` and `index` are the recipients that objects are sealed to, `created` is aware (UTC). `slots` lists the slots
    that holders of the vault's keys made: by name, the SHA-256 of the slot object's bytes in hexadecimal. `payload` is
    what the authentication code stands for: all members but `mac`, also those that this version does not know, each
    value as it was written.
    """

    vault_id: str
    data: Recipient
    index: Recipient
    created: datetime
    slots: Mapping[str, str]
    payload: bytes = field(repr=False)
    mac: bytes = field(repr=False)

    @classmethod
    def make(cls, bundle: KeyBundle, *, created: datetime, slots: Mapping[str, str]) -> VaultHeader:
        """Describe a new vault with the slots that it has.

        Raises:
            ValueError: the bundle is one of a write-only machine; such a machine makes no vaults.
        """
        if bundle.data is None:
            raise ValueError("only the holder of all keys makes a vault")
        data, index = bundle.data.recipient, bundle.index.recipient
        created = created.astimezone(UTC).replace(microsecond=0)
        members = {
            "format": FORMAT,
            "vault": bundle.vault_id,
            "data": data.text,
            "index": index.text,
            "created": created.strftime(_TIME),
            _SLOTS: _sorted(slots),
        }
        payload = msgspec.json.encode(members)
        mac = bundle.id_key.mac(_PURPOSE, payload)
        return cls(bundle.vault_id, data, index, created, _sorted(slots), payload, mac)

    @classmethod
    def parse(cls, text: bytes) -> VaultHeader:
        """Read what `to_json` gave; the sink may have changed any of it.

        Raises:
            NotAVaultError: it is JSON, but not of a vault.
            UnsupportedFormatError: a newer tgvault made it.
            TruncatedObjectError, CorruptObjectError: it is no JSON, or its members are not what they should be.
        """
        members = _members(text)
        everything = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        del everything["mac"]
        try:
            data, index = Recipient(members.data), Recipient(members.index)
            created = datetime.strptime(members.created, _TIME).replace(tzinfo=UTC)
        except (BadKeyError, ValueError):
            raise _corrupt() from None
        if not VAULT_ID.fullmatch(members.vault) or not _DIGITS.fullmatch(members.mac) or not _is_list(members.slots):
            raise _corrupt()
        # Of what this version knows the white space of a copy does not count.
        everything[_SLOTS] = msgspec.Raw(msgspec.json.encode(members.slots))
        payload = msgspec.json.encode(everything)
        return cls(members.vault, data, index, created, members.slots, payload, bytes.fromhex(members.mac))

    def with_slots(self, slots: Mapping[str, str], *, bundle: KeyBundle) -> VaultHeader:
        """Give a header with another list of slots and everything else as it is. Only of a header that was checked."""
        members = msgspec.json.decode(self.payload, type=dict[str, msgspec.Raw])
        members[_SLOTS] = msgspec.Raw(msgspec.json.encode(_sorted(slots)))
        payload = msgspec.json.encode(members)
        return replace(self, slots=_sorted(slots), payload=payload, mac=bundle.id_key.mac(_PURPOSE, payload))

    def may_follow(self, before: VaultHeader) -> bool:
        """Tell without keys whether this can have become of that one: the same, or another list with another code.

        A holder of the keys never changes anything else, and never one of these two alone.
        """
        if self.payload == before.payload and self.mac == before.mac:
            return True
        changed = self.slots != before.slots and self.mac != before.mac
        return changed and _without_slots(self.payload) == _without_slots(before.payload)

    def to_json(self) -> bytes:
        """Write the object's content."""
        return self.payload[:-1] + b',"mac":"' + self.mac.hex().encode() + b'"}'

    def check(self, bundle: KeyBundle, *, expected_fingerprint: str | None = None) -> None:
        """Make sure that the holder of the bundle's keys wrote this, and that the bundle is of the vault expected.

        `expected_fingerprint` is what is known from elsewhere (`vault.toml`, a recovery kit). Without it, somebody
        who knows a slot's recipient could have put a whole new vault in the place of this one.

        Raises:
            ForgedObjectError: it is not so.
        """
        if bundle.vault_id != self.vault_id:
            raise _forged(f"`{HEADER}` says vault `{self.vault_id}`, the key bundle says `{bundle.vault_id}`")
        if not bundle.id_key.matches(_PURPOSE, self.payload, self.mac):
            raise _forged(f"`{HEADER}` was not written by a holder of the vault's keys")
        if bundle.index.recipient != self.index or (bundle.data is not None and bundle.data.recipient != self.data):
            raise _forged(f"`{HEADER}` names recipients that are not the key bundle's")
        _check_fingerprint(self, bundle, expected_fingerprint)


def _without_slots(payload: bytes) -> dict[str, msgspec.Raw]:
    members = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    return {name: value for name, value in members.items() if name != _SLOTS}


def read_header(sink: Sink) -> VaultHeader:
    """Read the header of the vault in a sink; see `VaultHeader.parse` for what is raised besides.

    Raises:
        NotAVaultError: there is none.
    """
    try:
        text = sink.get(HEADER)
    except MissingObjectError:
        raise NotAVaultError(
            f"there is no vault at that place: `{HEADER}` is missing",
            hint="make one with `tgvault init`; if there was one, `tgvault verify --repair` brings that file back"
            " from a copy, and `tgvault sync primary --init` everything",
        ) from None
    return VaultHeader.parse(text)


def _members(text: bytes) -> _Members:
    try:
        number = msgspec.json.decode(text, type=_Numbered).format
        if number > FORMAT:
            raise UnsupportedFormatError(
                f"`{HEADER}` has format {number}, this tgvault knows {FORMAT}", hint="use a newer tgvault"
            )
        return msgspec.json.decode(text, type=_Members)
    except msgspec.ValidationError:
        raise NotAVaultError(f"`{HEADER}` is not that of a vault", hint=_COPY_HINT) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise _no_json(str(error)) from None


def _sorted(slots: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(slots.items()))


def _is_list(slots: Mapping[str, str]) -> bool:
    return all(SLOT_NAME.fullmatch(name) and _DIGITS.fullmatch(digest) for name, digest in slots.items())


def _no_json(message: str) -> VaultError:
    # msgspec has one class for both; only the text differs.
    if "truncated" in message:
        return TruncatedObjectError(f"`{HEADER}` is cut off", hint=_COPY_HINT)
    return _corrupt()


def _corrupt() -> CorruptObjectError:
    return CorruptObjectError(f"`{HEADER}` has been damaged", hint=_COPY_HINT)


def _forged(message: str) -> ForgedObjectError:
    return ForgedObjectError(message, hint=_FORGED_HINT)


def _check_fingerprint(header: VaultHeader, bundle: KeyBundle, expected: str | None) -> None:
    actual = bundle.id_key.fingerprint(header.data.text, header.index.text)
    if expected is not None and canonical_fingerprint(expected) != actual:
        raise ForgedObjectError(
            f"the vault has the fingerprint `{actual}`, expected was `{canonical_fingerprint(expected)}`",
            hint="another vault is in the place of yours, or the fingerprint in `vault.toml` or in the kit is wrong",
        )
