"""Blobs in a dictionary, and keys that are the same in every run: what tests of lists and merging need."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tgvault.archive.cuts import Cuts
from tgvault.archive.lists import Line, Ref, leaves, read_leaf
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.vault.manifests import Node

ID_KEY = IdKey(bytes(range(32)))

SEGMENT_CUTS = Cuts(ID_KEY, per_leaf=256)
ROW_CUTS = Cuts(ID_KEY, per_leaf=32)
#: Cuts so often that lists of a few dozen lines have several levels.
SMALL_CUTS = Cuts(ID_KEY, per_leaf=3)


class MemoryBlobs:
    """Takes and gives blobs, and counts what it is asked for."""

    def __init__(self) -> None:
        self.contents: dict[BlobId, bytes] = {}
        self.stored: list[BlobId] = []
        self.loaded: list[BlobId] = []

    def store(self, content: bytes) -> BlobId:
        blob = ID_KEY.blob_id(content)
        if blob not in self.contents:
            self.contents[blob] = content
            self.stored.append(blob)
        return blob

    def load(self, blob: BlobId) -> bytes:
        self.loaded.append(blob)
        return self.contents[blob]

    def forget_counts(self) -> None:
        self.stored.clear()
        self.loaded.clear()


def all_lines(node: Node | None, blobs: MemoryBlobs, parse: Callable[[bytes], Iterable[Line]]) -> list[Line]:
    return [line for ref in leaves(node, blobs) for line in parse(read_leaf(ref, blobs))]


def all_refs(node: Node | None, blobs: MemoryBlobs) -> list[Ref]:
    return list(leaves(node, blobs))
