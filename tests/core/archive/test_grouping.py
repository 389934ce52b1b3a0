from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.grouping import groups
from tgvault.archive.lists import Ref
from tgvault.archive.ranges import Range

STEPS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5), st.integers(1, 3)), max_size=8)


def side(steps: list[tuple[int, int, int]], blob: str) -> list[list[Ref]]:
    """Regions of leaves with gaps between them."""
    regions, at = [], 0
    for gap, length, leaves in steps:
        region = []
        for _ in range(leaves):
            region.append(Ref(at + gap, at + gap + length, length + 1, blob))
            at += gap + length
        regions.append(region)
    return regions


@given(STEPS, STEPS)
def test_every_leaf_is_in_one_group_and_no_id_lies_in_two(
    ours: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]]
) -> None:
    old, new = side(ours, "a"), side(theirs, "b")

    found = list(groups(old, new))

    assert [ref for group in found for ref in group.old] == [ref for region in old for ref in region]
    assert [ref for group in found for ref in group.new] == [ref for region in new for ref in region]
    assert all(before.ids.last < after.ids.first for before, after in pairwise(found))


def test_a_group_is_the_same_when_its_blobs_are() -> None:
    ref = Ref(1, 5, 3, "a")

    same, other = groups([[ref], [Ref(7, 7, 1, "b")]], [[ref], [Ref(7, 7, 1, "c")]])

    assert (same.is_same, other.is_same, other.ids) == (True, False, Range(7, 7))
