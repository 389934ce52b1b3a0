from __future__ import annotations

import pytest

from tgvault_plugins.takeout.convert.money import cost


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (500, "EUR", "€5.00"),
        (123456789, "USD", "$1,234,567.89"),
        (-5, "GBP", "−£0.05"),
        (500, "JPY", "¥500"),
        (1500, "BHD", "BHD1.500"),
        (1000, "XTR", "⭐1,000"),
        (-(1 << 63), "XYZ", "−XYZ92,233,720,368,547,758.08"),
    ],
)
def test_an_amount_is_written_with_its_currency(amount: int, currency: str, written: str) -> None:
    assert cost(amount, currency) == written
