from __future__ import annotations

import pytest

from retention_support import moment
from tgvault.errors import UsageError
from tgvault.retention.duration import Duration


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("30d", "30d"),
        ("12h", "12h"),
        ("1y6m", "1y6m"),
        ("18m", "1y6m"),
        ("2w", "14d"),
        ("1y2m3w4d5h", "1y2m25d5h"),
    ],
)
def test_it_is_read_and_shown(text: str, shown: str) -> None:
    assert str(Duration.parse(text)) == shown


@pytest.mark.parametrize("text", ["", "0d", "d", "30", "5d1y", "-1d", "1.5d", "30 d", "1M", "99999999d", "٣d"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no span of time") as caught:
        Duration.parse(text)

    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("12h", "2026-03-31 00:00"),
        ("31d", "2026-02-28 12:00"),
        ("1m", "2026-02-28 12:00"),
        ("3m", "2025-12-31 12:00"),
        ("1y1m", "2025-02-28 12:00"),
        ("2y1m", "2024-02-29 12:00"),
        ("1m1d", "2026-02-27 12:00"),
    ],
)
def test_months_are_those_of_the_calendar(text: str, then: str) -> None:
    assert Duration.parse(text).before(moment("2026-03-31 12:00")) == moment(then)


@pytest.mark.parametrize("text", ["2026y", "9999y", "999999d"])
def test_it_ends_with_the_calendar(text: str) -> None:
    assert Duration.parse(text).before(moment("2026-03-31")) == moment("0001-01-01")
