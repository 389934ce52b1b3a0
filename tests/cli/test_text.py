"""Sizes, durations, counts and dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tgvault.cli.text import count, duration, local_time, moment, rate, size


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (90_210, "90.2 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (1_250_000_000, "1.25 GB"),
        (3 * 10**18, "3.00 EB"),
        (5 * 10**21, "5000 EB"),
    ],
)
def test_a_size_has_three_digits_and_its_unit(amount: int, shown: str) -> None:
    text = size(amount)

    assert text == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-0.1, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3900, "1 h 05 min"),
        (51 * 3600, "2 d 3 h"),
    ],
)
def test_a_duration_is_as_precise_as_people_need(seconds: float, shown: str) -> None:
    text = duration(seconds)

    assert text == shown


def test_a_rate_of_no_time_is_no_rate() -> None:
    texts = (rate(10_000_000, seconds=2.0), rate(10, seconds=0.0))

    assert texts == ("5.00 MB/s", "– B/s")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (count(1, "chat"), "1 chat"),
        (count(660_000, "message"), "660,000 messages"),
        (count(2, "entry", "entries"), "2 entries"),
        (count(0, "file"), "0 files"),
    ],
)
def test_one_thing_is_singular_and_any_other_number_plural(text: str, shown: str) -> None:
    assert text == shown


def test_a_moment_for_programs_is_in_utc() -> None:
    text = moment(datetime(2026, 11, 23, 5, 38, 11, tzinfo=timezone(timedelta(hours=1))))

    assert text == "2026-11-23T04:38:11Z"


def test_a_moment_for_people_is_on_their_clock_and_says_which(berlin: None) -> None:
    texts = [local_time(datetime(2026, month, 23, 4, 38, 11, tzinfo=UTC)) for month in (7, 11)]

    assert texts == ["2026-07-23 06:38:11 +02:00", "2026-11-23 05:38:11 +01:00"]
