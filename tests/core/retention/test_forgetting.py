from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from prune_support import Keeper
from retention_support import kept
from run_support import Script, Talk
from run_support import said as exported
from tgvault.errors import HiddenSnapshotError, NotFoundError, UsageError, VaultError
from tgvault.retention.forgetting import choose_by_name, choose_by_rules, forget, infos, take_back
from tgvault.retention.rules import Decision, KeepRules
from tgvault.testing import flip_byte, names
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Snapshot
from vault_support import START, MemoryVault, said

NOW = START + timedelta(days=30)


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def four(memory: MemoryVault) -> list[Snapshot]:
    """Four snapshots of `main`, a day apart, and two of `work`."""
    made = memory.observe(*[[said(1, text)] for text in "abcd"])
    return [*made, *memory.observe([said(1, "x")], [said(1, "y")], archive="work")]


def run(memory: MemoryVault, rules: KeepRules, *, archive: str | None = None) -> None:
    decisions = choose_by_rules(memory.vault, memory.snapshots(), rules, archive=archive, now=NOW)
    forget(memory.vault, decisions, now=NOW, host="laptop")


def test_what_goes_is_hidden_and_nothing_is_deleted(memory: MemoryVault, four: list[Snapshot]) -> None:
    before = names(memory.sink)

    run(memory, KeepRules(last=2))

    assert [each.name for each in memory.snapshots()] == [each.name for each in four[2:]]
    assert [each.name for each in memory.vault.forgotten] == [each.name for each in four[:2]]
    assert set(before) < set(names(memory.sink))


def test_only_the_archive_that_is_meant_loses_anything(memory: MemoryVault, four: list[Snapshot]) -> None:
    run(memory, KeepRules(last=1), archive="work")

    assert [each.name for each in memory.snapshots()] == [each.name for each in (*four[:4], four[5])]


def test_where_nothing_goes_nothing_is_marked(memory: MemoryVault, four: list[Snapshot]) -> None:
    run(memory, KeepRules(last=9))

    assert len(memory.snapshots()) == len(four)
    assert names(memory.sink, "marks/") == []


def test_an_archive_that_is_not_there_is_told(memory: MemoryVault, four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError, match="wrk"):
        run(memory, KeepRules(last=1), archive="wrk")


def test_forgetting_again_forgets_nothing_more_and_backups_go_on(memory: MemoryVault, four: list[Snapshot]) -> None:
    for text in "efg":
        run(memory, KeepRules(last=2))
        run(memory, KeepRules(last=2))
        memory.observe([said(1, text)])

    here = [each for each in memory.snapshots() if each.manifest.archive == "main"]
    assert [each.manifest.sequence for each in here] == [5, 6, 7]
    assert all(len(each.manifest.parents) == 1 for each in here)


def test_a_manifest_that_cannot_be_read_stops_it(memory: MemoryVault, four: list[Snapshot]) -> None:
    flip_byte(memory.sink, four[1].name)
    fresh = MemoryVault()
    fresh.vault = type(memory.vault)(memory.sink, memory.vault.keys, fresh.vault.database)

    with pytest.raises(VaultError):
        choose_by_rules(fresh.vault, fresh.snapshots(), KeepRules(last=1), archive=None, now=NOW)


def test_a_gap_that_nobody_explains_stops_it(memory: MemoryVault, four: list[Snapshot]) -> None:
    memory.sink.delete(four[1].name)

    with pytest.raises(HiddenSnapshotError):
        run(memory, KeepRules(last=1))


def test_a_gap_that_was_made_on_purpose_stops_nothing(memory: MemoryVault, four: list[Snapshot]) -> None:
    run(memory, KeepRules(last=2))
    memory.observe([said(1, "e")])

    run(memory, KeepRules(last=1))

    assert [each.manifest.sequence for each in memory.snapshots()] == [5, 2]


