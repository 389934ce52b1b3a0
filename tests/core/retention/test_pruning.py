"""Pruning: what is deleted, what is not, and who has to be waited for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from prune_support import DAY, KEYS, Asleep, Keeper, contents
from run_support import Held, Script, ScriptedSource, Talk, held, opened, said, shown
from tgvault.api import ObjectName, OpenedMedia, StoredObject
from tgvault.errors import CorruptObjectError, VaultBusyError, VaultError
from tgvault.state.database import Database
from tgvault.testing import MemorySink, flip_byte, names
from tgvault.vault.leases import DEAD, LeaseKind, list_leases
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.opened import Vault
from tgvault.vault.packs import pack_name

HOUR = 3600.0


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path)


def photo(number: int) -> bytes:
    return random.Random(number).randbytes(20_000)


def day(number: int, *, photos: int = 1) -> Script:
    """An export with messages and photos that no other day has."""
    messages = [said(1, "always the same"), said(number * 100, f"day {number}")]
    shots = {f"c/{number}-{at}.jpg": photo(number * 50 + at) for at in range(photos)}
    messages += [shown(number * 100 + 1 + at, name) for at, name in enumerate(shots)]
    return Script([Talk(messages, number=number)], files=shots)


def test_nothing_is_deleted_where_all_is_needed(keeper: Keeper) -> None:
    for number in (1, 2, 3):
        keeper.back_up(day(number))
    before, found = names(keeper.sink), contents(keeper.sink)

    report = keeper.prune()

    assert (report.packs_deleted, report.packs_rewritten, report.snapshots) == (0, 0, [])
    assert names(keeper.sink) == before
    assert contents(keeper.sink) == found


def forgotten_first(keeper: Keeper) -> None:
    """Three archives of a snapshot each, of which the first is forgotten."""
    for number in (1, 2, 3):
        keeper.back_up(day(number), archive=f"a{number}")
    keeper.forget(keeper.snapshots()[0])


def test_what_only_a_forgotten_snapshot_needs_is_deleted(keeper: Keeper) -> None:
    forgotten_first(keeper)
    gone = next(each for each in contents(keeper.sink))
    kept = contents(keeper.sink)
    size = sum(len(data) for data in keeper.sink.objects.values())

    report = keeper.prune()

    assert len(report.snapshots) == 1
    assert gone in kept
    assert contents(keeper.sink) == kept
    assert len(names(keeper.sink, "snapshots/")) == 2
    assert sum(len(data) for data in keeper.sink.objects.values()) < size - 20_000
    assert names(keeper.sink, "marks/unneeded") == names(keeper.sink, "marks/forget") == []
    assert names(keeper.sink, "leases/") == []


def test_nobody_misses_what_was_deleted(keeper: Keeper, tmp_path: Path) -> None:
    other = Keeper(tmp_path / "other", keeper.sink)
    (tmp_path / "other").mkdir()
    forgotten_first(keeper)
    other.snapshots()

    keeper.prune()

    assert len(other.snapshots()) == len(keeper.snapshots()) == 2
    assert other.vault.bad_indexes == keeper.vault.bad_indexes == []
    other.back_up(day(4), archive="a4")
    assert len(contents(keeper.sink)) == 3


def test_what_was_deleted_is_stored_again_when_a_source_has_it(keeper: Keeper) -> None:
    forgotten_first(keeper)
    keeper.prune()

    keeper.back_up(day(1), archive="again")

    held = contents(keeper.sink)[keeper.latest("again").id]
    assert held.media["user:1"][101] == {"photo": photo(50)}


def test_a_second_prune_finds_nothing_to_do(keeper: Keeper) -> None:
    forgotten_first(keeper)
    keeper.prune()
    before = names(keeper.sink)

    report = keeper.prune()

    assert (report.packs_deleted, report.snapshots) == (0, [])
    assert names(keeper.sink) == before


def test_a_dry_run_tells_the_same_and_writes_nothing(keeper: Keeper) -> None:
    forgotten_first(keeper)
    before = dict(keeper.sink.objects)

    told = keeper.prune(dry_run=True)

    assert {name: data for name, data in keeper.sink.objects.items() if not name.startswith("leases/")} == before
    done = keeper.prune()
    assert (told.snapshots, told.packs_deleted, told.bytes_deleted) == (
        done.snapshots,
        done.packs_deleted,
        done.bytes_deleted,
    )


# Grace.


def test_a_forgotten_snapshot_stays_until_its_grace_is_over(keeper: Keeper) -> None:
    forgotten_first(keeper)
    kept = dict(keeper.sink.objects)

    first = keeper.prune(grace=7 * DAY)
    second = keeper.prune(grace=7 * DAY, later=6.9 * DAY)

    assert (first.snapshots, first.snapshots_later, second.snapshots) == ([], 1, [])
    assert keeper.sink.objects == kept
    assert len(keeper.prune(grace=7 * DAY, later=0.2 * DAY).snapshots) == 1


def test_grace_begins_when_the_pruning_machine_first_sees_the_mark(keeper: Keeper, tmp_path: Path) -> None:
    forgotten_first(keeper)
    other = Keeper(tmp_path, keeper.sink)
    other.now = keeper.now.replace(year=2036)

    report = other.prune(grace=7 * DAY)

    assert report.snapshots == []


def test_what_was_taken_back_in_time_is_all_there(keeper: Keeper) -> None:
    for number in (1, 2):
        keeper.back_up(day(number), archive=f"a{number}")
    before = contents(keeper.sink)
    mark = keeper.forget(keeper.snapshots()[0])
    keeper.prune(grace=7 * DAY)

    keeper.sink.delete(mark.name)
    keeper.prune(grace=7 * DAY, later=30 * DAY)

    assert contents(keeper.sink) == before


@pytest.mark.parametrize("years", [-8, 10], ids=["behind", "ahead"])
def test_a_clock_that_was_wrong_for_a_while_shortens_no_grace(keeper: Keeper, years: int) -> None:
    """A machine without a battery begins years ago, until somebody tells it the time; or it was set wrongly."""
    forgotten_first(keeper)
    right = keeper.now
    reports = [keeper.prune(grace=7 * DAY)]
    keeper.now = right.replace(year=right.year + years)
    reports += [keeper.prune(grace=7 * DAY) for _ in range(2)]
    keeper.now = right
    reports += [keeper.prune(grace=7 * DAY), keeper.prune(grace=7 * DAY, later=6 * DAY)]

    assert [report.snapshots for report in reports] == [[]] * 5
    assert len(keeper.prune(grace=7 * DAY, later=DAY).snapshots) == 1


def test_a_clock_that_was_behind_when_a_mark_was_seen_first_shortens_no_grace(keeper: Keeper, tmp_path: Path) -> None:
    """A machine without a battery goes on from when it was switched off."""
    forgotten_first(keeper)
    other = Keeper(tmp_path, keeper.sink)
    other.now = keeper.now - timedelta(days=30)
    other.prune(grace=7 * DAY)
    other.now = keeper.now

    early = other.prune(grace=7 * DAY, later=6 * DAY)
    late = other.prune(grace=7 * DAY, later=DAY)

    assert (early.snapshots, len(late.snapshots)) == ([], 1)


def test_a_mark_from_the_future_does_not_hold_up_the_grace(keeper: Keeper) -> None:
    for number in (1, 2):
        keeper.back_up(day(number), archive=f"a{number}")
    keeper.now += timedelta(days=4000)
    keeper.forget(keeper.snapshots()[0])
    keeper.now -= timedelta(days=4000)
    keeper.prune(grace=7 * DAY)

    report = keeper.prune(grace=7 * DAY, later=7 * DAY)

    assert len(report.snapshots) == 1


class Late(MemorySink):
    """The objects of a store that does not list snapshots that are new."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        return iter([]) if prefix == "snapshots/" else super().list(prefix)


