from __future__ import annotations

from telethon.tl.types import MessageRange

from tgvault_plugins.takeout.splitting import joined

LAST = (1 << 31) - 1


def pairs(*ranges: tuple[int, int], most: int = 32) -> list[tuple[int, int]]:
    return [(each.min_id, each.max_id) for each in joined([MessageRange(*each) for each in ranges], most=most)]


def test_some_ranges_are_given_as_they_are_in_their_order() -> None:
    assert pairs((5, LAST), (1, 4)) == [(1, 4), (5, LAST)]


def test_ranges_that_nothing_can_be_in_are_left_out() -> None:
    assert pairs((-5, -9), (LAST, -1), (0, 0), (-3, 4)) == [(-3, 4)]
    assert pairs((0, 0)) == []


def test_very_many_are_joined_to_few_that_have_everything() -> None:
    found = pairs(*((each, each) for each in range(1, 1001)), most=10)

    assert found == [(first, first + 99) for first in range(1, 1001, 100)]


def test_what_lies_within_another_one_makes_it_no_smaller() -> None:
    assert pairs((1, 100), (5, 6), (101, 102), most=2) == [(1, 100), (101, 102)]
