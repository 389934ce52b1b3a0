from __future__ import annotations

from collections.abc import Sequence

import pytest

from retention_support import a_line, a_snapshot, decided, within
from tgvault.errors import ShrunkenSnapshotError, UsageError
from tgvault.retention.refusals import accept_shrunken, check_kept, check_rules, check_shrunken
from tgvault.retention.rules import KeepRules
from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.vault.opened import Snapshot

LOSS = {"kind": "lost", "subject": "a chat", "count": 2}
NOTE = {"kind": "note", "subject": "a chat"}


@pytest.fixture
def memory() -> Memory:
    return Memory(Database.in_memory())


def line(*figures: int | dict[str, object]) -> list[Snapshot]:
    """Snapshots with so many messages, or with these findings."""
    made: list[Snapshot] = []
    for day, each in enumerate(figures, start=1):
        found = {"messages": each} if isinstance(each, int) else {"findings": [each]}
        made.append(a_snapshot(f"2026-01-{day:02}", *made[-1:], **found))  # type: ignore[arg-type]
    return made


def check(snapshots: Sequence[Snapshot], memory: Memory) -> None:
    check_shrunken(decided(snapshots, KeepRules(last=1)), memory)


def test_no_rule_at_all_is_refused_with_the_way_out() -> None:
    with pytest.raises(UsageError, match="no rule") as caught:
        check_rules(KeepRules())

    assert "[retention]" in str(caught.value.hint)


@pytest.mark.parametrize("rules", [KeepRules(last=1), within("1d"), KeepRules(tags=frozenset({"a"}))])
def test_any_rule_is_one(rules: KeepRules) -> None:
    check_rules(rules)


def test_rules_that_keep_nothing_of_an_archive_are_refused() -> None:
    tagged = [a_snapshot("2026-01-01", tags=["a"], archive="work")]
    tagged += [a_snapshot("2026-01-02", *tagged, archive="work")]

    with pytest.raises(UsageError, match="no snapshot of archive `main`") as caught:
        check_kept(decided([*a_line("2026-01-01", "2026-01-02"), *tagged], KeepRules(tags=frozenset({"a"}))))
    assert "--keep-last" in str(caught.value.hint)


def test_rules_that_keep_nothing_where_nothing_goes_do_no_harm() -> None:
    check_kept(decided(a_line("2026-01-01"), KeepRules(tags=frozenset({"a"}))))


@pytest.mark.parametrize("figures", [(100, 50), (100, 60, 50), (10, 100), (0, 0), (5,), (LOSS, LOSS), (10, NOTE)])
def test_a_newest_snapshot_that_is_large_enough_is_right(figures: tuple[int, ...], memory: Memory) -> None:
    check(line(*figures), memory)


@pytest.mark.parametrize("figures", [(100, 49), (100, 0), (100, 49, 40), (0, 1, 0)])
def test_a_newest_snapshot_that_is_much_smaller_is_refused(figures: tuple[int, ...], memory: Memory) -> None:
    snapshots = line(*figures)

    with pytest.raises(ShrunkenSnapshotError, match=f"`{snapshots[-1].id}`, has {figures[-1]} messages") as caught:
        check(snapshots, memory)
    assert "--accept-shrunken" in str(caught.value.hint)
    assert caught.value.exit_code == 72


def test_a_newest_snapshot_whose_run_lost_more_is_refused(memory: Memory) -> None:
    with pytest.raises(ShrunkenSnapshotError, match="with 2 losses"):
        check(line(10, LOSS), memory)


def test_where_nothing_goes_a_shrunken_one_does_no_harm(memory: Memory) -> None:
    check_shrunken(decided(line(100, 1), KeepRules(last=2)), memory)


def test_one_that_was_accepted_is_what_later_ones_are_held_against(memory: Memory) -> None:
    snapshots = line(1000, 100, 90, 40)

    accept_shrunken(decided(snapshots[:2], KeepRules(last=1)), memory)

    check(snapshots[:3], memory)
    with pytest.raises(ShrunkenSnapshotError, match=r"has 40 messages, and .* 100"):
        check(snapshots, memory)


def test_one_that_nobody_refuses_is_not_accepted_beforehand(memory: Memory) -> None:
    snapshots = line(1000, 900, 100)

    accept_shrunken(decided(snapshots[:2], KeepRules(last=1)), memory)

    with pytest.raises(ShrunkenSnapshotError):
        check(snapshots, memory)
