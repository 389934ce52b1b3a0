"""Telling what happened to an object that did not open: cut off, altered, swapped or forged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tgvault.contracts.sink import ObjectName
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)

__all__ = ["check_name", "diagnose", "digest_of"]

HINT = "restore the object from another copy of the vault; `tgvault verify` lists everything that is damaged"
FORGED_HINT = "somebody who can write to the sink put it there; delete it there, then run `tgvault verify`"


def digest_of(name: ObjectName) -> str:
    """Give the SHA-256, in hexadecimal, that the name of a pack, index object or manifest promises."""
    return name.rpartition("/")[2].removesuffix(".age").rpartition("-")[2]


def diagnose(
    name: ObjectName,
    data: bytes,
    *,
    truncated: bool = False,
    size: int | None = None,
    owner: Callable[[str], ObjectName | None] = lambda _: None,
) -> VaultError:
    """Say what is wrong with an object that did not open or did not hold what it should.

    `truncated` is what decryption said, `size` what the index says (bytes), and `owner` names the object that a
    SHA-256 belongs to, if there is one.
    """
    digest = hashlib.sha256(data).hexdigest()
    if digest == digest_of(name):
        return ForgedObjectError(f"`{name}` was not written by a holder of the vault's keys", hint=FORGED_HINT)
    other = owner(digest)
    if other is not None:
        return SwappedObjectError(f"`{name}` holds the bytes of `{other}`", hint=HINT)
    if truncated or (size is not None and len(data) < size):
        whole = f" of {size}" if size is not None else ""
        return TruncatedObjectError(f"`{name}` is cut off after {len(data)}{whole} bytes", hint=HINT)
    return CorruptObjectError(f"`{name}` does not match its name: its bytes have changed", hint=HINT)


def check_name(
    name: ObjectName,
    data: bytes,
    *,
    size: int | None = None,
    owner: Callable[[str], ObjectName | None] = lambda _: None,
) -> None:
    """Check an object's bytes against its name; needs no key.

    Raises:
        SwappedObjectError, TruncatedObjectError, CorruptObjectError: they are not the bytes that were written.
    """
    if hashlib.sha256(data).hexdigest() != digest_of(name):
        raise diagnose(name, data, size=size, owner=owner)
