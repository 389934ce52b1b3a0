"""Which snapshots stay; the examples of restic's and borg's documentation among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_support import a_line, a_snapshot, days, decided, kept, moment, within
from tgvault.retention.duration import Duration
from tgvault.retention.periods import PERIODS
from tgvault.retention.rules import KeepRules, decide
from tgvault.vault.opened import Snapshot

WORDS = ("last", *PERIODS)


def dates(snapshots: Sequence[Snapshot]) -> list[str]:
    return [each.manifest.time[:10] for each in snapshots]


def test_four_daily_ones_of_twelve_sundays_are_the_last_four() -> None:
    sundays = days("2019-09-01 11:00", 12, step=timedelta(days=7))

    found = decided(sundays, KeepRules(daily=4))

    assert dates(kept(found)) == ["2019-10-27", "2019-11-03", "2019-11-10", "2019-11-17"]
    assert [each.reasons for each in found[-4:]] == [("daily",)] * 3 + [("daily", "newest")]


def test_seven_days_five_weeks_twelve_months_of_a_hundred_years() -> None:
    # Half of the years that restic's documentation speaks of, to the last day of one.
    every_day = days("2014-01-01 12:00", 366 * 6)
    rules = KeepRules(daily=7, weekly=5, monthly=12, yearly=75)

    found = [each for each in decided(every_day, rules) if each.keep]

    by_rule = {word: [each.snapshot for each in found if word in each.reasons] for word in WORDS}
    assert {word: len(stay) for word, stay in by_rule.items() if stay} == {
        "daily": 7,
        "weekly": 5,
        "monthly": 12,
        "yearly": 7,
    }
    assert all(moment(day).isoweekday() == 7 for day in dates(by_rule["weekly"][:-1]))
    assert dates(by_rule["yearly"])[:-1] == [f"{year}-12-31" for year in range(2014, 2020)]
    assert found[0].reasons == ("oldest yearly",)


def test_a_rule_that_has_slots_left_keeps_the_oldest_one() -> None:
    line = a_line("2026-01-05", "2026-01-20", "2026-02-10", "2026-02-20")

    found = decided(line, KeepRules(monthly=3))

    assert [each.reasons for each in found] == [("oldest monthly",), ("monthly",), (), ("monthly", "newest")]


@pytest.mark.parametrize(
    ("word", "times", "stay"),
    [
        ("last", ["2026-01-01 10:00", "2026-01-01 10:01", "2026-01-01 10:02"], [1, 2]),
        ("hourly", ["2026-01-01 10:00", "2026-01-01 10:59", "2026-01-01 11:00", "2026-01-01 12:10"], [2, 3]),
        ("daily", ["2026-01-01 00:00", "2026-01-01 23:59", "2026-01-02 00:00", "2026-01-05 12:00"], [2, 3]),
        # The second of January 2027 is in the last week of 2026.
        ("weekly", ["2026-12-20", "2026-12-28", "2027-01-02", "2027-01-04"], [2, 3]),
        ("monthly", ["2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"], [2, 3]),
        ("quarterly", ["2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01"], [2, 3]),
        ("yearly", ["2024-05-01", "2025-01-01", "2025-12-31", "2026-01-01"], [2, 3]),
    ],
)
def test_the_newest_of_each_period_stays(word: str, times: list[str], stay: list[int]) -> None:
    line = a_line(*times)

    found = decided(line, KeepRules(**{word: 2}))

    assert [line.index(each) for each in kept(found)] == stay


def test_rules_count_hours_with_snapshots_and_not_hours_that_pass() -> None:
    line = a_line("2026-01-01", "2026-03-01", "2026-11-01")

    assert kept(decided(line, KeepRules(hourly=2))) == line[1:]


def test_days_are_those_of_the_zone() -> None:
    # Midnight in Auckland lies between the two; in UTC they are of one day.
    line = a_line("2026-01-10 10:00", "2026-01-10 12:00", "2026-01-10 13:00")

    here = decide(line, KeepRules(daily=2), now=moment("2026-02-01"), sightings={}, zone=ZoneInfo("Pacific/Auckland"))

    assert kept(here) == [line[0], line[2]]


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    line = a_line("2026-10-25 00:30", "2026-10-25 01:30")

    found = decide(line, KeepRules(hourly=2), now=moment("2026-11-01"), sightings={}, zone=ZoneInfo("Europe/Berlin"))

    assert kept(found) == line


def test_within_counts_back_from_the_newest_and_not_from_today() -> None:
    line = a_line("2026-01-01", "2026-01-25", "2026-02-05")

    found = decided(line, within("30d"), now=moment("2028-01-01"))

    assert [each.reasons for each in found] == [(), ("within 30d",), ("within 30d", "newest")]


def test_tags_keep_what_has_one_of_them() -> None:
    first = a_snapshot("2026-01-01", tags=["move"])
    second = a_snapshot("2026-01-02", first, tags=["other", "exam"])
    third = a_snapshot("2026-01-03", second, tags=["other"])
    last = a_snapshot("2026-01-04", third)

    found = decided([first, second, third, last], KeepRules(last=1, tags=frozenset({"move", "exam"})))

    assert [each.reasons for each in found] == [("tag move",), ("tag exam",), (), ("last", "newest")]


def test_archives_do_not_push_each_other_out() -> None:
    main, work = a_line("2026-01-01", "2026-01-02"), a_line("2026-02-01", "2026-02-02", archive="work")

    assert kept(decided([*main, *work], KeepRules(last=1))) == [main[1], work[1]]


def test_what_nobody_has_continued_stays() -> None:
    first = a_snapshot("2026-01-01")
    here, there = a_snapshot("2026-01-02", first), a_snapshot("2026-01-02 00:10", first)
    after = a_snapshot("2026-01-03", here)

    found = decided([first, here, there, after], KeepRules(last=1))

    assert {each.snapshot.id: each.reasons for each in found if each.keep} == {
        there.id: ("last", "not continued yet"),
        after.id: ("last", "newest"),
        # On the line that ends in `there`, it is the next but one.
    }


def test_once_two_lines_are_joined_the_one_beside_goes_with_time() -> None:
    first = a_snapshot("2026-01-01")
    here, there = a_snapshot("2026-01-02", first), a_snapshot("2026-01-02 00:10", first)
    joined = a_snapshot("2026-01-03", there, here)
    after = a_snapshot("2026-01-04", joined)

    assert kept(decided([first, here, there, joined, after], KeepRules(daily=2))) == [joined, after]


def test_a_run_that_changed_nothing_takes_no_slot() -> None:
    first = a_snapshot("2026-01-01", content="a")
    second = a_snapshot("2026-01-02", first, content="b")
    line = [first, second]
    for day in range(3, 9):
        line.append(a_snapshot(f"2026-01-0{day}", line[-1], content="b"))

    found = decided(line, KeepRules(daily=2))

    assert [each.reasons for each in found if each.keep] == [("daily",), ("daily",), ("newest",)]
    assert kept(found) == [first, second, line[-1]]


def test_what_came_back_to_an_earlier_state_is_no_repetition() -> None:
    first = a_snapshot("2026-01-01", content="a")
    second = a_snapshot("2026-01-02", first, content="b")
    third = a_snapshot("2026-01-03", second, content="a")

    assert len(kept(decided([first, second, third], KeepRules(last=3)))) == 3


def test_a_gap_in_the_line_is_bridged() -> None:
    line = days("2026-01-01", 20)
    stay = kept(decided(line, KeepRules(daily=3, weekly=3)))

    for forgotten in ([each for each in line if each not in stay], []):
        assert kept(decided(stay, KeepRules(daily=3, weekly=3), forgotten=forgotten)) == stay


# Properties -----------------------------------------------------------------------------------------------------------

COUNTS = {word: st.none() | st.integers(1, 4) for word in WORDS}
TAGS = st.frozensets(st.sampled_from(["a", "b"]))
RULES = st.builds(
    KeepRules,
    **COUNTS,
    within=st.none() | st.sampled_from(["1h", "3d", "2w", "5m", "1y"]).map(Duration.parse),
    tags=TAGS,
)


@st.composite
def vaults(draw: st.DrawFn) -> list[Snapshot]:
    """An archive: mostly one line, sometimes two machines at once, runs that change nothing, and wrong clocks."""
    made: list[Snapshot] = []
    heads: list[Snapshot] = []
    time = datetime(2024, 12, 20, 22, tzinfo=UTC)
    for _ in range(draw(st.integers(1, 9))):
        time += draw(
            st.sampled_from([timedelta(minutes=20), timedelta(hours=7), timedelta(days=1), timedelta(days=40)])
        )
        off = draw(st.sampled_from([timedelta(0)] * 6 + [timedelta(minutes=-40), timedelta(days=-30)]))
        parents = heads[-1:] if draw(st.booleans()) else heads
        content = draw(st.sampled_from([None, None, "same"]))
        snapshot = a_snapshot(time + off, *parents, content=content, tags=draw(TAGS))
        if parents and draw(st.integers(0, 5)) == 0:
            beside = a_snapshot(time + timedelta(minutes=1), *parents)
            made.append(beside)
            heads = [beside]
        else:
            heads = [] if parents == heads else heads[:-1]
        made.append(snapshot)
        heads.append(snapshot)
    return made


def names(snapshots: Iterable[Snapshot]) -> set[str]:
    return {each.name for each in snapshots}


@given(vaults(), RULES)
def test_forgetting_twice_forgets_nothing_more(line: list[Snapshot], rules: KeepRules) -> None:
    stay = kept(decided(line, rules))
    gone = [each for each in line if each not in stay]

    again = kept(decided(stay, rules, forgotten=gone))

    assert names(again) == names(stay)


@given(vaults(), RULES, RULES)
def test_more_rules_keep_more(line: list[Snapshot], some: KeepRules, more: KeepRules) -> None:
    counts = {
        word: max((n for n in (getattr(some, word), getattr(more, word)) if n is not None), default=None)
        for word in WORDS
    }
    both = KeepRules(**counts, within=some.within or more.within, tags=some.tags | more.tags)

    assert names(kept(decided(line, some))) <= names(kept(decided(line, both)))


@given(vaults(), RULES)
def test_the_newest_always_stays(line: list[Snapshot], rules: KeepRules) -> None:
    found = decided(line, rules)

    assert found[-1].keep
    assert found[-1].snapshot.manifest.sequence == max(each.manifest.sequence for each in line)


@given(vaults(), RULES)
def test_no_content_that_nobody_has_continued_is_lost(line: list[Snapshot], rules: KeepRules) -> None:
    continued = {parent for each in line for parent in each.manifest.parents}

    assert names(line) - continued <= names(kept(decided(line, rules)))