def test_packs_of_a_snapshot_that_is_not_listed_yet_stay_for_the_grace(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.back_up(day(1))
    before = contents(keeper.sink)

    report = Keeper(tmp_path, Late(keeper.sink.objects)).prune(grace=7 * DAY)

    assert report.packs_deleted == 0
    assert contents(keeper.sink) == before


# Waste.


def half_wasted(keeper: Keeper) -> None:
    """A pack of many photos of which a kept snapshot needs one."""
    keeper.back_up(day(1, photos=8), archive="all")
    script = day(1, photos=8)
    one = Script([Talk([said(1, "always the same"), shown(101, "c/1-0.jpg")])], files={"c/1-0.jpg": photo(50)})
    assert script.files.keys() > one.files.keys()
    keeper.back_up(one, archive="one")
    keeper.forget(keeper.latest("all"))


def test_packs_with_much_waste_are_written_anew(keeper: Keeper) -> None:
    half_wasted(keeper)
    kept = contents(keeper.sink)

    report = keeper.prune(max_unused=0.1)

    assert report.packs_rewritten >= 1
    assert report.bytes_written < report.bytes_deleted
    assert report.waste == 0
    assert contents(keeper.sink) == kept


def test_waste_that_is_tolerated_stays(keeper: Keeper) -> None:
    half_wasted(keeper)
    kept = contents(keeper.sink)

    report = keeper.prune(max_unused=0.95)

    assert report.packs_rewritten == 0
    assert report.waste > 100_000
    assert contents(keeper.sink) == kept


def test_what_waste_still_holds_is_no_reason_not_to_store_what_it_names(keeper: Keeper) -> None:
    """A list of pieces that was left as waste names pieces that were deleted."""
    large = random.Random(7).randbytes((9 << 20) + 1)
    script = Script([Talk([shown(1, "c/large.mp4"), *(said(number, "x" * 3000) for number in range(2, 300))])],
                    files={"c/large.mp4": large})  # fmt: skip
    keeper.back_up(script, archive="large")
    keeper.back_up(Script([Talk([said(number, "x" * 3000) for number in range(2, 300)])]), archive="text")
    keeper.forget(keeper.latest("large"))
    keeper.prune(max_unused=1.0)

    keeper.back_up(script, archive="again")

    assert contents(keeper.sink)[keeper.latest("again").id].media["user:1"][1] == {"photo": large}


def test_many_small_packs_are_put_together(keeper: Keeper) -> None:
    for number in range(1, 40):
        keeper.back_up(day(number))
    kept = contents(keeper.sink)
    assert len(names(keeper.sink, "packs/")) > 64

    report = keeper.prune(max_unused=1.0)

    assert report.packs_rewritten > 64
    assert len(names(keeper.sink, "packs/")) < 5
    assert len(names(keeper.sink, "index/")) == 1
    assert contents(keeper.sink) == kept


# Others at work.


def test_who_is_at_work_is_waited_for(keeper: Keeper) -> None:
    forgotten_first(keeper)
    kept = contents(keeper.sink)
    lease = keeper.lease(host="desktop")

    first = keeper.prune()
    lease.end()
    second = keeper.prune()

    assert (first.packs_deleted, first.snapshots, first.waiting_for) == (0, [], ["desktop"])
    assert first.bytes_waiting > 20_000
    assert second.packs_deleted >= 1
    assert len(second.snapshots) == 1
    assert contents(keeper.sink) == kept


def test_who_began_after_the_mark_is_not_waited_for(keeper: Keeper) -> None:
    forgotten_first(keeper)
    before = keeper.lease(host="desktop")
    keeper.prune()
    keeper.lease(host="phone")

    before.end()
    report = keeper.prune()

    assert report.waiting_for == []
    assert report.packs_deleted >= 1


def test_another_machine_waits_for_all_whom_it_finds(keeper: Keeper, tmp_path: Path) -> None:
    forgotten_first(keeper)
    before = keeper.lease(host="desktop")
    keeper.prune()
    keeper.lease(host="phone")
    before.end()
    other = Keeper(tmp_path, keeper.sink)

    report = other.prune()

    assert report.waiting_for == ["phone"]
    assert report.packs_deleted == 0


def test_a_writer_who_does_not_move_for_an_hour_is_dead(keeper: Keeper) -> None:
    forgotten_first(keeper)
    keeper.lease(host="desktop")
    keeper.prune()

    report = keeper.prune(later=DEAD)

    assert report.waiting_for == []
    assert report.packs_deleted >= 1
    assert list_leases(keeper.sink) == []


def test_a_writer_who_moves_is_alive_however_long_it_takes(keeper: Keeper) -> None:
    forgotten_first(keeper)
    lease = keeper.lease(host="desktop")
    for _ in range(30):
        report = keeper.prune(later=0.9 * HOUR)
        lease.renew()

    assert report.packs_deleted == 0
    assert not lease.was_lost()


class JustBefore(MemorySink):
    """The objects of another sink; something happens just before the first manifest is put."""

    def __init__(self, objects: dict[ObjectName, bytes], happens: Callable[[], object]) -> None:
        super().__init__()
        self.objects = objects
        self._happens = [happens]

    def put(self, name: ObjectName, data: bytes) -> None:
        if name.startswith("snapshots/") and self._happens:
            self._happens.pop()()
        super().put(name, data)


def test_what_a_writer_relied_on_who_was_waited_for_stays(keeper: Keeper, tmp_path: Path) -> None:
    """It found the content in the vault, looked at the marks for the last time, and then there was one."""
    forgotten_first(keeper)
    writer = Keeper(tmp_path, JustBefore(keeper.sink.objects, keeper.prune))
    lease = writer.lease()
    writer.back_up(day(1), archive="late")
    marked = names(keeper.sink, "marks/unneeded")
    lease.end()

    report = keeper.prune()

    assert len(marked) == len(report.snapshots) == 1
    assert contents(keeper.sink)[writer.latest("late").id].media["user:1"][101] == {"photo": photo(50)}
    assert names(keeper.sink, "marks/unneeded") == []


def test_packs_of_a_run_that_is_going_on_are_left_alone(keeper: Keeper, tmp_path: Path) -> None:
    keeper.back_up(day(1))
    writer = Keeper(tmp_path / "writer", keeper.sink)
    source = ScriptedSource.of(Script([Talk([shown(5, "c/x.jpg")])], files={"c/x.jpg": photo(5), "c/y.jpg": photo(6)}))
    lease = writer.lease()
    reports = []

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        reports.append(keeper.prune())
        return opened(data)

    source.on_open = meanwhile
    writer.back_up(source, archive="late")
    reports.append(keeper.prune())
    lease.end()
    reports.append(keeper.prune())

    assert {report.packs_deleted for report in reports} == {0}
    assert contents(keeper.sink)[writer.latest("late").id].media["user:1"][5] == {"photo": photo(5)}


def test_packs_that_a_killed_run_left_are_deleted_when_it_cannot_go_on(keeper: Keeper) -> None:
    keeper.back_up(day(1))
    data = b"left behind"
    name = pack_name("ab" * 32)
    lease = keeper.lease(host="desktop")
    keeper.sink.put(name, data)

    first = keeper.prune()
    lease.end()
    second = keeper.prune()

    assert (first.packs_deleted, second.packs_deleted) == (0, 1)
    assert name not in names(keeper.sink)


def test_only_one_prunes_at_a_time(keeper: Keeper, tmp_path: Path) -> None:
    forgotten_first(keeper)
    keeper.lease(LeaseKind.PRUNE, host="server")

    with pytest.raises(VaultBusyError, match="server"):
        Keeper(tmp_path, keeper.sink).prune()


def test_a_prune_that_was_killed_elsewhere_is_over_after_an_hour(keeper: Keeper) -> None:
    forgotten_first(keeper)
    keeper.lease(LeaseKind.PRUNE, host="server")
    with pytest.raises(VaultBusyError):
        keeper.prune()

    report = keeper.prune(later=DEAD)

    assert len(report.snapshots) == 1


def test_a_snapshot_that_is_taken_back_while_the_mark_waits_stays(keeper: Keeper) -> None:
    for number in (1, 2):
        keeper.back_up(day(number), archive=f"a{number}")
    before = contents(keeper.sink)
    mark = keeper.forget(keeper.snapshots()[0])
    lease = keeper.lease(host="desktop")
    keeper.prune()

    keeper.sink.delete(mark.name)
    lease.end()
    keeper.prune()

    assert contents(keeper.sink) == before
    assert names(keeper.sink, "marks/unneeded") == []


def test_what_is_written_anew_is_so_once_while_somebody_is_waited_for(keeper: Keeper) -> None:
    half_wasted(keeper)
    kept = contents(keeper.sink)
    lease = keeper.lease(host="desktop")

    reports = [keeper.prune(max_unused=0.1) for _ in range(3)]
    lease.end()
    reports.append(keeper.prune(max_unused=0.1))

    assert [report.packs_rewritten > 0 for report in reports] == [True, False, False, False]
    assert [report.packs_deleted > 0 for report in reports] == [False, False, False, True]
    assert contents(keeper.sink) == kept


def test_what_a_snapshot_needs_does_not_go_before_it(keeper: Keeper, tmp_path: Path) -> None:
    """Somebody goes on from a snapshot that is just being forgotten, and takes over what he does not read anew."""
    forgotten_first(keeper)
    early = Keeper(tmp_path, JustBefore(keeper.sink.objects, keeper.prune))
    lease = early.lease()
    early.back_up(day(1), archive="late")
    lease.end()
    expected = contents(keeper.sink)[early.latest("late").id].media["user:1"][101]

    def meanwhile() -> None:
        keeper.forget(keeper.latest("late"))
        keeper.prune()

    late = Keeper(tmp_path, JustBefore(keeper.sink.objects, meanwhile))
    late.back_up_at_work(Script([Talk([said(1, "another")], number=2)]), archive="late")

    assert contents(keeper.sink)[late.latest("late").id].media["user:1"][101] == expected
    keeper.prune()
    assert contents(keeper.sink)[late.latest("late").id].media["user:1"][101] == expected


# What somebody else has said to be deleted.


def test_a_prune_that_was_killed_is_finished_by_the_next(keeper: Keeper, tmp_path: Path) -> None:
    forgotten_first(keeper)
    kept = contents(keeper.sink)
    for before in ("delete snapshots/", "delete index/", "delete packs/", "delete marks/unneeded"):
        killed = Keeper(tmp_path, Asleep(keeper.sink.objects, before, lambda: 1 / 0))
        with pytest.raises(ZeroDivisionError):
            killed.prune()

    keeper.prune()

    assert contents(keeper.sink) == kept
    assert len(names(keeper.sink, "snapshots/")) == len(kept)
    assert names(keeper.sink, "marks/unneeded") == names(keeper.sink, "marks/forget") == []
    assert len(names(keeper.sink, "index/")) == len(names(keeper.sink, "marks/")) == 1
    assert {pack_name(each.digest.hex()) for each in keeper.vault.places.packs()} == set(names(keeper.sink, "packs/"))


@pytest.mark.parametrize("prefixes", [("snapshots/",), ("packs/",), ("snapshots/", "packs/", "index/")])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_stolen_key_deletes_nothing_by_a_mark(
    keeper: Keeper, tmp_path: Path, prefixes: tuple[str, ...], is_known: bool
) -> None:
    """Who has the keys of one machine, and may add to the store, says that everything was deleted."""
    for number in (1, 2, 3):
        keeper.back_up(day(number), archive=f"a{number}")
    before = contents(keeper.sink)
    doomed = [name for prefix in prefixes for name in names(keeper.sink, prefix)]
    made = [
        put_mark(keeper.sink, kind, doomed, keys=KEYS, time=keeper.now, host="stolen").name
        for kind in (MarkKind.DELETED, MarkKind.UNNEEDED)
    ]
    pruner = keeper if is_known else Keeper(tmp_path, keeper.sink)

    for _ in range(3):
        with suppress(VaultError):
            pruner.prune(grace=7 * DAY, later=2 * DAY)

    for name in made:
        keeper.sink.delete(name)
    for name in names(keeper.sink, "marks/deleted"):
        keeper.sink.delete(name)
    assert found_again(keeper.sink) == before


def found_again(sink: MemorySink) -> dict[str, Held]:
    """Everything that is in the snapshots, wherever the packs are listed."""
    vault = Vault(sink, KEYS, Database.in_memory())
    return {each.id: held(vault, each) for each in vault.sync()}


def test_a_mark_of_another_place_deletes_nothing_that_is_needed_here(keeper: Keeper, tmp_path: Path) -> None:
    """The vault was pruned and lost; it goes on from an older copy, and then gets the mark from a newer one."""
    forgotten_first(keeper)
    older = dict(keeper.sink.objects)
    keeper.prune()
    (mark,) = names(keeper.sink, "marks/deleted")
    restored = Keeper(tmp_path, MemorySink(older))
    restored.back_up(Script([Talk([shown(1, "c/1-0.jpg")])], files={"c/1-0.jpg": photo(50)}), archive="anew")
    older[mark] = keeper.sink.get(mark)

    with suppress(VaultError):
        restored.prune(grace=7 * DAY)

    del older[mark]
    assert found_again(restored.sink)[Keeper(tmp_path, restored.sink).latest("anew").id].media["user:1"][1] == {
        "photo": photo(50)
    }


def test_a_name_that_is_none_of_a_pack_stops_no_prune(keeper: Keeper) -> None:
    forgotten_first(keeper)
    keeper.sink.put(ObjectName("packs/what.is.this"), b"?")

    report = keeper.prune()

    assert len(report.snapshots) == 1
    assert "packs/what.is.this" in names(keeper.sink)


# Damage.


def test_nothing_is_deleted_where_a_manifest_cannot_be_read(keeper: Keeper, tmp_path: Path) -> None:
    forgotten_first(keeper)
    flip_byte(keeper.sink, keeper.snapshots()[-1].name)
    before = dict(keeper.sink.objects)

    with pytest.raises(CorruptObjectError) as caught:
        Keeper(tmp_path, keeper.sink).prune()

    assert "repair" in (caught.value.hint or "")
    assert {k: v for k, v in keeper.sink.objects.items() if not k.startswith("leases/")} == before


@pytest.mark.parametrize("prefix", ["packs/", "index/"])
def test_nothing_is_deleted_where_something_is_missing(keeper: Keeper, tmp_path: Path, prefix: str) -> None:
    keeper.back_up(day(1), archive="a1")
    before = set(names(keeper.sink))
    keeper.back_up(day(2), archive="a2")
    keeper.forget(keeper.snapshots()[0])
    keeper.sink.delete(next(each for each in names(keeper.sink, prefix) if each not in before))
    there = dict(keeper.sink.objects)

    with pytest.raises(VaultError):
        Keeper(tmp_path, keeper.sink).prune()

    assert keeper.sink.objects == there


def test_a_pack_that_nobody_needs_may_be_damaged_or_gone(keeper: Keeper) -> None:
    forgotten_first(keeper)
    kept = contents(keeper.sink)
    first = keeper.vault.places
    unneeded = [pack_name(pack.digest.hex()) for pack in first.packs()][:2]
    keeper.sink.delete(unneeded[0])

    keeper.prune()

    assert contents(keeper.sink) == kept
    assert not set(unneeded) & set(names(keeper.sink))


def test_a_forged_lease_is_waited_for_and_stops_no_prune(keeper: Keeper) -> None:
    forgotten_first(keeper)
    keeper.sink.put(ObjectName(f"leases/{'f' * 16}-1-{'0' * 64}.age"), b"made up")

    first = keeper.prune()
    second = keeper.prune(later=DEAD)

    assert (first.packs_deleted, first.bytes_waiting > 0) == (0, True)
    assert second.packs_deleted >= 1


def test_a_forged_mark_deletes_nothing(keeper: Keeper) -> None:
    keeper.back_up(day(1))
    before = contents(keeper.sink)
    mark = put_mark(
        keeper.sink, MarkKind.UNNEEDED, names(keeper.sink, "packs/"), keys=KEYS, time=keeper.now, host="laptop"
    )
    data = bytearray(keeper.sink.get(mark.name))
    data[-1] ^= 1
    keeper.sink.replace(mark.name, bytes(data))

    keeper.prune()

    assert contents(keeper.sink) == before


@pytest.mark.parametrize("kind", [MarkKind.DELETED, MarkKind.UNNEEDED])
def test_a_mark_that_names_what_is_no_pack_deletes_nothing_else(keeper: Keeper, kind: MarkKind) -> None:
    forgotten_first(keeper)
    named = [ObjectName(name) for name in ("packs/x", "packs/../vault.json", "vault.json", "keys/anna.age", "")]
    for name in named[:4]:
        keeper.sink.put(name, b"is left alone")
    put_mark(keeper.sink, kind, named, keys=KEYS, time=keeper.now, host="laptop")

    report = keeper.prune()

    assert len(report.snapshots) == 1
    assert set(named[:4]) < set(names(keeper.sink))


def test_a_mark_of_what_is_needed_deletes_nothing(keeper: Keeper) -> None:
    keeper.back_up(day(1))
    before = contents(keeper.sink)
    put_mark(keeper.sink, MarkKind.UNNEEDED, names(keeper.sink, "packs/"), keys=KEYS, time=keeper.now, host="laptop")

    keeper.prune()

    assert contents(keeper.sink) == before
    assert names(keeper.sink, "marks/") == []


# Who reads meanwhile.


def test_who_reads_a_snapshot_finds_what_was_moved_meanwhile(keeper: Keeper, tmp_path: Path) -> None:
    half_wasted(keeper)
    reading = Keeper(tmp_path, keeper.sink)
    (snapshot,) = reading.snapshots()
    expected = contents(keeper.sink)[snapshot.id]

    keeper.prune()

    assert held(reading.vault, snapshot) == expected


class PrunedMeanwhile(MemorySink):
    """The objects of a store; something happens after the marks were listed for the first time."""

    def __init__(self, objects: dict[str, bytes], happens: Callable[[], object]) -> None:
        super().__init__(objects)
        self._happens: list[Callable[[], object]] = [happens]

    def list(self, prefix: str) -> Iterator[StoredObject]:
        if prefix == "index/" and self._happens:
            self._happens.pop()()
        return super().list(prefix)


def test_who_looks_while_the_index_is_replaced_forgets_nothing(keeper: Keeper, tmp_path: Path) -> None:
    """He would have to read all his files again."""
    half_wasted(keeper)
    Keeper(tmp_path, keeper.sink, database=keeper.vault.database).snapshots()
    pruner = Keeper(tmp_path, keeper.sink)
    looking = Keeper(tmp_path, PrunedMeanwhile(keeper.sink.objects, pruner.prune), database=keeper.vault.database)
    looking.vault.files.remember([(b"stamp", 5, b'{"size":5,"blob":"%s"}' % (b"ab" * 32))], run=1)

    (snapshot,) = looking.snapshots()

    assert looking.vault.bad_indexes == []
    assert looking.vault.files.by_stamp(b"stamp") is not None
    assert held(looking.vault, snapshot) == contents(keeper.sink)[snapshot.id]
