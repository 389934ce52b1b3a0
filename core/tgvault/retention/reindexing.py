"""Writing the index without packs that are about to be deleted."""

from __future__ import annotations

from collections.abc import Collection

from tgvault.contracts.sink import ObjectName
from tgvault.vault.index import list_packs_anew
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Vault

__all__ = ["MANY_INDEX_OBJECTS", "replace_index"]

#: Index objects are put together when there are more of them than this: every machine reads each of them once.
MANY_INDEX_OBJECTS = 32


def replace_index(vault: Vault, *, without: Collection[bytes]) -> set[ObjectName]:
    """Write the index without these packs (by digest), where that is worth it; gives the objects that it replaces.

    Raises:
        SinkError: the sink refuses.
    """
    deleted = vault.marks.objects(MarkKind.DELETED)
    # Those that are there still: a prune was killed, or what a mark says comes from elsewhere.
    begun = {each.name for each in vault.sink.list("index/") if each.name in deleted}
    old = begun.union(map(ObjectName, vault.places.index_objects()))
    listed = {pack.digest for pack in vault.places.packs()}
    if not begun and listed.isdisjoint(without) and len(old) <= MANY_INDEX_OBJECTS:
        return set()
    return old - set(list_packs_anew(vault.sink, vault.places, vault.keys, without=without))
