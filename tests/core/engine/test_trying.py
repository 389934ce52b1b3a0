"""A store is tried out on itself; what it does not do as a vault needs is told, and nothing is left there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from tgvault.contracts.sink import OBJECT_NAME, ObjectName, Sink, StoredObject
from tgvault.engine.trials import TRIALS
from tgvault.engine.trying import PLACE, TrialReport, try_sink
from tgvault.errors import SinkFullError, SinkPermissionError, SinkUnavailableError
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, RecordingSink
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def tried(make: Callable[[], Sink], *, now: datetime = NOW) -> TrialReport:
    seconds = count()
    return try_sink(make, name="cloud", now=now, clock=lambda: next(seconds) / 1000, random=lambda size: b"a" * size)


def wrong(report: TrialReport) -> dict[str, str]:
    return {each.name: str(each.detail) for each in report.trials if not each.ok}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    LocalSink(LocalSinkConfig(path=tmp_path / "vault")).prepare()
    return tmp_path / "vault"


def test_a_folder_does_all_that_a_vault_needs_and_is_left_as_it_was(folder: Path) -> None:
    report = tried(lambda: LocalSink(LocalSinkConfig(path=folder)))

    assert (report.ok, report.code, wrong(report)) == (True, 0, {})
    assert [each.name for each in report.trials] == [*TRIALS, "clean up"]
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_tried_next_is_told() -> None:
    told: list[str] = []

    try_sink(MemorySink, name="x", now=NOW, clock=lambda: 0.0, tell=told.append)

    assert told == ["list", "put and get"]


def test_figures_are_told() -> None:
    sink = MemorySink()

    report = tried(lambda: sink)

    assert report.figures is not None
    assert (report.figures.put_ms, report.figures.get_ms) == pytest.approx((1.0, 1.0))
    assert (report.figures.put_rate, report.figures.get_rate) == pytest.approx((8_388_608_000, 8_388_608_000))
    assert next(each.detail for each in report.trials if each.name == "one large object") == (
        "8.39 GB a second to it, 8.39 GB a second from it"
    )


def test_every_name_is_one_that_a_store_has_to_take_and_no_vault_has() -> None:
    sink = RecordingSink(MemorySink())

    tried(lambda: sink)

    names = {each.name for each in sink.operations if each.method in ("put", "replace", "delete")}
    assert all(OBJECT_NAME.fullmatch(name) and name.startswith("test/20261123T120000Z-61616161-") for name in names)
    assert max(map(len, (name.rpartition("/")[2] for name in names))) == 128


def test_what_a_vault_has_there_is_not_touched() -> None:
    sink = MemorySink({ObjectName("vault.json"): b"{}", ObjectName("test/other/x"): b"x"})

    report = tried(lambda: sink)

    assert report.ok
    assert {each.name for each in sink.list("")} == {"vault.json", "test/other/x"}


def test_what_a_killed_trial_left_is_removed_a_day_later() -> None:
    old = ObjectName("test/20261122T115959Z-01234567-first.age")
    new = ObjectName("test/20261122T120001Z-01234567-first.age")
    sink = MemorySink({old: b"x", new: b"x"})

    tried(lambda: sink)

    assert [each.name for each in sink.list("")] == [new]


@pytest.mark.parametrize(
    ("fault", "name", "said"),
    [
        (Fault(FaultKind.FLIPPED_BIT, pattern="*-first.age"), "put and get", "gives back other bytes"),
        (Fault(FaultKind.TRUNCATED, pattern="*-changing.json"), "replace", "gives back other bytes"),
        (Fault(FaultKind.TRUNCATED, pattern="*-large.age"), "one large object", "gives back other bytes"),
        (Fault(FaultKind.HIDDEN, pattern="*-twice.age"), "put the same again", "does not have it"),
        (Fault(FaultKind.STALE_LISTING, "list"), "list what was just put", "does not list it"),
        (Fault(FaultKind.ERROR, "delete", "*-deleted.age", times=1), "delete", "went wrong on purpose"),
        (Fault(FaultKind.LOST_ANSWER, "put", "*-at-once-1.age"), "several at once", "went wrong on purpose"),
    ],
)
def test_a_store_that_does_something_else_is_told_of(fault: Fault, name: str, said: str) -> None:
    inner = MemorySink()

    report = tried(lambda: FaultySink(inner, fault))

    assert said in wrong(report)[name]
    assert not report.ok
    assert list(inner.list("")) == []


class Folding(MemorySink):
    """Keeps names in small letters."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for each in super().list(prefix):
            yield StoredObject(ObjectName(each.name.lower()) if "MiXed" in each.name else each.name, each.size)


