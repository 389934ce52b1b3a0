"""Telling what happened to an object that did not open: cut off, altered, swapped or forged."""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tgvault.contracts.sink import ObjectName
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    SinkError,
    SinkUnavailableError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)

__all__ = [
    "Owner",
    "as_damage",
    "check_name",
    "diagnose",
    "digest_of",
    "is_bad_sector",
    "is_named_by_content",
    "nobody",
    "owner_among",
]

HINT = "bring it back from a copy with `tgvault verify --repair`; `tgvault verify` alone lists all that is damaged"
FORGED_HINT = "somebody who can write to the sink put it there; delete it there, then run `tgvault verify`"


#: Leases, and marks of what is about to be deleted, concern the writers of one store and are never copied.
_BY_CONTENT = re.compile(
    r"(?:packs/([0-9a-f]{2})/(?=\1)|index/|(?:snapshots/|marks/(?:forget|deleted)-)\d{8}T\d{6}Z-)[0-9a-f]{64}\.age"
)


def digest_of(name: ObjectName) -> str:
    """Give the SHA-256, in hexadecimal, that the name of a pack, index object or manifest promises."""
    return name.rpartition("/")[2].removesuffix(".age").rpartition("-")[2]


#: Names the object that a SHA-256 (hexadecimal) belongs to, if there is one.
Owner = Callable[[str], ObjectName | None]


def owner_among(names: Iterable[ObjectName]) -> Owner:
    """Find owners among objects of these names."""
    return {digest_of(name): name for name in names}.get


def nobody(_: str) -> None:
    """Know no owners."""


def is_named_by_content(name: str) -> bool:
    """Tell whether an object's name holds the SHA-256 of its bytes, which then never change."""
    return _BY_CONTENT.fullmatch(name) is not None


def is_bad_sector(error: SinkError) -> bool:
    """Tell whether the disk is there, and one object cannot be had from it."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EIO


@contextmanager
def as_damage(name: ObjectName) -> Iterator[None]:
    """Have an object that a disk cannot read any more told as damaged: nothing is wrong with the others.

    Raises:
        CorruptObjectError: that is so.
    """
    try:
        yield
    except SinkUnavailableError as error:
        if not is_bad_sector(error):
            raise
        raise CorruptObjectError(f"the disk cannot read `{name}` any more", hint=HINT) from error


def diagnose(
    name: ObjectName,
    data: bytes,
    *,
    opened: bool = False,
    truncated: bool = False,
    size: int | None = None,
    owner: Owner = nobody,
) -> VaultError:
    """Say what is wrong with an object that did not open or did not hold what it should.

    `opened` tells that it could be decrypted all the same, `truncated` is what decryption said, and `size` what the
    index says (bytes).
    """
    digest = hashlib.sha256(data).hexdigest()
    if digest == digest_of(name):
        return _forged(name)
    other = owner(digest)
    if other is not None:
        return SwappedObjectError(f"`{name}` holds the bytes of `{other}`", hint=HINT)
    if opened:
        # Damage does not decrypt: somebody sealed other content to the vault's recipient.
        return _forged(name)
    if truncated or (size is not None and len(data) < size):
        whole = f" of {size}" if size is not None else ""
        return TruncatedObjectError(f"`{name}` is cut off after {len(data)}{whole} bytes", hint=HINT)
    return CorruptObjectError(f"`{name}` does not match its name: its bytes have changed", hint=HINT)


def _forged(name: ObjectName) -> ForgedObjectError:
    return ForgedObjectError(f"`{name}` was not written by a holder of the vault's keys", hint=FORGED_HINT)


def check_name(
    name: ObjectName,
    data: bytes,
    *,
    size: int | None = None,
    owner: Owner = nobody,
) -> None:
    """Check an object's bytes against its name; needs no key.

    Raises:
        SwappedObjectError, TruncatedObjectError, CorruptObjectError: they are not the bytes that were written.
    """
    if hashlib.sha256(data).hexdigest() != digest_of(name):
        raise diagnose(name, data, size=size, owner=owner)
