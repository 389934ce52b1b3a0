from __future__ import annotations

from retention_support import a_line, a_snapshot
from tgvault.vault.lineage import Lineage, above


def test_no_snapshot_comes_before_its_parents() -> None:
    line = a_line("2026-01-03", "2026-01-02", "2026-01-01")

    assert list(Lineage.of(line[::-1]).order) == line


def test_a_snapshot_that_is_forgotten_leads_from_one_to_another() -> None:
    first, second, third = line = a_line("2026-01-01", "2026-01-02", "2026-01-03")

    lineage = Lineage.of([first, third], [second])

    assert set(lineage.forgotten) == {second.name}
    assert lineage.continued([third.name]) == {first.name, second.name}
    assert [list(lineage.parents[each.name]) for each in line] == [[], [first.name], [second.name]]


def test_one_whose_parents_nobody_knows_hangs_on_the_last_before_it() -> None:
    first, *_, last = a_line("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04")
    beside = a_snapshot("2026-01-02 12:00", first)

    lineage = Lineage.of([first, beside, last])

    assert list(lineage.parents[last.name]) == [beside.name]


def test_it_hangs_there_too_where_only_one_beside_is_known() -> None:
    first, second, third = a_line("2026-01-01", "2026-01-02", "2026-01-03")
    joined = a_snapshot("2026-01-04", first, third)

    lineage = Lineage.of([first, second, joined])

    assert list(lineage.parents[joined.name]) == [first.name, second.name]


def test_one_that_was_made_beside_an_unknown_parent_is_continued_by_nobody() -> None:
    first, _, last = a_line("2026-01-01", "2026-01-02", "2026-01-03")
    beside = a_snapshot("2026-01-02 12:00", first)

    lineage = Lineage.of([first, beside, last])

    assert list(lineage.parents[last.name]) == [first.name]
    assert lineage.continued([last.name]) == {first.name}


def test_nobody_is_made_from_one_with_a_higher_number() -> None:
    first = a_snapshot("2026-01-01", sequence=5)
    second = a_snapshot("2026-01-02", first, sequence=3)

    lineage = Lineage.of([first, second])

    assert lineage.parents[second.name] == []
    assert lineage.misnumbered == {first.name, second.name}


def test_what_stands_above_is_found_on_each_way_up() -> None:
    first, second = a_line("2026-01-01", "2026-01-02")
    here, there = a_snapshot("2026-01-03", second), a_snapshot("2026-01-03 01:00", second)
    end = a_snapshot("2026-01-04", here)

    over = above(Lineage.of([first, second, here, there, end]), {first.name, end.name})

    assert set(over.next[first.name]) == {end.name}
    assert [over.is_top[each.name] for each in (first, second, here, there, end)] == [True, True, False, True, True]
