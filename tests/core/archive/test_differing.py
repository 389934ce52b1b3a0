from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.cuts import Cuts
from tgvault.archive.differing import differing_leaves, paired
from tgvault.archive.lists import Line, build, cut, leaves, read_leaf
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.vault.manifests import Node

CUTS = Cuts(IdKey(bytes(32)), per_leaf=4)


class Blobs:
    """Blobs in a dictionary, and which of them were loaded."""

    def __init__(self) -> None:
        self._key = IdKey(bytes(32))
        self._blobs: dict[BlobId, bytes] = {}
        self.loaded: list[BlobId] = []

    def store(self, content: bytes) -> BlobId:
        blob = self._key.blob_id(content)
        self._blobs[blob] = content
        return blob

    def load(self, blob: BlobId) -> bytes:
        self.loaded.append(blob)
        return self._blobs[blob]

    def list(self, rows: dict[int, str]) -> Node | None:
        lines = (Line(key, f"{key} {rows[key]}\n".encode()) for key in sorted(rows))
        return build(cut(lines, self, CUTS), self, CUTS)

    def lines(self, refs: object) -> set[bytes]:
        return {line for ref in refs for line in read_leaf(ref, self).splitlines()}  # type: ignore[attr-defined]


ROWS = st.dictionaries(st.integers(0, 500), st.sampled_from("ab"), max_size=200)


@given(one=ROWS, changed=st.dictionaries(st.integers(0, 500), st.sampled_from(["a", "b", None]), max_size=10))
def test_what_differs_is_in_the_leaves_and_what_stands_in_both_lists_is_not_lost(
    one: dict[int, str], changed: dict[int, str | None]
) -> None:
    other = {key: value for key, value in (one | changed).items() if value is not None}
    blobs = Blobs()
    first, second = blobs.list(one), blobs.list(other)

    mine, theirs = differing_leaves(first, second, blobs)

    ours, others = blobs.lines(leaves(first, blobs)), blobs.lines(leaves(second, blobs))
    assert ours - others <= blobs.lines(mine) <= ours
    assert others - ours <= blobs.lines(theirs) <= others
    assert blobs.lines(mine) - blobs.lines(theirs) == ours - others
    assert blobs.lines(theirs) - blobs.lines(mine) == others - ours


def test_equal_lists_are_not_read() -> None:
    blobs = Blobs()
    node = blobs.list(dict.fromkeys(range(1000), "a"))

    assert differing_leaves(node, node, blobs) == ([], [])
    assert blobs.loaded == []


def test_of_long_lists_only_the_way_to_the_difference_is_read() -> None:
    blobs = Blobs()
    rows = dict.fromkeys(range(20000), "a")
    first, second = blobs.list(rows), blobs.list(rows | {11_111: "b"})
    assert first is not None

    mine, theirs = differing_leaves(first, second, blobs)

    assert first.level > 1
    assert len(mine) == len(theirs) == 1
    assert len(blobs.loaded) == 2 * first.level


def test_a_list_and_none_differ_in_all_leaves() -> None:
    blobs = Blobs()
    node = blobs.list(dict.fromkeys(range(100), "a"))
    every = list(leaves(node, blobs))

    assert differing_leaves(node, None, blobs) == (every, [])
    assert differing_leaves(None, node, blobs) == ([], every)
    assert differing_leaves(None, None, blobs) == ([], [])


def test_places_with_equal_lines_are_told_apart() -> None:
    blobs = Blobs()
    same = Line(1, b"same\n"), Line(2, b"same\n")
    short = build(cut(iter(same[:1]), blobs, CUTS), blobs, CUTS)
    refs = [*cut(iter(same[:1]), blobs, CUTS), *cut(iter(same[1:]), blobs, CUTS)]
    assert refs[0].blob == refs[1].blob

    _, theirs = differing_leaves(short, build(refs, blobs, CUTS), blobs)

    assert theirs == refs[1:]


def test_rows_are_paired_by_key() -> None:
    pairs = list(paired(iter([1, 2, 4]), iter([2, 3]), key=lambda row: row))

    assert pairs == [(1, 1, None), (2, 2, 2), (3, None, 3), (4, 4, None)]
