from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tgvault.state.database import Database
from tgvault.state.memory import Memory, Sighting


def at(hour: int) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC)


@pytest.fixture
def memory() -> Memory:
    return Memory(Database.in_memory())


def test_manifests_are_kept(memory: Memory) -> None:
    memory.keep_manifest("snapshots/a", b"payload")
    memory.keep_manifest("snapshots/a", b"payload")

    assert (memory.manifest("snapshots/a"), memory.manifest("snapshots/b")) == (b"payload", None)


def test_snapshots_are_remembered_and_forgotten(memory: Memory) -> None:
    memory.note_seen([("a", "main", 1), ("b", "main", 2)])
    memory.note_seen([("b", "main", 2), ("c", "work", 1)])

    memory.forget_seen(["a", "never there"])

    assert memory.seen() == {"b": ("main", 2), "c": ("work", 1)}


def test_accepted_parents_add_up(memory: Memory) -> None:
    assert memory.accepted_parents() == set()

    memory.accept_parents({"a": "x"})
    memory.accept_parents(["b"])

    assert memory.accepted_parents() == {"a", "b"}


def test_runs_are_numbered_from_one(memory: Memory) -> None:
    assert [memory.next_run() for _ in range(3)] == [1, 2, 3]


def test_a_fact_is_replaced(memory: Memory) -> None:
    memory.set_fact("x", b"1")
    memory.set_fact("x", b"2")

    assert (memory.fact("x"), memory.fact("y")) == (b"2", None)


def test_verifications_are_told_by_their_level(memory: Memory) -> None:
    memory.note_verified([b"p", b"q"], time="2026-01-01", level="data")
    memory.note_verified([b"q"], time="2026-01-02", level="data")
    memory.note_verified([b"p"], time="2026-01-03", level="index")

    assert memory.verified("data") == {b"q": "2026-01-02"}
    assert memory.verified("index") == {b"p": "2026-01-03"}


def test_a_mark_that_was_gone_and_is_there_again_is_told(memory: Memory) -> None:
    first, second = memory.note_marks(["a", "b"]), memory.note_marks(["b"])

    third, fourth = memory.note_marks(["a", "b", "c"]), memory.note_marks(["a", "b", "c"])

    assert (first, second) == (set(), set())
    assert (third, fourth) == ({"a"}, {"a"})


def test_it_is_remembered_since_when_something_is_there(memory: Memory) -> None:
    memory.first_seen("lease", ["a", "b"], now=at(1))
    memory.first_seen("lease", ["b"], now=at(2))

    seen = memory.first_seen("lease", ["a", "b", "c"], now=at(3))

    assert seen == {"a": at(3), "b": at(1), "c": at(3)}


def test_what_is_watched_is_watched_by_its_kind(memory: Memory) -> None:
    memory.first_seen("lease", ["a"], now=at(1))

    seen = memory.first_seen("mark", ["a"], now=at(2))

    assert seen == {"a": at(2)}


def test_nothing_was_first_seen_in_the_future(memory: Memory) -> None:
    memory.first_seen("lease", ["a"], now=at(9))

    seen = memory.first_seen("lease", ["a"], now=at(2))

    assert seen == {"a": at(2)}


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_is_first_seen_came_between_two_looks(memory: Memory) -> None:
    memory.note_look(["a"], begun=NOON, ended=NOON + HOUR)
    memory.note_look(["a", "b"], begun=NOON + 2 * HOUR, ended=NOON + 3 * HOUR)

    assert memory.sightings() == {
        "a": Sighting(None, NOON + HOUR),
        "b": Sighting(NOON, NOON + 3 * HOUR),
    }


def test_what_this_machine_stores_itself_is_no_look(memory: Memory) -> None:
    memory.note_look([], begun=NOON, ended=NOON)
    memory.note_sightings(["mine"], at=NOON + HOUR)
    memory.note_look(["mine", "other"], begun=NOON + 2 * HOUR, ended=NOON + 2 * HOUR)

    assert memory.sightings() == {"mine": Sighting(NOON, NOON + HOUR), "other": Sighting(NOON, NOON + 2 * HOUR)}


def test_what_is_accepted_to_be_gone_is_seen_for_the_first_time_when_it_is_back(memory: Memory) -> None:
    memory.note_look(["a"], begun=NOON, ended=NOON)
    memory.forget_seen(["a"])
    memory.note_look(["a"], begun=NOON + HOUR, ended=NOON + HOUR)

    assert memory.sightings() == {"a": Sighting(NOON, NOON + HOUR)}
