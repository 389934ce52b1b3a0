"""Times that a writer makes up push no honest snapshot out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_support import a_line, a_snapshot, days, decided, kept, moment, within
from tgvault.retention.duration import Duration
from tgvault.retention.periods import PERIODS
from tgvault.retention.rules import KeepRules
from tgvault.retention.times import SLACK, Times, find_times
from tgvault.state.memory import Sighting
from tgvault.vault.lineage import Lineage
from tgvault.vault.manifests import SnapshotName
from tgvault.vault.opened import Snapshot

WEEK = timedelta(days=7)


def seen(
    snapshots: Iterable[Snapshot], *, after: str | datetime | None, before: str | datetime
) -> dict[SnapshotName, Sighting]:
    """What a machine remembers that looked at these two times, and found the snapshots at the second."""
    first, second = (moment(each) if isinstance(each, str) else each for each in (after, before))
    assert second is not None
    return {each.name: Sighting(first, second) for each in snapshots}


def times(
    snapshots: Sequence[Snapshot],
    sightings: Mapping[SnapshotName, Sighting],
    *,
    now: str = "2026-12-31",
    forgotten: Sequence[Snapshot] = (),
) -> Times:
    return find_times(Lineage.of(snapshots, forgotten), sightings, now=moment(now))


def test_a_machine_that_is_new_takes_the_times_as_they_are() -> None:
    line = a_line("2026-01-01", "2026-02-01")

    found = times(line, seen(line, after=None, before="2026-12-01"))

    assert list(found.known.values()) == [moment("2026-01-01"), moment("2026-02-01")]
    assert not found.doubts


@pytest.mark.parametrize(
    ("claimed", "duration", "taken"),
    [
        ("2026-05-10 12:00", 0, "2026-05-10 12:00"),
        # Clocks are apart by minutes; and a run begins long before it is seen.
        ("2026-05-11 00:20", 0, "2026-05-11 00:00"),
        ("2026-05-09 23:30", 0, "2026-05-10 00:00"),
        ("2026-05-07 12:00", 3 * 86_400, "2026-05-10 00:00"),
    ],
)
def test_a_time_is_kept_between_the_looks_that_it_came_between(claimed: str, duration: int, taken: str) -> None:
    snapshot = a_snapshot(claimed, duration=duration)

    found = times([snapshot], seen([snapshot], after="2026-05-10", before="2026-05-11"))

    assert list(found.known.values()) == [moment(taken)]


@pytest.mark.parametrize(
    ("claimed", "doubt"),
    [
        ("2026-05-11 01:01", "first seen"),
        ("2031-01-01", "first seen"),
        ("2026-05-09 22:58", "earlier"),
        ("2020-01-01", "earlier"),
        ("1970-01-01", "before there was Telegram"),
    ],
)
def test_a_time_far_from_the_looks_is_in_doubt(claimed: str, doubt: str) -> None:
    snapshot = a_snapshot(claimed)

    found = times([snapshot], seen([snapshot], after="2026-05-10", before="2026-05-11"))

    assert doubt in found.doubts[snapshot.name]
    assert not found.known


def test_nothing_is_made_after_now_whatever_was_seen() -> None:
    (snapshot,) = a_line("2027-03-01")

    # The clock of this machine was wrong when it looked.
    found = times([snapshot], seen([snapshot], after="2027-01-01", before="2027-04-01"), now="2026-06-01")

    assert "first seen" in found.doubts[snapshot.name]


def test_a_look_that_came_after_the_one_that_followed_is_none() -> None:
    (snapshot,) = a_line("2026-03-01")

    found = times([snapshot], seen([snapshot], after="2029-01-01", before="2026-04-01"))

    assert list(found.known.values()) == [moment("2026-03-01")]


def test_a_run_that_claims_to_have_taken_years_is_not_believed() -> None:
    snapshot = a_snapshot("2020-01-01", duration=1e300)

    found = times([snapshot], seen([snapshot], after="2026-05-10", before="2026-05-11"))

    assert "earlier" in found.doubts[snapshot.name]


def test_two_that_contradict_each_other_are_both_in_doubt() -> None:
    line = a_line("2026-01-01", "2026-04-01", "2026-03-01", "2026-05-01")

    found = times(line, {})

    assert f"lies after that of {line[2].id}" in found.doubts[line[1].name]
    assert f"lies before that of {line[1].id}" in found.doubts[line[2].name]
    assert list(found.known) == [line[0].name, line[3].name]


def test_one_that_is_forgotten_makes_nobody_doubtful() -> None:
    line = a_line("2026-01-01", "2026-04-01", "2026-03-01", "2026-05-01")

    found = times([line[0], *line[2:]], {}, forgotten=[line[1]])

    assert not found.doubts
    assert list(found.known.values()) == [moment(each) for each in ("2026-01-01", "2026-03-01", "2026-05-01")]


@pytest.mark.parametrize(("sequence", "parents"), [(7, True), (2, False), (0, True), (-3, True)])
def test_a_number_that_does_not_follow_is_in_doubt(sequence: int, parents: bool) -> None:
    first = a_snapshot("2026-01-01")
    second = a_snapshot("2026-01-02", *([first] if parents else []), sequence=sequence)

    found = times([first, second], {})

    assert "number" in found.doubts[second.name]
    assert list(found.known) == [first.name]


def test_what_is_in_doubt_stays_and_takes_no_slot() -> None:
    first = a_snapshot("2026-01-01")
    second = a_snapshot("2026-01-02", first)
    wrong = a_snapshot("2029-01-01", second)
    third = a_snapshot("2026-01-03", wrong)

    found = decided([first, second, wrong, third], KeepRules(last=2), now=moment("2026-02-01"))

    assert kept(found) == [second, wrong, third]
    assert found[2].always[0].startswith("in doubt: its time lies after the moment")


def test_to_and_fro_over_midnight_fills_no_more_days_than_there_are() -> None:
    good = a_line("2026-01-08 12:00", "2026-01-09 12:00", "2026-01-10 12:00")
    line = [*good]
    for minute in ("10 23:50", "11 00:10") * 5:
        line.append(a_snapshot(f"2026-01-{minute}", line[-1]))

    stay = kept(decided(line, KeepRules(daily=4)))

    assert [each.manifest.time[:10] for each in stay] == ["2026-01-08", "2026-01-09", "2026-01-10", "2026-01-11"]


# What somebody does who holds the keys of a writer ------------------------------------------------------------------


def weeks() -> list[Snapshot]:
    """Good snapshots, one a week."""
    return days("2026-01-07 12:00", 10, step=WEEK)


def test_snapshots_dated_into_past_weeks_push_nothing_out() -> None:
    # The example of restic's documentation, "Security considerations in append-only mode".
    good = weeks()
    sightings = {}
    for before, each in pairwise(good):
        sightings |= seen([each], after=before.manifest.time, before=each.manifest.time)
    forged = [a_snapshot(moment(each.manifest.time[:10]) + timedelta(days=3), each) for each in good[-4:-1]]
    sightings |= seen(forged, after=good[-1].manifest.time, before="2026-03-20")

    found = decided([*good, *forged], KeepRules(weekly=3), now=moment("2026-03-20"), sightings=sightings)

    assert set(names(good[-3:])) <= set(names(kept(found)))
    assert all("earlier" in each.always[0] for each in found if each.snapshot in forged)


def test_on_a_new_machine_what_was_not_made_from_a_snapshot_cannot_take_its_place() -> None:
    good = weeks()
    forged = [
        a_snapshot(moment(each.manifest.time[:10]) + timedelta(days=1), before) for before, each in pairwise(good)
    ]
    joined = a_snapshot("2026-03-18 12:00", *forged, good[-1])

    stay = kept(decided([*good, *forged, joined], KeepRules(weekly=4)))

    assert {each.name for each in good[-3:]} <= names(stay)


def names(snapshots: Iterable[Snapshot]) -> set[str]:
    return {each.name for each in snapshots}


#: Honest snapshots are made up to this moment, and this machine looks then; the attack begins after it.
LOOK = moment("2026-06-01 12:00")
#: This machine looks again.
NOW = LOOK + timedelta(days=3)

RULES = st.builds(
    KeepRules,
    **{word: st.none() | st.integers(1, 4) for word in ("last", *PERIODS)},
    within=st.none() | st.sampled_from(["12h", "3d", "1m"]).map(Duration.parse),
)


def moments(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    """A moment between two, to the minute."""
    return st.integers(0, (last - first) // timedelta(minutes=1)).map(lambda each: first + timedelta(minutes=each))


ANYTIME = moments(moment("2013-01-01"), moment("2100-01-01"))


@st.composite
def honest(draw: st.DrawFn) -> list[Snapshot]:
    """What honest machines have made before the attack, two of them at the same time now and then."""
    made: list[Snapshot] = []
    heads: list[Snapshot] = []
    steps = st.sampled_from([timedelta(minutes=30), timedelta(hours=8), timedelta(days=1), timedelta(days=20)])
    back = draw(st.lists(steps, min_size=1, max_size=7))
    time = LOOK - sum(back, timedelta())
    for step in back:
        heads = [a_snapshot(time + timedelta(minutes=n), *heads) for n in range(draw(st.integers(1, 4)) // 4 + 1)]
        made += heads
        time += step
    return made


@st.composite
def appended(draw: st.DrawFn, good: Sequence[Snapshot], times: st.SearchStrategy[datetime]) -> list[Snapshot]:
    """What somebody appends who may write anything."""
    made: list[Snapshot] = []
    for _ in range(draw(st.integers(1, 5))):
        choice = [*good, *made]
        some = st.lists(st.sampled_from(choice), max_size=3, unique_by=lambda each: each.name)
        parents = draw(some) if choice else []
        sequence = draw(st.none() | st.integers(1, 12))
        made.append(a_snapshot(draw(times), *parents, sequence=sequence))
    return made


def watched(good: Sequence[Snapshot], forged: Sequence[Snapshot]) -> dict[SnapshotName, Sighting]:
    """What a machine remembers that saw the honest ones at once, and the others three days later."""
    found = seen(forged, after=LOOK, before=NOW)
    for each in good:
        time = datetime.fromisoformat(each.manifest.time)
        found |= seen([each], after=time - timedelta(minutes=5), before=time + timedelta(minutes=5))
    return found


@given(st.data(), RULES)
def test_no_made_up_time_makes_an_honest_snapshot_go(data: st.DataObject, rules: KeepRules) -> None:
    good = data.draw(honest())
    beyond = SLACK + timedelta(minutes=1)
    made_up = moments(moment("2013-01-01"), LOOK - beyond) | moments(NOW + beyond, moment("2100-01-01"))
    forged = data.draw(appended(good, made_up))

    without = kept(decided(good, rules, now=NOW, sightings=watched(good, ())))
    found = decided([*good, *forged], rules, now=NOW, sightings=watched(good, forged))

    assert names(without) <= names(kept(found))


@given(st.data(), st.sampled_from(list(PERIODS)), st.integers(1, 4))
def test_in_so_many_periods_an_attacker_fills_so_many_slots(data: st.DataObject, word: str, number: int) -> None:
    good = data.draw(honest())
    forged = data.draw(appended(good, moments(LOOK, NOW) | ANYTIME))
    open_since = {PERIODS[word](LOOK + timedelta(minutes=10) * each) for each in range(3 * 24 * 6 + 1)}

    without = decided(good, KeepRules(**{word: number}), now=NOW, sightings=watched(good, ()))
    rules = KeepRules(**{word: number + len(open_since)})
    found = decided([*good, *forged], rules, now=NOW, sightings=watched(good, forged))

    lost = names(kept(without)) - names(kept(found))
    times = {each.name: datetime.fromisoformat(each.manifest.time) for each in good}
    assert all(PERIODS[word](times[SnapshotName(each)]) in open_since for each in lost)


@given(st.data(), RULES)
def test_on_a_new_machine_only_what_was_made_from_a_snapshot_can_push_it_out(
    data: st.DataObject, rules: KeepRules
) -> None:
    good = data.draw(honest())
    before = good[: data.draw(st.integers(0, len(good)))]
    forged = data.draw(appended(before, ANYTIME))

    without = kept(decided(good, rules, now=NOW))
    found = kept(decided([*good, *forged], rules, now=NOW))

    assert names(without) - names(before) <= names(found)


def test_a_flood_within_one_hour_empties_the_last_ones_and_no_days() -> None:
    # What no rule that counts can help: the way out is a rule that counts days, or `within`.
    good = days("2026-05-25 12:00", 7)
    flood = [*good]
    for minute in range(1, 60):
        flood.append(a_snapshot(LOOK + timedelta(minutes=minute), flood[-1]))
    sightings = watched(good, flood[len(good) :])

    last, daily, recent = (
        kept(decided(flood, rules, now=NOW, sightings=sightings))
        for rules in (KeepRules(last=5), KeepRules(daily=5), within("3d"))
    )

    assert names(good) & names(last) == set()
    assert names(good[-4:]) <= names(daily)
    assert names(good[-2:]) <= names(recent)
