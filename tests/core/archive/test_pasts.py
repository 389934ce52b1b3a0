from __future__ import annotations

import msgspec
import pytest

from blob_support import SMALL_CUTS, MemoryBlobs
from tgvault.archive.entries import Gone, Past, Version
from tgvault.archive.pasts import Pasts
from tgvault.archive.ranges import Range
from tgvault.vault.manifests import Node

A = Version("2026-01-01T00:00:00Z", msgspec.Raw(b'{"id":1}'))
GONE = Gone("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
ALL = Range(-100, 1000)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


def pasts(node: Node | None, blobs: MemoryBlobs) -> Pasts:
    return Pasts(node, source=blobs, store=blobs, cuts=SMALL_CUTS)


def built(blobs: MemoryBlobs, numbers: range) -> Node | None:
    history = pasts(None, blobs)
    for number in numbers:
        history.put(number, GONE, (A,))
    return history.build()


def test_what_was_put_is_found_after_building(blobs: MemoryBlobs) -> None:
    node = built(blobs, range(100))
    history = pasts(node, blobs)

    history.enter(Range(40, 60))

    found = history.find(50)
    assert found is not None
    assert (found.id, found.gone, found.versions[0].seen) == (50, GONE, A.seen)
    assert (history.versions(51), history.versions(900)) == (found.versions, ())


def test_only_the_part_that_is_entered_is_read(blobs: MemoryBlobs) -> None:
    history = pasts(built(blobs, range(2000)), blobs)
    blobs.forget_counts()

    history.enter(Range(40, 41))

    assert len(blobs.loaded) < 12


def test_the_history_of_a_range_can_be_told_from_none(blobs: MemoryBlobs) -> None:
    history = pasts(built(blobs, range(10, 20)), blobs)

    assert [history.touch(ids) for ids in (Range(0, 9), Range(0, 10), Range(19, 50), Range(20, 50))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not pasts(None, blobs).touch(ALL)


def test_the_number_of_gone_messages_follows(blobs: MemoryBlobs) -> None:
    history = pasts(built(blobs, range(3)), blobs)
    history.enter(ALL)

    history.put(0, None, (A,))
    history.put(1, None, ())
    history.put(7, GONE, (A,))
    history.put(8, None, (A,))

    assert history.gone == -1


def test_a_past_with_neither_texts_nor_mark_is_taken_away(blobs: MemoryBlobs) -> None:
    history = pasts(built(blobs, range(1)), blobs)
    history.enter(ALL)

    history.put(0, None, ())

    assert history.find(0) is None
    assert history.build() is None


def test_putting_what_is_there_changes_nothing(blobs: MemoryBlobs) -> None:
    node = built(blobs, range(50))
    history = pasts(node, blobs)
    history.enter(ALL)
    found = history.find(7)
    assert found == Past(7, GONE, found.versions if found else ())
    blobs.forget_counts()

    history.put(7, found.gone if found else None, found.versions if found else ())

    assert history.build() == node
    assert (blobs.stored, history.gone) == ([], 0)
