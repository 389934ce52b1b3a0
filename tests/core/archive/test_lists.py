from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blob_support import ID_KEY, ROW_CUTS, SMALL_CUTS, MemoryBlobs, all_lines, all_refs
from tgvault.archive import lists
from tgvault.archive.cuts import MAX_LEAF, MAX_PAGE, Cuts, Key
from tgvault.archive.lists import Line, Ref, Splice, build, cut, leaves, less, read_page, regions, sort_key, update
from tgvault.errors import CorruptObjectError
from tgvault.vault.manifests import Node

Rows = dict[Key, bytes]

NUMBERS = st.dictionaries(st.integers(-50, 400), st.binary(max_size=6), max_size=120)
WORDS = st.dictionaries(st.text("abc{é𝄞\ue000", min_size=1, max_size=4), st.binary(max_size=6), max_size=60)


def line(key: Key, data: bytes) -> Line:
    return Line(key, msgspec.json.encode((key, data.hex())) + b"\n")


def parse(content: bytes) -> list[Line]:
    return [Line(msgspec.json.decode(row, type=tuple[Key, str])[0], row + b"\n") for row in content.splitlines()]


def lines_of(rows: Rows) -> list[Line]:
    return [line(key, rows[key]) for key in sorted(rows, key=sort_key)]


def from_scratch(rows: Rows, blobs: MemoryBlobs, cuts: Cuts = SMALL_CUTS) -> Node | None:
    return build(cut(lines_of(rows), blobs, cuts), blobs, cuts)


def changed(
    node: Node | None, rows: dict[Key, bytes | None], blobs: MemoryBlobs, cuts: Cuts = SMALL_CUTS
) -> Node | None:
    changes = {key: None if data is None else line(key, data).data for key, data in rows.items()}
    return update(node, changes, parse=parse, source=blobs, store=blobs, cuts=cuts)


def starts(cuts: Cuts, *, below: int = 10_000) -> list[int]:
    return [number for number in range(below) if cuts.before(number)]


def test_an_empty_list_is_none() -> None:
    assert build((), MemoryBlobs(), SMALL_CUTS) is None


def test_one_leaf_is_its_own_root() -> None:
    blobs = MemoryBlobs()

    node = from_scratch({1: b"x"}, blobs)

    assert node is not None
    assert (node.level, node.count, node.first, node.last) == (0, 1, 1, 1)
    assert blobs.contents[ID_KEY.blob_id(line(1, b"x").data)]


@given(NUMBERS | WORDS)
def test_what_is_built_is_read_back(rows: Rows) -> None:
    blobs = MemoryBlobs()

    node = from_scratch(rows, blobs)

    assert all_lines(node, blobs, parse) == lines_of(rows)
    assert (node.count if node else 0) == len(rows)


@given(NUMBERS)
def test_the_root_says_first_and_last_key_and_pages_say_those_of_what_lies_below(rows: Rows) -> None:
    blobs = MemoryBlobs()
    node = from_scratch(rows, blobs)

    refs = all_refs(node, blobs)

    for ref in refs:
        found = parse(blobs.contents[bytes.fromhex(ref.blob)])
        assert (ref.first, ref.last, ref.count) == (found[0].key, found[-1].key, len(found))
    if node is not None:
        assert (node.first, node.last) == (refs[0].first, refs[-1].last)


@given(NUMBERS, st.integers(-60, 410), st.integers(-60, 410))
def test_only_leaves_that_may_hold_the_keys_asked_for_are_given(rows: Rows, first: int, last: int) -> None:
    blobs = MemoryBlobs()
    node = from_scratch(rows, blobs)

    found = list(leaves(node, blobs, first=first, last=last))

    assert found == [ref for ref in all_refs(node, blobs) if ref.last >= first and ref.first <= last]


@given(NUMBERS | WORDS, st.data())
def test_an_update_gives_the_same_root_as_building_from_scratch(rows: Rows, data: st.DataObject) -> None:
    numbers = not any(isinstance(key, str) for key in rows)
    keys = st.integers(-60, 410) if numbers else st.text("abc{é𝄞\ue000", min_size=1, max_size=4)
    old = st.sampled_from(sorted(rows, key=sort_key)) if rows else keys
    changes = data.draw(st.dictionaries(old | keys, st.none() | st.binary(max_size=6), max_size=40))
    blobs = MemoryBlobs()
    node = from_scratch(rows, blobs)

    after = changed(node, changes, blobs)

    expected = {key: value for key, value in {**rows, **changes}.items() if value is not None}
    assert after == from_scratch(expected, blobs)


@given(st.data())
def test_an_update_of_a_list_with_leaves_cut_by_size_gives_the_same_root(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "MAX_LEAF", 64)
        rows: Rows = data.draw(st.dictionaries(st.integers(0, 200), st.binary(max_size=20), max_size=60))
        changes = data.draw(st.dictionaries(st.integers(0, 200), st.none() | st.binary(max_size=20), max_size=20))
        blobs = MemoryBlobs()
        node = from_scratch(rows, blobs, ROW_CUTS)

        after = changed(node, changes, blobs, ROW_CUTS)

        expected = {key: value for key, value in {**rows, **changes}.items() if value is not None}
        assert after == from_scratch(expected, blobs, ROW_CUTS)


def test_the_line_at_a_cut_can_go_and_come_back() -> None:
    blobs = MemoryBlobs()
    rows: Rows = dict.fromkeys(range(100), b"x")
    at = next(number for number in starts(SMALL_CUTS) if number > 10)
    node = from_scratch(rows, blobs)

    without = changed(node, {at: None}, blobs)

    assert without == from_scratch({key: value for key, value in rows.items() if key != at}, blobs)
    assert changed(without, {at: b"x"}, blobs) == node


