"""Sealing to age recipients and opening with age identities.

pyrage holds the GIL for a whole call, so large data is sealed in worker processes. The `_io` calls are used because
they neither grow nor copy one large buffer: 880 MB/s against 460 MB/s for 16 MiB at a time (pyrage 1.4.0, one core
of a two-core EPYC).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

import pyrage

from tgvault.crypto.sshkey import public_line
from tgvault.errors import BadKeyError

__all__ = ["FIRST_LINE", "Identity", "OpeningFailure", "Recipient", "UnsealError", "seal", "seal_parts", "unseal"]

#: How every age v1 file in its binary form starts.
FIRST_LINE = b"age-encryption.org/v1\n"

_AGE_IDENTITY = "AGE-SECRET-KEY-1"
_SSH_RECIPIENTS = ("ssh-ed25519 ", "ssh-rsa ")
_OTHER_SSH = ("ssh-", "ecdsa-", "sk-")

#: <https://age-encryption.org/v1>, "Payload": a nonce of 16 bytes, then chunks of 64 KiB with a tag of 16 bytes each.
_NONCE = _TAG = 16
_CHUNK = (64 << 10) + _TAG


class OpeningFailure(Enum):
    """Why an age file did not open."""

    WRONG_KEY = auto()
    #: Cut off in its header or right after it; later cuts cannot be told from other changes without the size.
    TRUNCATED = auto()
    ALTERED = auto()
    #: A passphrase slot that wants more work than this machine can do in reasonable time.
    TOO_COSTLY = auto()


class UnsealError(Exception):
    """An age file did not open; callers turn it into an error that names the object."""

    def __init__(self, failure: OpeningFailure) -> None:
        super().__init__(failure.name.lower().replace("_", " "))
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key that things are sealed to: `age1…`, or an SSH public key line."""

    text: str

    def __post_init__(self) -> None:
        _parse_recipient(self.text)


@dataclass(frozen=True, slots=True)
class Identity:
    """The secret half of a recipient: `AGE-SECRET-KEY-1…`, or the text of an unencrypted SSH private key."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        _parse_identity(self.text)

    @classmethod
    def generate(cls) -> Identity:
        """Make a new age X25519 identity."""
        return cls(str(pyrage.x25519.Identity.generate()))

    @property
    def recipient(self) -> Recipient:
        """The public half.

        Raises:
            BadKeyError: it is an SSH key in a format that does not hold its public half readably.
        """
        if self.text.startswith(_AGE_IDENTITY):
            return Recipient(str(pyrage.x25519.Identity.from_str(self.text).to_public()))
        return Recipient(public_line(self.text))


def seal(plaintext: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Encrypt to all recipients, as an age v1 file in its binary form."""
    return seal_parts([plaintext], recipients)


def seal_parts(parts: Iterable[bytes | memoryview], recipients: Sequence[Recipient]) -> bytes:
    """Encrypt what lies in several places as if it stood in one, without putting it together; see `seal`."""
    sealed = io.BytesIO()
    pyrage.encrypt_io(_Parts(parts), sealed, [_parse_recipient(each.text) for each in recipients])
    return sealed.getvalue()


def unseal(sealed: bytes, identities: Sequence[Identity]) -> bytes:
    """Decrypt an age v1 file.

    Raises:
        UnsealError: none of the identities fits, or the file is not whole.
    """
    opened = _room(plaintext_length(sealed) or 0)
    try:
        pyrage.decrypt_io(io.BytesIO(sealed), opened, [_parse_identity(each.text) for each in identities])
    except (pyrage.DecryptError, OSError) as error:
        # The pieces that were good until then stay in `opened` and are dropped with it.
        raise UnsealError(_failure(str(error), sealed)) from None
    opened.truncate()
    return opened.getvalue()


