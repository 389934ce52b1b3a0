"""Reading a list beside its damage: what is good is given, what is not is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from tgvault.archive.cuts import Key
from tgvault.archive.lists import BlobSource, Ref, less, read_leaf, read_page
from tgvault.errors import VaultError
from tgvault.vault.manifests import Node

__all__ = ["Lost", "OnLoss", "readable"]


class Lost(msgspec.Struct, frozen=True):
    """A part of a list that cannot be read: its first and last key, how many keys it has, and why."""

    first: Key
    last: Key
    count: int
    error: VaultError


#: Is told of every part that cannot be read.
OnLoss = Callable[[Lost], None]


def readable(
    node: Node | None, source: BlobSource, *, lost: OnLoss, between: tuple[Key, Key] | None = None
) -> Iterator[tuple[Ref, bytes]]:
    """Give the leaves of a list in order, each with its lines; `lost` is told of those that cannot be read.

    With `between` only those that may hold keys from the first to the last of it (both included).
    """
    if node is not None:
        yield from _below(Ref(node.first, node.last, node.count, node.blob), node.level, source, lost, between)


def _below(
    ref: Ref, level: int, source: BlobSource, lost: OnLoss, between: tuple[Key, Key] | None
) -> Iterator[tuple[Ref, bytes]]:
    if between is not None and (less(ref.last, between[0]) or less(between[1], ref.first)):
        return
    try:
        content, pages = (read_leaf(ref, source), []) if level == 0 else (b"", read_page(ref, source))
    except VaultError as error:
        lost(Lost(ref.first, ref.last, ref.count, error))
        return
    if level == 0:
        yield ref, content
    for page in pages:
        yield from _below(page, level - 1, source, lost, between)
