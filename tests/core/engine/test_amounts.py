"""Sizes and counts."""

from __future__ import annotations

import pytest

from tgvault.engine.amounts import count, size


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.00 kB"), (16_777_216, "16.8 MB"), (5 * 10**21, "5000 EB")],
)
def test_a_size_has_three_digits_and_its_unit(amount: int, shown: str) -> None:
    assert size(amount) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 archives"), (1, "1 archive"), (2, "2 archives"), (1_000, "1,000 archives")]
)
def test_one_is_not_many(number: int, shown: str) -> None:
    assert count(number, "archive") == shown
