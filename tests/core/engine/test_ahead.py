"""Reading a little ahead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tgvault.engine import ahead
from tgvault.engine.ahead import Ahead


def numbers(taken: list[int], *, stop: int = 10) -> Iterator[int]:
    for number in range(stop):
        taken.append(number)
        yield number


def test_items_come_in_order_whether_they_were_fetched_or_not() -> None:
    items = Ahead(numbers([]), is_small=lambda _: True)
    for _ in range(3):
        items.fetch()

    assert list(items) == list(range(10))


def test_everything_may_be_fetched() -> None:
    items = Ahead(numbers([], stop=3), is_small=lambda _: True)

    assert [items.fetch() for _ in range(5)] == [True, True, True, False, False]
    assert list(items) == [0, 1, 2]


def test_nothing_is_fetched_behind_an_item_that_is_not_small() -> None:
    taken: list[int] = []
    items = Ahead(numbers(taken), is_small=lambda number: number < 4)

    while items.fetch():
        pass

    assert not items.fetch()
    assert taken == [0, 1, 2, 3, 4]
    assert list(items) == list(range(10))


def test_no_more_is_fetched_than_can_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "LIMIT", 5)
    taken: list[int] = []
    items = Ahead(numbers(taken), is_small=lambda _: True)

    while items.fetch():
        pass

    assert len(taken) == 5
