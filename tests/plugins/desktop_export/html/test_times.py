from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault_plugins.desktop_export.html.times import Confidence, Moment, Wall, moment, moments, wall

VIENNA = ZoneInfo("Europe/Vienna")


def at(clock: str, offset: str = "") -> Wall:
    found = wall(f"27.10.2024 {clock}{offset}")
    assert found is not None
    return found


def test_a_title_tells_wall_clock_and_offset() -> None:
    assert wall("14.11.2024 11:12:45 UTC+03:00") == Wall("2024-11-14T11:12:45", 1731582765, 10_800)
    assert wall("14.11.2024 11:12:45 UTC-09:30") == Wall("2024-11-14T11:12:45", 1731582765, -34_200)


def test_a_zone_without_an_offset_is_utc() -> None:
    found = wall("14.11.2024 11:12:45 UTC")

    assert found is not None
    assert found.offset == 0


def test_before_version_3_7_6_there_is_no_offset() -> None:
    found = wall("14.11.2024 11:12:45")

    assert found is not None
    assert found.offset is None


@pytest.mark.parametrize(
    "title",
    [
        "",
        "x",
        "31.02.2024 00:00:00",
        "01.01.2024 24:00:00",
        "01.13.2024 00:00:00",
        "1.1.2024 0:00:00",
        "٠١.٠١.2024 00:00:00",
    ],
)
def test_what_is_no_time_is_none(title: str) -> None:
    assert wall(title) is None


def test_without_a_zone_the_offset_counts_and_is_not_trusted() -> None:
    july = wall("03.07.2024 11:46:40 UTC+01:00")
    assert july is not None

    assert moment(july, None) == Moment(1720003600, Confidence.OFFSET_ONLY)


def test_with_a_zone_the_offset_does_not_count() -> None:
    july = wall("03.07.2024 11:46:40 UTC+01:00")
    assert july is not None

    assert moment(july, VIENNA) == Moment(1720000000, Confidence.ZONE)


def test_without_zone_and_offset_there_is_no_point_in_time() -> None:
    assert moment(at("11:00:00"), None) == Moment(None, Confidence.WALL_CLOCK_ONLY)


def test_an_hour_that_the_zone_has_twice_is_told_by_the_offset_and_not_trusted() -> None:
    assert moment(at("02:30:00", " UTC+01:00"), VIENNA) == Moment(1729992600, Confidence.OFFSET_ONLY)
    assert moment(at("02:30:00"), VIENNA) == Moment(1729989000, Confidence.OFFSET_ONLY)


def test_an_hour_that_the_zone_does_not_have_is_told_by_the_offset() -> None:
    spring = wall("31.03.2024 02:30:00 UTC+01:00")
    bare = wall("31.03.2024 02:30:00")
    assert spring is not None
    assert bare is not None

    assert moment(spring, VIENNA) == Moment(1711848600, Confidence.OFFSET_ONLY)
    assert moment(bare, VIENNA) == Moment(None, Confidence.WALL_CLOCK_ONLY)


def test_where_the_clock_goes_back_the_order_tells_the_passes_apart() -> None:
    times = [at(clock) for clock in ("01:59:00", "02:10:00", "02:50:00", "02:05:00", "02:40:00", "03:00:00")]

    found = moments(times, VIENNA)

    first = 1729987200
    assert [each.unix for each in found] == [
        first - 60,
        first + 600,
        first + 3000,
        first + 3900,
        first + 6000,
        first + 7200,
    ]
    assert {each.confidence for each in found} == {Confidence.ZONE}


def test_the_page_before_tells_the_passes_apart_too() -> None:
    found = moments([at("02:05:00"), at("02:40:00")], VIENNA, before=at("02:50:00"))

    assert found == [Moment(1729991100, Confidence.ZONE), Moment(1729993200, Confidence.ZONE)]


def test_where_the_clock_never_goes_back_nothing_is_certain() -> None:
    found = moments([at("02:05:00"), at("02:40:00")], VIENNA, before=at("01:00:00"))

    assert [each.confidence for each in found] == [Confidence.OFFSET_ONLY, Confidence.OFFSET_ONLY]


@given(
    st.lists(st.integers(1_382_000_000, 1_900_000_000), max_size=40),
    st.sampled_from(
        ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]
    ),
)
def test_a_time_that_is_called_certain_is_right(seconds: list[int], name: str) -> None:
    zone = ZoneInfo(name)
    truth = sorted(seconds)
    walls = [wall(datetime.fromtimestamp(each, zone).strftime("%d.%m.%Y %H:%M:%S")) for each in truth]

    found = moments([each for each in walls if each], zone)

    assert len(found) == len(truth)
    for each, unix in zip(found, truth, strict=True):
        assert each.unix is not None
        assert each.confidence is not Confidence.ZONE or each.unix == unix
        assert abs(each.unix - unix) <= 3600


@given(st.lists(st.integers(-7200, 7200), min_size=1, max_size=20), st.integers(2014, 2024))
def test_around_the_turn_of_the_clocks_too(offsets: list[int], year: int) -> None:
    turn = datetime(year, 10, 31, 1, tzinfo=UTC)
    turn -= timedelta(days=(turn.weekday() + 1) % 7)
    truth = sorted(int(turn.timestamp()) + each for each in offsets)
    walls = [wall(datetime.fromtimestamp(each, VIENNA).strftime("%d.%m.%Y %H:%M:%S")) for each in truth]

    found = moments([each for each in walls if each], VIENNA)

    for each, unix in zip(found, truth, strict=True):
        assert each.unix is not None
        assert each.confidence is not Confidence.ZONE or each.unix == unix
