from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tgvault_plugins.takeout.convert.times import Times, unix_of

_VIENNA = Times(ZoneInfo("Europe/Vienna"))


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (None, 0),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2024, 11, 14, 8, 12, 44, tzinfo=UTC), 1731571964),
        (datetime(2024, 11, 14, 8, 12, 44), 1731571964),  # noqa: DTZ001 - as Telethon's callers may give it
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1),
    ],
)
def test_a_moment_is_seconds_since_1970(moment: datetime | None, seconds: int) -> None:
    assert unix_of(moment) == seconds


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2024, 11, 14, 8, 12, 44, tzinfo=UTC), "2024-11-14T09:12:44"),
        (datetime(2024, 7, 1, 22, 0, 0, tzinfo=UTC), "2024-07-02T00:00:00"),
        (datetime(2024, 7, 1, 22, 0, 0), "2024-07-02T00:00:00"),  # noqa: DTZ001 - as Telethon's callers may give it
        (None, "1970-01-01T01:00:00"),
        (datetime(9999, 12, 31, 23, 30, tzinfo=UTC), "9999-12-31T23:30:00"),
        (datetime(2024, 7, 1, 22, 0, 0, 5, tzinfo=timezone(timedelta(hours=5))), "2024-07-01T19:00:00"),
    ],
)
def test_a_moment_is_written_as_the_clock_on_the_wall_shows_it(moment: datetime | None, written: str) -> None:
    assert _VIENNA.local(moment) == written


def test_a_time_has_two_fields() -> None:
    assert _VIENNA.both("edited", None) == {"edited": "1970-01-01T01:00:00", "edited_unixtime": "0"}
