from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.entries import Seen
from tgvault.archive.ranges import MAX_HOLES, Range, covers, holed, newest, noted, runs, seen_at, touches

RANGES = st.lists(
    st.tuples(st.integers(-20, 40), st.integers(0, 9)).map(lambda each: Range(each[0], each[0] + each[1])), max_size=4
)
ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 9), st.sampled_from("1234")).map(
        lambda each: Seen(each[0], each[0] + each[1], each[2])
    ),
    max_size=8,
)
IDS = range(-20, 60)


@given(RANGES, st.integers(-20, 60), st.integers(0, 9))
def test_ranges_touch_where_they_have_an_id_in_common(ranges: list[Range], first: int, length: int) -> None:
    other = Range(first, first + length)

    assert touches(ranges, other) == any(covers(ranges, number) for number in range(other.first, other.last + 1))


@given(RANGES, st.sets(st.integers(-25, 50)))
def test_holes_take_out_exactly_the_ids_that_were_dropped(ranges: list[Range], dropped: set[int]) -> None:
    left = list(holed(ranges, dropped))

    assert {number for number in IDS if covers(left, number)} == {
        number for number in IDS if covers(ranges, number) and number not in dropped
    }


def test_too_many_holes_leave_nothing() -> None:
    dropped = range(2, 2 * MAX_HOLES + 4, 2)

    assert len(list(holed([Range(1, 1000)], list(dropped)[:MAX_HOLES]))) == MAX_HOLES + 1
    assert list(holed([Range(1, 1000)], dropped)) == []


@given(ROWS)
def test_a_row_is_kept_unless_a_newer_one_says_as_much(rows: list[Seen]) -> None:
    kept: tuple[Seen, ...] = ()
    for row in rows:
        kept = noted(kept, row)

    assert [seen_at(kept, number) for number in IDS] == [seen_at(rows, number) for number in IDS]
    assert len(kept) == len(set(kept))
    assert newest(kept) == newest(rows)


def test_what_was_never_seen_has_no_time() -> None:
    assert (seen_at([Seen(1, 2, "1")], 3), newest([])) == ("", "")


@given(st.sets(st.integers(-20, 40)))
def test_ids_come_as_the_fewest_ranges_that_hold_no_other(numbers: set[int]) -> None:
    found = list(runs(numbers))

    assert {number for number in IDS if covers(found, number)} == numbers
    assert all(one.last + 1 < other.first for one, other in pairwise(found))
