"""Finding where two lists differ, without reading what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tgvault.archive.lists import BlobSource, Ref, read_page
from tgvault.vault.manifests import Node

__all__ = ["differing_leaves", "paired"]


def differing_leaves(one: Node | None, other: Node | None, source: BlobSource) -> tuple[list[Ref], list[Ref]]:
    """Give the leaves that only the one list has, and those that only the other has, each in order.

    A key whose line differs stands in one of them, if it is there at all. Pages that both have are not read, so the
    cost grows with the difference and not with the lists.
    """
    level = max((node.level for node in (one, other) if node is not None), default=0)
    mine, theirs = _root(one, level), _root(other, level)
    while True:
        mine, theirs = _without(mine, theirs), _without(theirs, mine)
        if level == 0:
            return mine, theirs
        level -= 1
        mine = [*_below(mine, source), *_root(one, level)]
        theirs = [*_below(theirs, source), *_root(other, level)]


def _root(node: Node | None, level: int) -> list[Ref]:
    if node is None or node.level != level:
        return []
    return [Ref(node.first, node.last, node.count, node.blob)]


def _without(refs: list[Ref], others: list[Ref]) -> list[Ref]:
    # The whole reference is compared: two places of one list may hold equal lines where their keys are positions.
    known = set(others)
    return [ref for ref in refs if ref not in known]


def _below(pages: Iterable[Ref], source: BlobSource) -> Iterator[Ref]:
    for page in pages:
        yield from read_page(page, source)


_Row = TypeVar("_Row")
_Key = TypeVar("_Key", int, str)


def paired(
    ones: Iterator[_Row], others: Iterator[_Row], *, key: Callable[[_Row], _Key]
) -> Iterator[tuple[_Key, _Row | None, _Row | None]]:
    """Pair the rows of two sides by key; both sides ascend, and a side that lacks a key gives None."""
    one, other = next(ones, None), next(others, None)
    while one is not None or other is not None:
        at = min(key(row) for row in (one, other) if row is not None)
        first = one if one is not None and key(one) == at else None
        second = other if other is not None and key(other) == at else None
        yield at, first, second
        one = next(ones, None) if first is not None else one
        other = next(others, None) if second is not None else other
