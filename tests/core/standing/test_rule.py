"""The rule 3-2-1."""

from __future__ import annotations

import pytest

from standing_support import NOW, a_place
from tgvault.standing.rule import counts, look_at_rule
from tgvault.standing.sinks import SinkState


def test_three_copies_on_two_media_one_of_them_elsewhere_are_enough() -> None:
    rule = look_at_rule([a_place("primary"), a_place("disk"), a_place("far", medium="object storage", offsite=True)])

    assert rule.met
    assert rule.copies == ["primary", "disk", "far"]
    assert rule.media == ["local", "object storage"]
    assert rule.offsite == ["far"]
    assert rule.lacking == []


def test_what_is_lacking_is_told_with_the_way_there() -> None:
    rule = look_at_rule([a_place("primary")])

    assert not rule.met
    copies, media, offsite = rule.lacking
    assert copies.startswith("only 1 of 3 copies: ")
    assert media.startswith("only 1 of 2 media (local): ")
    assert offsite.startswith("no copy in another place: ")
    assert all("`tgvault sink add NAME TYPE`" in each for each in rule.lacking)


def test_a_copy_that_is_named_and_cannot_be_counted_on_is_not_to_be_added_again() -> None:
    far = a_place("far", SinkState.EMPTY, medium="tape", offsite=True)

    rule = look_at_rule([a_place("primary"), a_place("disk"), far])

    assert rule.lacking == [
        "only 2 of 3 copies: `far` cannot be counted on as yet, see there; `tgvault sync` fills a copy",
        "only 1 of 2 media (local): `far` cannot be counted on as yet, see there",
        "no copy in another place: `far` cannot be counted on as yet, see there",
    ]
    assert rule.offsite == []


def test_a_sync_fills_copies_only() -> None:
    rule = look_at_rule([a_place("primary", SinkState.EMPTY), a_place("disk"), a_place("far")])

    assert rule.lacking[0] == "only 2 of 3 copies: `primary` cannot be counted on as yet, see there"


def test_a_place_of_an_unknown_medium_is_no_second_one() -> None:
    rule = look_at_rule([a_place("primary"), a_place("disk", medium=None)])

    assert rule.media == ["local"]
    assert look_at_rule([]).lacking[1].startswith("only 0 of 2 media: ")


@pytest.mark.parametrize(
    ("state", "snapshots", "synced", "counted"),
    [
        (SinkState.WHOLE, 0, None, True),
        (SinkState.BEHIND, 1, None, True),
        (SinkState.BEHIND, 0, NOW, False),
        (SinkState.WAITING, None, NOW, True),
        (SinkState.AWAY, None, NOW, True),
        (SinkState.SILENT, None, None, False),
        (SinkState.REFUSED, None, NOW, False),
        (SinkState.EMPTY, None, NOW, False),
        (SinkState.WRONG, 3, NOW, False),
    ],
)
def test_a_copy_counts_if_it_has_snapshots_or_had_them_when_it_was_seen(
    state: SinkState, snapshots: int | None, synced: object, counted: bool
) -> None:
    assert counts(a_place("disk", state, snapshots=snapshots, synced=synced)) is counted
