"""How a vault in folders stands altogether."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from anywhere_support import Home, verify_place
from run_support import Script, talk
from tgvault.host.host import Host
from tgvault.standing import standing as module
from tgvault.standing.sinks import SinkState, read_contents
from tgvault.standing.standing import Standing, look_at_standing


@pytest.fixture
def house(tmp_path: Path) -> Home:
    """A vault with two snapshots and two whole copies."""
    house = Home(tmp_path, "disk", "nas")
    for text in "ab":
        house.back_up(Script([talk({1: text})]))
    house.copy()
    return house


def look(house: Home, *, after: timedelta = timedelta(0), patience: float = 60) -> Standing:
    with house.reading() as reading:
        return look_at_standing(
            reading,
            house.config,
            host=Host(allow=frozenset()),
            environment={},
            now=house.clock + after,
            patience=patience,
        )


def test_a_vault_with_its_copies_is_told_at_a_glance(house: Home) -> None:
    said = look(house)

    assert [(each.name, each.state, each.snapshots) for each in said.sinks] == [
        ("primary", SinkState.WHOLE, 2),
        ("disk", SinkState.WHOLE, 2),
        ("nas", SinkState.WHOLE, 2),
    ]
    assert said.rule.copies == ["primary", "disk", "nas"]
    assert said.due == []
    assert not said.is_well


def test_with_another_medium_elsewhere_all_is_well(house: Home) -> None:
    house.more = '\nmedium = "server"\noffsite = true\n'

    assert look(house).is_well


def test_copies_that_are_behind_away_or_gone_are_told_and_fail_nothing(house: Home) -> None:
    house.copy("disk")
    house.back_up(Script([talk({1: "c"})]))
    house.lose("nas")

    said = look(house)

    _, disk, nas = said.sinks
    assert (disk.state, disk.snapshots, disk.missing) == (SinkState.BEHIND, 2, 1)
    assert (nas.state, nas.snapshots) == (SinkState.AWAY, None)
    assert [each.name for each in look(house, after=timedelta(days=8)).due] == ["disk", "nas"]


def test_a_copy_that_was_once_seen_whole_counts_while_it_is_away(house: Home) -> None:
    look(house)
    house.lose("nas")

    said = look(house, after=timedelta(days=300))

    assert said.rule.copies == ["primary", "disk", "nas"]
    assert [each for each in said.due if each.kind == "copy"] == []


def test_where_the_vaults_own_place_is_away_the_copies_are_told_all_the_same(house: Home) -> None:
    house.lose("vault")

    said = look(house)

    assert [each.state for each in said.sinks] == [SinkState.AWAY, SinkState.WHOLE, SinkState.WHOLE]
    assert [each.name for each in said.due] == ["primary"]


def test_a_place_of_its_own_that_lost_a_snapshot_is_told(house: Home) -> None:
    (house.folder / "vault" / house.names("vault", "snapshots/")[0]).unlink()

    primary = look(house).sinks[0]

    assert (primary.state, primary.missing) == (SinkState.BEHIND, 1)


def test_a_copy_that_does_not_answer_is_waited_for_no_longer(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    never = Event()

    def read(make: object) -> object:
        never.wait()
        return read_contents(make)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "read_contents", read)
    try:
        said = look(house, patience=0.2)
    finally:
        never.set()

    assert [each.state for each in said.sinks] == [SinkState.WHOLE, SinkState.SILENT, SinkState.SILENT]


def test_sources_that_are_due_are_named(house: Home) -> None:
    house.more = (
        '[sources.phone]\ntype = "scripted"\nevery = "1d"\n[sources.other]\ntype = "desktop-export"\nevery = "1d"\n'
    )

    said = look(house, after=timedelta(hours=23))

    assert [(each.name, each.last is None) for each in said.configured] == [("phone", False), ("other", True)]
    assert [each.name for each in said.due] == ["other"]
    assert [each.name for each in look(house, after=timedelta(hours=25)).due] == ["phone", "other"]


def test_verification_is_due_when_data_was_not_read_for_too_long(house: Home) -> None:
    first = look(house)
    late = look(house, after=timedelta(days=31))
    verify_place(house, now=house.clock + timedelta(days=31))
    done = look(house, after=timedelta(days=31))

    assert first.due == []
    assert [(each.kind, each.name) for each in late.due if each.kind == "verify"] == [("verify", "primary")]
    assert [each for each in done.due if each.kind == "verify"] == []
    assert done.sinks[0].verified.recent == 1.0


def test_copies_are_to_be_verified_where_that_is_said(house: Home) -> None:
    house.more = '[verify]\ncopies = true\nevery = "2w"\n'
    look(house)
    verify_place(house, name="disk", now=house.clock + timedelta(days=14))

    said = look(house, after=timedelta(days=15))

    assert [each.name for each in said.due if each.kind == "verify"] == ["primary", "nas"]
    assert [each.verified.recent for each in said.sinks] == [0.0, 1.0, 0.0]


def test_a_copy_whose_settings_are_wrong_is_told(house: Home) -> None:
    house.more = "\nno_such_key = 1\n"

    nas = look(house).sinks[2]

    assert (nas.state, nas.medium) == (SinkState.WRONG, None)
    assert "no_such_key" in str(nas.problem)