@pytest.mark.parametrize("machine", ["the same", "another", "a new one"])
def test_after_a_prune_the_same_rules_forget_nothing_more(tmp_path: Path, machine: str) -> None:
    keeper = Keeper(tmp_path)
    for number in range(60):
        keeper.now += timedelta(hours=17)
        keeper.back_up(Script([Talk([exported(1, f"text {number}")])]))
    known = Keeper(tmp_path, keeper.sink)
    known.now = keeper.now
    known.snapshots()
    rules = KeepRules(last=3, daily=4, weekly=3, monthly=2)

    def chosen(keeper: Keeper) -> list[Decision]:
        return choose_by_rules(keeper.vault, keeper.snapshots(), rules, archive=None, now=keeper.now, zone=UTC)

    first = chosen(keeper)
    forget(keeper.vault, first, now=keeper.now, host="laptop")
    keeper.prune()
    new = Keeper(tmp_path, keeper.sink)
    new.now = keeper.now
    again = {"the same": keeper, "another": known, "a new one": new}[machine]
    second = chosen(again)
    again.back_up(Script([Talk([exported(1, "text 99")])]))

    assert len(first) == 60
    assert [each.snapshot.name for each in second] == [each.name for each in kept(first)]
    assert all(each.keep for each in second)
    assert again.snapshots()[-1].manifest.parents == (second[-1].snapshot.name,)


# By name --------------------------------------------------------------------------------------------------------------


def by_name(memory: MemoryVault, *chosen: Snapshot, even_newest: bool = False) -> None:
    decisions = choose_by_rules(memory.vault, memory.snapshots(), KeepRules(), archive=None, now=NOW)
    found = choose_by_name(decisions, {each.name for each in chosen}, even_newest=even_newest)
    forget(memory.vault, found, now=NOW, host="laptop")


def test_those_that_are_named_go_and_no_others(memory: MemoryVault, four: list[Snapshot]) -> None:
    by_name(memory, four[1], four[2])

    assert [each.name for each in memory.snapshots()] == [four[0].name, *(each.name for each in four[3:])]


def test_the_newest_goes_only_if_that_is_said(memory: MemoryVault, four: list[Snapshot]) -> None:
    with pytest.raises(UsageError, match=f"`{four[3].id}` of archive `main` is the newest") as caught:
        by_name(memory, four[0], four[3])
    assert "--even-newest" in str(caught.value.hint)
    assert len(memory.snapshots()) == 6

    by_name(memory, four[3], even_newest=True)

    assert [each.name for each in memory.snapshots()][2] == four[2].name
    assert len(memory.snapshots()) == 5


# Taking back ----------------------------------------------------------------------------------------------------------


def test_what_was_forgotten_is_taken_back_one_by_one(memory: MemoryVault, four: list[Snapshot]) -> None:
    run(memory, KeepRules(last=1))
    memory.snapshots()

    back = take_back(memory.vault, [four[1].id], now=NOW, host="laptop")

    assert [each.name for each in back] == [four[1].name]
    assert [each.manifest.sequence for each in memory.snapshots()] == [2, 4, 2]
    assert {each.name for each in memory.vault.forgotten} == {four[0].name, four[2].name, four[4].name}


def test_all_that_was_forgotten_is_taken_back_at_once(memory: MemoryVault, four: list[Snapshot]) -> None:
    run(memory, KeepRules(last=1))
    memory.snapshots()

    take_back(memory.vault, [four[0].id, four[1].id, four[0].id, four[2].id, four[4].id], now=NOW, host="laptop")

    assert len(memory.snapshots()) == 6
    assert memory.vault.marks.of(MarkKind.FORGET) == []


@pytest.mark.parametrize("name", ["latest", "latest~1", "0000", "zz"])
def test_what_is_not_forgotten_cannot_be_taken_back(memory: MemoryVault, four: list[Snapshot], name: str) -> None:
    run(memory, KeepRules(last=1))
    memory.snapshots()

    with pytest.raises(NotFoundError) as caught:
        take_back(memory.vault, [four[0].id, name], now=NOW, host="laptop")
    assert "--forgotten" in str(caught.value.hint)
    assert len(memory.snapshots()) == 2


def test_decisions_are_described(memory: MemoryVault, four: list[Snapshot]) -> None:
    decisions = choose_by_rules(memory.vault, memory.snapshots(), KeepRules(daily=2), archive="main", now=NOW)

    said = infos(decisions)

    assert [(each.sequence, each.keep, each.reasons) for each in said] == [
        (1, False, []),
        (2, False, []),
        (3, True, ["daily"]),
        (4, True, ["daily", "newest"]),
    ]
    assert said[0].id == four[0].id
