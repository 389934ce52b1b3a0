from __future__ import annotations

import pytest

from blob_support import SMALL_CUTS, MemoryBlobs, all_refs
from tgvault.archive.lists import Line, build, cut
from tgvault.archive.readable import Lost, readable
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError, SinkUnavailableError, TgVaultError
from tgvault.vault.manifests import Node


class Damaged(MemoryBlobs):
    """Blobs of which some cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: dict[str, TgVaultError] = {}

    def load(self, blob: BlobId) -> bytes:
        if blob.hex() in self.bad:
            raise self.bad[blob.hex()]
        return super().load(blob)


def numbers(content: bytes) -> list[int]:
    return [int(line) for line in content.split()]


def a_list(blobs: Damaged, count: int = 1000) -> Node:
    lines = (Line(number, b"%d\n" % number) for number in range(count))
    node = build(cut(lines, blobs, SMALL_CUTS), blobs, SMALL_CUTS)
    assert node is not None
    return node


def test_a_list_without_damage_is_given_whole() -> None:
    blobs, lost = Damaged(), list[Lost]()
    node = a_list(blobs)

    found = [number for _, content in readable(node, blobs, lost=lost.append) for number in numbers(content)]

    assert node.level > 1
    assert found == list(range(1000))
    assert lost == []


def test_nothing_is_in_no_list() -> None:
    assert list(readable(None, Damaged(), lost=pytest.fail)) == []


def test_a_leaf_that_cannot_be_read_is_told_and_all_others_are_given() -> None:
    blobs, lost = Damaged(), list[Lost]()
    node = a_list(blobs)
    bad = all_refs(node, blobs)[3]
    error = blobs.bad[bad.blob] = CorruptObjectError("flipped")

    found = [number for _, content in readable(node, blobs, lost=lost.append) for number in numbers(content)]

    assert isinstance(bad.first, int)
    assert isinstance(bad.last, int)
    assert found == [number for number in range(1000) if not bad.first <= number <= bad.last]
    assert lost == [Lost(bad.first, bad.last, bad.count, error)]


def test_below_a_page_that_cannot_be_read_everything_is_told_at_once() -> None:
    blobs, lost = Damaged(), list[Lost]()
    node = a_list(blobs)
    error = blobs.bad[node.blob] = CorruptObjectError("flipped")

    assert list(readable(node, blobs, lost=lost.append)) == []
    assert lost == [Lost(0, 999, 1000, error)]


def test_a_sink_that_cannot_be_reached_is_no_damage() -> None:
    blobs = Damaged()
    node = a_list(blobs)
    blobs.bad[all_refs(node, blobs)[3].blob] = SinkUnavailableError("away")

    with pytest.raises(SinkUnavailableError):
        list(readable(node, blobs, lost=pytest.fail))


def test_of_a_range_only_the_leaves_that_may_hold_it_are_read() -> None:
    blobs = Damaged()
    node = a_list(blobs)
    inside = [ref for ref in all_refs(node, blobs) if int(ref.last) >= 398 and int(ref.first) <= 402]
    outside = {ref.blob for ref in all_refs(node, blobs)} - {ref.blob for ref in inside}
    blobs.bad |= {blob: CorruptObjectError("flipped") for blob in outside}

    leaves = readable(node, blobs, lost=pytest.fail, between=(398, 402))
    found = [number for _, content in leaves for number in numbers(content)]

    assert set(range(398, 403)) <= set(found)
    assert len(found) < 1000
