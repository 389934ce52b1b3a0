"""Dates as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tgvault.cli.dates import beginning, end, period
from tgvault.errors import UsageError

pytestmark = pytest.mark.usefixtures("berlin")


def test_a_date_begins_at_midnight_here() -> None:
    moment = beginning("2026-11-23")

    assert moment.astimezone(UTC) == datetime(2026, 11, 22, 23, tzinfo=UTC)


def test_a_date_ends_when_the_next_day_begins_also_when_the_clock_is_put_back() -> None:
    moments = [end("2026-11-23"), end("2026-10-25")]

    assert [moment.astimezone(UTC) for moment in moments] == [
        datetime(2026, 11, 23, 23, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    ]


@pytest.mark.parametrize("read", [beginning, end])
@pytest.mark.parametrize("text", ["2026-11-23 14:30", "2026-11-23T13:30:00Z", " 2026-11-23T14:30:00+01:00 "])
def test_a_time_is_itself(read: object, text: str) -> None:
    moment = read(text)  # type: ignore[operator]

    assert moment.astimezone(UTC) == datetime(2026, 11, 23, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01"])
def test_anything_else_is_an_error_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        beginning(text)

    assert "2026-11-23" in (caught.value.hint or "")


def test_the_day_after_the_last_one_is_no_date() -> None:
    with pytest.raises(UsageError, match="9999-12-31"):
        end("9999-12-31")


def test_a_period_has_both_ends_or_one_or_none() -> None:
    day = (beginning("2026-11-23"), end("2026-11-23"))

    assert period("2026-11-23", "2026-11-23") == day
    assert period("2026-11-23", None) == (day[0], None)
    assert period(None, "2026-11-23") == (None, day[1])


def test_a_period_that_ends_before_it_begins_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="lies before"):
        period("2026-11-23", "2026-11-22")
