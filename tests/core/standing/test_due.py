"""What is due."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from standing_support import NOTHING, NOW, a_place
from tgvault.config.config import SinkTable
from tgvault.config.sections import VerifySection
from tgvault.config.table import Table
from tgvault.standing.due import ConfiguredSource, due_copies, due_sources, due_verifications
from tgvault.standing.sinks import SinkState, SinkStatus

TABLES = {
    name: SinkTable(name, "local", Table.given({}, label="test"), every=every)
    for name, every in (("primary", None), ("disk", "7d"))
}


def source(last: datetime | None, every: str | None) -> ConfiguredSource:
    return ConfiguredSource(name="phone", type="takeout", archive="main", last=last, age=None, every=every)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("last", "every", "due"),
    [
        (None, None, False),
        (None, "1d", True),
        (ago(hours=23), "1d", False),
        (ago(hours=25), "1d", True),
        (ago(hours=11), "12h", False),
        (ago(days=400), None, False),
    ],
)
def test_a_source_is_due_when_it_has_waited_longer_than_it_may(
    last: datetime | None, every: str | None, due: bool
) -> None:
    assert len(list(due_sources([source(last, every)], now=NOW))) == due


def test_a_source_that_is_due_is_told_with_the_way_out() -> None:
    (due,) = due_sources([source(ago(days=3), "1d")], now=NOW)

    assert due.message == "source `phone` was not backed up for 3 days, and is to be every 1d"
    assert due.hint == "run `tgvault backup phone`"
    assert due.since == ago(days=3)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (a_place("disk"), None),
        (a_place("disk", SinkState.BEHIND, missing=2, behind_since=ago(days=6)), None),
        (
            a_place("disk", SinkState.BEHIND, missing=2, behind_since=ago(days=8)),
            "copy `disk` lacks 2 snapshots, for 8 days",
        ),
        (a_place("disk", SinkState.WAITING, missing=None, behind_since=None), None),
        (
            a_place("disk", SinkState.WAITING, missing=None, behind_since=ago(days=30)),
            "copy `disk` may lack snapshots, for 30 days",
        ),
        (a_place("disk", SinkState.REFUSED, problem="no entry"), "copy `disk`: no entry"),
        (a_place("disk", SinkState.EMPTY, problem="nothing there"), "copy `disk`: nothing there"),
        (a_place("primary", SinkState.AWAY, problem="no disk"), "the vault's own place: no disk"),
        (a_place("primary", SinkState.BEHIND, missing=1), "the vault's own place: lacks 1 snapshot"),
    ],
)
def test_copies_are_due_when_they_lack_a_snapshot_for_too_long_or_need_a_hand(
    place: SinkStatus, message: str | None
) -> None:
    assert [each.message for each in due_copies([place], TABLES, now=NOW)] == ([message] if message else [])


def test_data_that_waited_too_long_is_to_be_verified() -> None:
    places = [a_place("primary"), a_place("disk")]
    waiting = {"primary": ago(days=29), "disk": ago(days=31)}

    (due,) = due_verifications(waiting, places, VerifySection(), now=NOW)

    assert due.message == "copy `disk`: some data was not verified for 31 days, and is to be every 30d"
    assert due.hint == "run `tgvault verify --sink disk`"


def test_damage_that_was_found_is_due_until_it_is_repaired() -> None:
    place = a_place("primary", verified=msgspec.structs.replace(NOTHING, damaged=2))

    (due,) = due_verifications({"primary": None}, [place], VerifySection(), now=NOW)

    assert due.message == "the vault's own place: 2 packs found damaged or gone"
    assert due.hint == "run `tgvault verify --repair`"