def plaintext_length(sealed: bytes) -> int | None:
    """Tell how many bytes an age file of that length holds, without opening it; None if its header is not whole."""
    start = sealed.find(b"\n", sealed.find(b"\n--- ") + 1) + 1
    chunks = len(sealed) - start - _NONCE
    if not sealed.startswith(b"age-encryption.org/") or b"\n--- " not in sealed[:start] or chunks < _TAG:
        return None
    return chunks - _TAG * -(-chunks // _CHUNK)


class _Parts(io.BufferedIOBase):
    """As much of a file as pyrage asks for, 8 KiB at a time."""

    def __init__(self, parts: Iterable[bytes | memoryview]) -> None:
        self._parts = iter(parts)
        self._part = memoryview(b"")

    def read(self, size: int | None = -1, /) -> bytes:
        while not self._part:
            try:
                self._part = memoryview(next(self._parts))
            except StopIteration:
                return b""
        count = len(self._part) if size is None or size < 0 else size
        read, self._part = self._part[:count], self._part[count:]
        return bytes(read)


def _room(size: int) -> io.BytesIO:
    """Make a buffer that need not grow until it has so many bytes: growing, it would be in memory twice for moments."""
    buffer = io.BytesIO()
    if size > 0:
        buffer.seek(size - 1)
        buffer.write(b"\0")
        buffer.seek(0)
    return buffer


def _failure(message: str, sealed: bytes) -> OpeningFailure:
    if not sealed.startswith(FIRST_LINE[: len(sealed)]):
        return OpeningFailure.ALTERED
    # pyrage has one class for every cause (OSError past the header); only the text differs.
    if "No matching keys" in message:
        return OpeningFailure.WRONG_KEY
    if "truncated" in message or "fill whole buffer" in message or "Incomplete header" in message:
        return OpeningFailure.TRUNCATED
    return OpeningFailure.ALTERED


def _parse_recipient(text: str) -> pyrage.x25519.Recipient | pyrage.ssh.Recipient:
    try:
        if text.startswith(_SSH_RECIPIENTS):
            return pyrage.ssh.Recipient.from_str(text)
        # The data part of Bech32 has no 1: what has a second one names another kind of key before it.
        if text.startswith("age1") and text.count("1") == 1:
            return pyrage.x25519.Recipient.from_str(text)
    except (pyrage.RecipientError, UnicodeEncodeError):
        raise BadKeyError(f"`{text[:24]}…` is not a whole public key", hint="copy all of it") from None
    raise _no_recipient(text)


def _no_recipient(text: str) -> BadKeyError:
    if text.startswith(("age1", *_OTHER_SSH)):
        return BadKeyError(
            f"`{text[:16]}…` is a key of a kind that tgvault cannot seal to",
            hint="use an age X25519 key (`age1…`), `ssh-ed25519` or `ssh-rsa`; keys in hardware and of age plugins "
            "cannot be used",
        )
    # Never the text itself: somebody may have pasted the secret half.
    return BadKeyError(
        "the text is not a public key",
        hint="give a public age key (`age1…`) or a line of an SSH public key file (`ssh-ed25519 …`)",
    )


def _parse_identity(text: str) -> pyrage.x25519.Identity | pyrage.ssh.Identity:
    try:
        if text.startswith(_AGE_IDENTITY):
            return pyrage.x25519.Identity.from_str(text)
        if text.startswith("-----BEGIN "):
            return pyrage.ssh.Identity.from_buffer(text.encode())
    except pyrage.IdentityError as error:
        raise _unusable(str(error)) from None
    except UnicodeEncodeError:
        # The error would carry the text: it is, or nearly is, a secret.
        raise _unusable("it has characters that no key has") from None
    if text.startswith("AGE-PLUGIN-"):
        raise BadKeyError(
            "the key is one of an age plugin or in hardware, which tgvault cannot use",
            hint="use a key that starts with `AGE-SECRET-KEY-1`, or an SSH private key",
        )
    raise BadKeyError(
        "the key is neither an age identity nor an SSH private key",
        hint="an age identity starts with `AGE-SECRET-KEY-1`",
    )


def _unusable(reason: str) -> BadKeyError:
    # The texts of pyrage name the fault or the kind of key, never the key.
    if "decrypted first" in reason:
        return BadKeyError(
            "the SSH key is protected by a passphrase",
            hint="give an unprotected copy, or the vault's recovery kit; `ssh-keygen -p` takes the passphrase off",
        )
    return BadKeyError(
        f"the key cannot be used: {reason}",
        hint="copy all of it; usable are age X25519 keys, and SSH keys of the kinds ed25519 and RSA",
    )
