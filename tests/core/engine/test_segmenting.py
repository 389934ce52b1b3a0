from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blob_support import SMALL_CUTS, MemoryBlobs
from tgvault.archive import lists
from tgvault.archive.lists import Line, Ref, cut
from tgvault.engine import segmenting
from tgvault.engine.collecting import Collector
from tgvault.engine.segmenting import Segmenter
from tgvault.engine.tasks import SpanDone

LINES = st.dictionaries(st.integers(-100, 300), st.binary(min_size=1, max_size=30), max_size=80)
LONG_LINES = st.dictionaries(st.integers(-100, 300), st.binary(min_size=15, max_size=30), min_size=20, max_size=80)


def lines_of(rows: dict[int, bytes]) -> list[Line]:
    return [Line(number, data.hex().encode() + b"\n") for number, data in sorted(rows.items())]


def part(lines: list[Line], blobs: MemoryBlobs, batches: list[int]) -> SpanDone:
    """What a worker makes of a run of messages that come in batches."""
    segmenter = Segmenter(SMALL_CUTS, blobs.store)
    at = 0
    for size in [*batches, len(lines)]:
        batch = lines[at : at + size]
        segmenter.add([line.key for line in batch], [line.data[:-1] for line in batch])
        at += size
    segmenter.finish()
    return SpanDone(head=segmenter.head, refs=segmenter.refs, tail=segmenter.tail, ordered=segmenter.ordered)


def gathered(lines: list[Line], blobs: MemoryBlobs, ends: list[int], batches: list[int]) -> list[Ref]:
    """What the parts are together, when the run is split at these places."""
    collector = Collector(blobs, SMALL_CUTS)
    places = [0, *sorted(end % (len(lines) + 1) for end in ends), len(lines)]
    for start, end in pairwise(places):
        done = part(lines[start:end], blobs, batches)
        assert collector.continues(done)
        collector.add(done)
    return collector.refs()


@given(LINES, st.lists(st.integers(0, 80), max_size=5), st.lists(st.integers(0, 9), max_size=5))
def test_parts_give_the_segments_of_the_whole_wherever_it_is_split(
    rows: dict[int, bytes], ends: list[int], batches: list[int]
) -> None:
    blobs = MemoryBlobs()
    lines = lines_of(rows)

    assert gathered(lines, blobs, ends, batches) == list(cut(lines, blobs, SMALL_CUTS))


@given(LONG_LINES, st.lists(st.integers(0, 80), max_size=2), st.lists(st.integers(0, 9), max_size=5))
def test_the_same_holds_where_a_size_limit_cuts(rows: dict[int, bytes], ends: list[int], batches: list[int]) -> None:
    blobs = MemoryBlobs()
    lines = lines_of(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "MAX_LEAF", 70)
        patch.setattr(segmenting, "MAX_LEAF", 70)

        assert gathered(lines, blobs, ends, batches) == list(cut(lines, blobs, SMALL_CUTS))


@given(st.lists(st.integers(0, 20), max_size=12), st.lists(st.integers(1, 4), max_size=4))
def test_ids_that_do_not_ascend_are_noticed(ids: list[int], batches: list[int]) -> None:
    done = part([Line(number, b"x\n") for number in ids], MemoryBlobs(), batches)

    assert done.ordered == (ids == sorted(set(ids)))


@pytest.mark.parametrize(
    ("first", "second", "continues"),
    [
        ([1, 2], [3], True),
        ([1, 2], [2], False),
        ([1, 5], [3], False),
        ([], [1], True),
        ([5], [], True),
        ([1], [3, 2], False),
    ],
)
def test_parts_continue_one_another_when_their_ids_ascend(first: list[int], second: list[int], continues: bool) -> None:
    blobs = MemoryBlobs()
    collector = Collector(blobs, SMALL_CUTS)
    collector.add(part([Line(number, b"x\n") for number in first], blobs, []))

    assert collector.continues(part([Line(number, b"x\n") for number in second], blobs, [])) is continues
