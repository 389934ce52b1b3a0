from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from blob_support import SMALL_CUTS, MemoryBlobs
from tgvault.archive.lists import Line, Ref, cut, leaves, read_leaf
from tgvault.archive.positions import merge_positions
from tgvault.archive.segments import positional
from tgvault.vault.manifests import Node

TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=40)


def refs(texts: list[str], blobs: MemoryBlobs) -> list[Ref]:
    lines = (Line(at, b'{"text":"%s"}\n' % text.encode()) for at, text in enumerate(texts, start=1))
    return list(cut(lines, blobs, SMALL_CUTS))


def texts(node: Node | None, blobs: MemoryBlobs) -> list[str]:
    found = [line.data for leaf in leaves(node, blobs) for line in positional(read_leaf(leaf, blobs))]
    return [data.decode()[9:10] for data in found]


def merged(old: Node | None, new: list[str], blobs: MemoryBlobs) -> tuple[Node | None, int]:
    return merge_positions(old, refs(new, blobs), source=blobs, store=blobs, cuts=SMALL_CUTS)


@given(TEXTS)
def test_the_first_observation_is_kept_in_its_order(first: list[str]) -> None:
    blobs = MemoryBlobs()

    node, new = merged(None, first, blobs)

    assert (texts(node, blobs), new) == (first, len(first))


@given(TEXTS, TEXTS)
def test_a_text_is_there_as_often_as_the_observation_that_had_it_most(first: list[str], second: list[str]) -> None:
    blobs = MemoryBlobs()
    old, _ = merged(None, first, blobs)

    node, new = merged(old, second, blobs)

    assert Counter(texts(node, blobs)) == Counter(first) | Counter(second)
    assert texts(node, blobs)[: len(first)] == first
    assert new == len(texts(node, blobs)) - len(first)


@given(TEXTS, TEXTS)
def test_seeing_the_same_again_changes_nothing(first: list[str], second: list[str]) -> None:
    blobs = MemoryBlobs()
    old, _ = merged(merged(None, first, blobs)[0], second, blobs)
    again = refs(second, blobs)
    blobs.forget_counts()

    node, new = merge_positions(old, again, source=blobs, store=blobs, cuts=SMALL_CUTS)

    assert (node, new, blobs.stored) == (old, 0, [])


@given(TEXTS, TEXTS)
def test_positions_count_from_one(first: list[str], second: list[str]) -> None:
    blobs = MemoryBlobs()

    node, _ = merged(merged(None, first, blobs)[0], second, blobs)

    at = 1
    for leaf in leaves(node, blobs):
        assert (leaf.first, leaf.last) == (at, at + leaf.count - 1)
        at += leaf.count
