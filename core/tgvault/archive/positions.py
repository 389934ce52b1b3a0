"""Uniting chats whose messages have no ids: nothing but equal text tells that two are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain

from tgvault.archive.cuts import Cuts
from tgvault.archive.lists import BlobSource, BlobStore, Line, Ref, build, cut, leaves, read_leaf
from tgvault.archive.segments import positional
from tgvault.vault.manifests import Node

__all__ = ["merge_positions"]


def merge_positions(
    old: Node | None, new: Sequence[Ref], *, source: BlobSource, store: BlobStore, cuts: Cuts
) -> tuple[Node | None, int]:
    """Give all old messages in their order, then the new ones that are not among them, and the number of those."""
    if old is None:
        return build(new, store, cuts), sum(ref.count for ref in new)
    fresh = sum(1 for _ in _fresh(old, new, source))
    if not fresh:
        return old, 0
    texts = chain(_texts(leaves(old, source), source), _fresh(old, new, source))
    lines = (Line(position, text) for position, text in enumerate(texts, start=1))
    return build(cut(lines, store, cuts), store, cuts), fresh


def _fresh(old: Node, new: Sequence[Ref], source: BlobSource) -> Iterator[bytes]:
    """Give the new texts that are not among the old ones; of each old one memory holds a hash."""
    known = Counter(_digest(text) for text in _texts(leaves(old, source), source))
    for text in _texts(new, source):
        digest = _digest(text)
        if known[digest]:
            known[digest] -= 1
        else:
            yield text


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


def _texts(refs: Iterable[Ref], source: BlobSource) -> Iterator[bytes]:
    for ref in refs:
        for line in positional(read_leaf(ref, source)):
            yield line.data
