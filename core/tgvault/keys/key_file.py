"""Key files: age identities, SSH private keys and recovery kits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tgvault.crypto.age import Identity
from tgvault.errors import BadKeyError
from tgvault.keys.kit import is_kit, parse_kit
from tgvault.keys.private_file import as_text, read_private

__all__ = ["FoundKeys", "parse_keys", "read_key_file"]

_BEGIN = "-----BEGIN "
_SEALED = ("-----BEGIN AGE ENCRYPTED FILE-----", "age-encryption.org/v1")


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """Identities, where they come from (for people), and what should be said about the way they are kept.

    `fingerprint` is that of the vault that they open, where they say so: a recovery kit does.
    """

    identities: tuple[Identity, ...]
    origin: str
    notices: tuple[str, ...] = ()
    fingerprint: str | None = None


def read_key_file(path: Path) -> FoundKeys:
    """Read the keys in a file: an age identity file, an unencrypted SSH private key or a recovery kit.

    Raises:
        NoIdentityError: there is no such file, or it cannot be read.
        BadKeyError: it holds no key, or one that cannot be used.
    """
    origin = f"key file `{path}`"
    private = read_private(path)
    return replace(_parsed(private.text, origin), notices=private.notices)


def parse_keys(content: bytes, *, origin: str) -> FoundKeys:
    """Read keys: one a line with `#` comments between, one SSH private key, or a recovery kit.

    Raises:
        BadKeyError: there is none, or one that cannot be used. Nothing of the content stands in the message.
    """
    return _parsed(as_text(content, origin=origin), origin)


def _parsed(text: str, origin: str) -> FoundKeys:
    if text.startswith(_SEALED):
        raise BadKeyError(
            f"the {origin} is itself encrypted with age", hint="decrypt it on the way: `--key-command 'age -d FILE'`"
        )
    if is_kit(text):
        kit = parse_kit(text)
        return FoundKeys((kit.identity,), origin, fingerprint=kit.fingerprint)
    if _BEGIN in text:
        return FoundKeys((_identity(text[text.index(_BEGIN) :], origin),), origin)
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    found = tuple(
        _identity(line, f"{origin}, line {number}") for number, line in lines if line and not line.startswith("#")
    )
    if not found:
        raise BadKeyError(f"there is no key in the {origin}", hint="a key starts with `AGE-SECRET-KEY-1`")
    return FoundKeys(found, origin)


def _identity(text: str, origin: str) -> Identity:
    try:
        return Identity(text)
    except BadKeyError as error:
        raise BadKeyError(f"{origin}: {error}", hint=error.hint) from None
