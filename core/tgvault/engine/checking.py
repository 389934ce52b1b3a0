"""Checking one pack: its name, its frames, and every blob in it."""

from __future__ import annotations

from dataclasses import dataclass

from tgvault.engine.context import WorkContext
from tgvault.errors import VaultError
from tgvault.vault.diagnosis import check_name
from tgvault.vault.packs import pack_name, read_directory

__all__ = ["PackDone", "PackTask", "check_pack"]


@dataclass(frozen=True, slots=True)
class PackTask:
    """A pack to be checked: its digest and the size in bytes that the index says."""

    digest: bytes
    size: int


@dataclass(frozen=True, slots=True)
class PackDone:
    """What a check found: bytes read, blobs that are good, and the first thing that is wrong, if any."""

    digest: bytes
    bytes: int
    blobs: int
    error: VaultError | None


def check_pack(context: WorkContext, task: PackTask) -> PackDone:
    """Check a pack; what is wrong with it is part of the answer."""
    vault = context.vault
    name = pack_name(task.digest.hex())
    read = blobs = 0
    try:
        data = vault.sink.get(name)
        read = len(data)
        check_name(name, data, size=task.size, owner=vault.reader.owner)
        plaintext = vault.reader.take_pack(task.digest, data, size=task.size)
        del data
        read_directory(plaintext, where=name)
        for place in vault.places.in_pack(task.digest):
            vault.reader.extract(place)
            blobs += 1
    except VaultError as error:
        return PackDone(task.digest, read, blobs, error)
    return PackDone(task.digest, read, blobs, None)