class Blurting(MemorySink):
    """Lists more than it was asked for."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        return super().list(prefix.rpartition("/")[0])


class Twofold(MemorySink):
    """Keeps what is put twice twice, as stores do in which names are no keys."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for each in super().list(prefix):
            yield from [each] * (2 if "twice" in each.name else 1)


class Estimating(MemorySink):
    """Tells sizes that are about right."""

    def size(self, name: ObjectName) -> int:
        return super().size(name) + 1

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for each in super().list(prefix):
            yield StoredObject(each.name, each.size + 1)


class Inventing(MemorySink):
    """Has everything that it is asked for."""

    def get(self, name: ObjectName) -> bytes:
        return b"" if "never" in name else super().get(name)


class Keeping(MemorySink):
    """Lists no more what was deleted, and has it."""

    gone = frozenset[ObjectName]()

    def delete(self, name: ObjectName) -> None:
        self.gone |= {name}

    def list(self, prefix: str) -> Iterator[StoredObject]:
        return (each for each in super().list(prefix) if each.name not in self.gone)


class Clinging(MemorySink):
    """Lists what was deleted."""

    def delete(self, name: ObjectName) -> None:
        """Not now."""


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (Folding, "keep names as they are", "MiXed-Case_and.more.than.one.dot` and does not list it"),
        (Blurting, "list by how names begin", "asked for names that begin with `begin-ab`, it lists `"),
        (Twofold, "put the same again", "lists an object twice"),
        (Estimating, "put and get", "tells 1,001 bytes as the size of an object of 1,000"),
        (Inventing, "tell what is missing", "tells of an object that was never put there"),
        (Keeping, "delete", "still has an object that was deleted"),
        (Clinging, "delete", "lists an object that was deleted"),
    ],
)
def test_a_store_with_ways_of_its_own_is_told_of(kind: type[MemorySink], name: str, said: str) -> None:
    sink = kind()

    report = tried(lambda: sink)

    assert said in wrong(report)[name]
    assert report.code == 10


@pytest.mark.parametrize(
    ("method", "error", "names"),
    [
        ("list", SinkUnavailableError("away", hint="look"), ["list"]),
        ("put", SinkPermissionError("read only"), ["list", "put and get", "clean up"]),
        ("put", SinkFullError("full"), ["list", "put and get", "clean up"]),
    ],
)
def test_after_what_everything_rests_on_nothing_else_is_tried(
    method: str, error: SinkUnavailableError, names: list[str]
) -> None:
    fault = Fault(FaultKind.ERROR, method, error=error)  # type: ignore[arg-type]

    report = tried(lambda: FaultySink(MemorySink(), fault))

    assert [each.name for each in report.trials] == names
    assert report.code == error.exit_code
    assert report.trials[len(names) - 2 if len(names) > 1 else 0].hint == error.hint
    assert report.figures is None


def test_what_cannot_be_taken_away_again_is_told() -> None:
    inner = MemorySink()
    fault = Fault(FaultKind.ERROR, "delete", "*-first.age", error=SinkPermissionError("nothing is deleted here"))

    report = tried(lambda: FaultySink(inner, fault))

    assert wrong(report) == {"clean up": "nothing is deleted here"}


def test_a_trial_that_is_stopped_cleans_up() -> None:
    class Stopping(MemorySink):
        def replace(self, name: ObjectName, data: bytes) -> None:
            raise KeyboardInterrupt

    sink = Stopping()

    with pytest.raises(KeyboardInterrupt):
        tried(lambda: sink)

    assert list(sink.list("")) == []


def test_the_clock_of_this_machine_may_stand_anywhere() -> None:
    sink = MemorySink()

    assert tried(lambda: sink, now=NOW.astimezone() - timedelta(days=9999)).ok


def test_the_names_of_trials_begin_as_no_object_of_a_vault_does() -> None:
    assert not PLACE.startswith(("packs", "index", "snapshots", "keys", "marks", "leases", "vault"))
