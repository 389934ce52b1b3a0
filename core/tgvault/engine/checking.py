"""Checking packs: their names, their frames, and every blob in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tgvault.engine.context import WorkContext
from tgvault.engine.prefetching import read_ahead
from tgvault.errors import VaultError
from tgvault.vault.diagnosis import as_damage, check_name
from tgvault.vault.packs import pack_name, read_directory

__all__ = ["PackDone", "PackTask", "check_packs"]


@dataclass(frozen=True, slots=True)
class PackTask:
    """Packs to be checked: the digest of each and the size in bytes that the index says."""

    packs: tuple[tuple[bytes, int], ...]


@dataclass(frozen=True, slots=True)
class PackDone:
    """What a check found: bytes read, blobs that are good, and the first thing that is wrong, if any."""

    digest: bytes
    bytes: int
    blobs: int
    error: VaultError | None


def check_packs(context: WorkContext, task: PackTask) -> list[PackDone]:
    """Check packs; what is wrong with one is part of the answer.

    Raises:
        SinkError: the sink cannot be read.
    """
    done: list[PackDone] = []
    names = [pack_name(digest.hex()) for digest, _ in task.packs]
    for (digest, size), read in zip(task.packs, read_ahead(context.vault.sink, names), strict=True):
        done.append(_check(context, digest, size, read))
        context.vault.reader.release(digest)
    return done


def _check(context: WorkContext, digest: bytes, size: int, get: Callable[[], bytes]) -> PackDone:
    vault = context.vault
    name = pack_name(digest.hex())
    read = blobs = 0
    try:
        with as_damage(name):
            data = get()
        read = len(data)
        # Opened first: that tells best what was cut off.
        plaintext = vault.reader.take_pack(digest, data, size=size)
        check_name(name, data, size=size, owner=vault.reader.owner)
        del data
        read_directory(plaintext, where=name)
        for place in vault.places.in_pack(digest):
            vault.reader.extract(place)
            blobs += 1
    except VaultError as error:
        return PackDone(digest, read, blobs, error)
    return PackDone(digest, read, blobs, None)