def test_the_first_lines_can_go_when_they_are_the_only_ones_before_a_cut() -> None:
    blobs = MemoryBlobs()
    first_cut = starts(SMALL_CUTS)[1]
    rows: Rows = dict.fromkeys(range(first_cut - 1, first_cut + 40), b"x")
    node = from_scratch(rows, blobs)

    after = changed(node, {first_cut - 1: None}, blobs)

    assert after == from_scratch({key: value for key, value in rows.items() if key >= first_cut}, blobs)


def test_everything_can_go() -> None:
    blobs = MemoryBlobs()
    node = from_scratch(dict.fromkeys(range(100), b"x"), blobs)

    assert changed(node, dict.fromkeys(range(100)), blobs) is None


def test_no_changes_read_and_store_nothing() -> None:
    blobs = MemoryBlobs()
    node = from_scratch(dict.fromkeys(range(100), b"x"), blobs)
    blobs.forget_counts()

    after = changed(node, {}, blobs)

    assert after is node
    assert (blobs.stored, blobs.loaded) == ([], [])


def test_a_changed_line_stores_one_blob_on_each_level() -> None:
    blobs = MemoryBlobs()
    rows: Rows = dict.fromkeys(range(20000), b"x")
    node = from_scratch(rows, blobs, ROW_CUTS)
    blobs.forget_counts()

    after = changed(node, {9_999: b"y"}, blobs, ROW_CUTS)

    assert node is not None
    assert after is not None
    assert len(blobs.stored) == node.level + 1


def test_a_leaf_is_cut_before_it_passes_its_limit() -> None:
    blobs = MemoryBlobs()
    between = next(
        number for number in starts(ROW_CUTS) if not any(ROW_CUTS.before(number + each) for each in range(1, 5))
    )
    rows: Rows = {between + each: b"x" * (MAX_LEAF // 5) for each in range(5)}

    refs = all_refs(from_scratch(rows, blobs, ROW_CUTS), blobs)

    assert [ref.count for ref in refs] == [2, 2, 1]
    assert all(len(blobs.contents[bytes.fromhex(ref.blob)]) <= MAX_LEAF for ref in refs)


def test_a_line_larger_than_a_leaf_stands_alone() -> None:
    blobs = MemoryBlobs()
    rows: Rows = {1: b"a", 2: b"b" * MAX_LEAF, 3: b"c"}
    refs = all_refs(from_scratch(rows, blobs, ROW_CUTS), blobs)

    assert [ref.count for ref in refs if ref.first == 2] == [1]


def test_a_page_takes_no_more_references_than_its_limit() -> None:
    blobs = MemoryBlobs()
    never = [number for number in range(40_000) if not ROW_CUTS.page_before(number, 1)][: MAX_PAGE + 10]
    refs = [Ref(number, number, 1, "00" * 32) for number in never]

    node = build(refs, blobs, ROW_CUTS)

    assert node is not None
    pages = read_page(Ref(node.first, node.last, node.count, node.blob), blobs)
    assert [len(read_page(page, blobs)) for page in pages] == [MAX_PAGE, 10]


def test_every_page_but_the_last_has_two_references_though_each_key_would_start_one() -> None:
    """Otherwise a level could be as long as the one below, for ever."""
    blobs = MemoryBlobs()
    always = [number for number in range(40_000) if ROW_CUTS.page_before(number, 1)][:9]
    refs = [Ref(number, number, 1, "00" * 32) for number in always]

    node = build(refs, blobs, ROW_CUTS)

    assert node is not None
    assert all_refs(node, blobs) == refs


def test_a_blob_that_is_no_page_is_reported() -> None:
    blobs = MemoryBlobs()
    blob = blobs.store(b"not a page\n")

    with pytest.raises(CorruptObjectError, match=blob.hex()[:16]):
        read_page(Ref(1, 2, 2, blob.hex()), blobs)


def test_regions_are_what_stands_between_two_cuts_by_key() -> None:
    at = starts(ROW_CUTS)[3]
    inner = next(number for number in range(at + 1, at + 100) if not ROW_CUTS.before(number))
    refs = [Ref(at - 1, at - 1, 1, "a"), Ref(at, at, 1, "b"), Ref(inner, inner, 1, "c")]

    assert list(regions(refs, ROW_CUTS)) == [[refs[0]], [refs[1], refs[2]]]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (-5, 3), ("a", "b"), ("a", "aa"), ("\uffff", "𝄞")])
def test_keys_are_ordered_by_value_and_texts_by_code_point(one: Key, other: Key) -> None:
    assert less(one, other)
    assert not less(other, one)
    assert sort_key(one) < sort_key(other)


def test_a_splice_may_be_given_nothing_to_put() -> None:
    blobs = MemoryBlobs()
    splice = Splice(source=blobs, store=blobs, cuts=SMALL_CUTS, parse=parse)

    splice.replace([])

    assert splice.refs() == []


def test_a_kept_region_is_not_read() -> None:
    blobs = MemoryBlobs()
    node = from_scratch(dict.fromkeys(range(300), b"x"), blobs)
    rows = list(regions(leaves(node, blobs), SMALL_CUTS))
    blobs.forget_counts()
    splice = Splice(source=blobs, store=blobs, cuts=SMALL_CUTS, parse=parse)

    for row in rows:
        splice.keep(row)

    assert splice.refs() == [ref for row in rows for ref in row]
    assert (blobs.stored, blobs.loaded) == ([], [])
