"""The key bundle: the secrets of a vault, which every slot holds sealed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

import msgspec

from tgvault.crypto.age import Identity
from tgvault.crypto.keyed import IdKey
from tgvault.errors import AccessError, BadKeyError, CorruptObjectError, UnsupportedFormatError

__all__ = ["FORMAT", "VAULT_ID", "KeyBundle"]

#: The newest format number that this version reads, and the one that it writes.
FORMAT = 1

#: A vault id: random, 32 hexadecimal digits.
VAULT_ID = re.compile(r"[0-9a-f]{32}")

_ID_KEY = re.compile(r"[0-9a-f]{64}")
_AGE_IDENTITY = "AGE-SECRET-KEY-1"


class _Members(msgspec.Struct, frozen=True):
    format: int
    vault: str
    index: str
    id_key: str
    data: str | None = None


_KNOWN = frozenset(_Members.__struct_fields__)


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """All keys of a vault. The bundle of a write-only machine has no `data`: it seals and cannot open.

    `others` holds members that this version does not know, so that re-sealing the bundle keeps them.
    """

    vault_id: str
    data: Identity | None
    index: Identity
    id_key: IdKey
    others: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    @classmethod
    def generate(cls) -> KeyBundle:
        """Make the keys of a new vault from the operating system's randomness."""
        return cls(secrets.token_hex(16), Identity.generate(), Identity.generate(), IdKey.generate())

    @classmethod
    def from_json(cls, text: bytes, *, where: str = "the key bundle") -> KeyBundle:
        """Read what `to_json` gave. `where` names the object in errors; nothing of the text stands in them.

        Raises:
            UnsupportedFormatError: a newer tgvault made it.
            CorruptObjectError: it is no key bundle.
        """
        members = _decoded(text, where)
        if members.format > FORMAT:
            raise UnsupportedFormatError(
                f"`{where}` has format {members.format}, this tgvault knows {FORMAT}", hint="use a newer tgvault"
            )
        if members.format < 1 or not VAULT_ID.fullmatch(members.vault) or not _ID_KEY.fullmatch(members.id_key):
            raise _broken(where)
        data = None if members.data is None else _identity(members.data, where)
        key = IdKey(bytes.fromhex(members.id_key))
        return cls(members.vault, data, _identity(members.index, where), key, _others(text))

    @property
    def fingerprint(self) -> str:
        """The vault's fingerprint: who holds only the id key cannot keep it and seal to recipients of his own."""
        assert self.data is not None
        return self.id_key.fingerprint(self.data.recipient.text, self.index.recipient.text)

    def to_json(self) -> bytes:
        """Write the bundle as the JSON object that slots hold; secret."""
        members: list[tuple[str, int | str | msgspec.Raw]] = [("format", FORMAT), ("vault", self.vault_id)]
        if self.data is not None:
            members.append(("data", self.data.text))
        members += [("index", self.index.text), ("id_key", self.id_key.secret.hex())]
        members += [(name, msgspec.Raw(value)) for name, value in self.others]
        return msgspec.json.encode(dict(members))

    def check_complete(self) -> None:
        """Make sure that these keys open everything.

        Raises:
            AccessError: they are those of a write-only machine.
        """
        if self.data is None:
            raise AccessError(
                "the keys at hand can write to the vault and not read it", hint="unlock it with a full key or the kit"
            )


def _decoded(text: bytes, where: str) -> _Members:
    try:
        return msgspec.json.decode(text, type=_Members)
    except (msgspec.DecodeError, RecursionError):
        raise _broken(where) from None


def _others(text: bytes) -> tuple[tuple[str, bytes], ...]:
    members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return tuple((name, bytes(value)) for name, value in members.items() if name not in _KNOWN)


def _identity(text: str, where: str) -> Identity:
    # An SSH key is an identity too, but never one of a vault's own.
    if not text.startswith(_AGE_IDENTITY):
        raise _broken(where)
    try:
        return Identity(text)
    except BadKeyError:
        raise _broken(where) from None


def _broken(where: str) -> CorruptObjectError:
    return CorruptObjectError(
        f"`{where}` opens, but holds no key bundle", hint="use another key; then remove this slot and add it again"
    )
