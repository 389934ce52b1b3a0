"""Packs among objects, by their names."""

from __future__ import annotations

from collections.abc import Iterable

from tgvault.contracts.sink import ObjectName
from tgvault.vault.diagnosis import digest_of, is_named_by_content

__all__ = ["digests", "is_pack"]


def is_pack(name: ObjectName) -> bool:
    """Tell whether an object of that name is a pack: what marks name, and stores list, may be anything."""
    return name.startswith("packs/") and is_named_by_content(name)


def digests(names: Iterable[ObjectName]) -> frozenset[bytes]:
    """Give the digests of the packs among these objects."""
    return frozenset(bytes.fromhex(digest_of(name)) for name in names if is_pack(name))
