"""What was to be deleted and is there: a prune was killed, or somebody has put it back, or has made the mark up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tgvault.contracts.sink import ObjectName
from tgvault.errors import VaultError
from tgvault.vault.manifests import manifest_names, read_manifest
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Snapshot, Vault

__all__ = ["begun_objects", "begun_snapshots"]


def begun_objects(vault: Vault) -> set[ObjectName]:
    """Name the objects that a mark says to be deleted, as the last look at the marks found, and that are there."""
    deleted = vault.marks.objects(MarkKind.DELETED)
    if not deleted:
        return set()
    return {each.name for each in vault.sink.list("") if each.name in deleted}


def begun_snapshots(vault: Vault) -> Iterator[Snapshot]:
    """Give the snapshots among them; one that cannot be read is left out."""
    deleted = vault.marks.objects(MarkKind.DELETED)
    for name in manifest_names(vault.sink):
        if name in deleted:
            with suppress(VaultError):
                yield Snapshot(name, read_manifest(name, vault.sink, vault.memory, vault.keys))
