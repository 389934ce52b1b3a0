"""How a vault's standing is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cli.support import a_snapshot, in_words
from standing_support import NOTHING, a_place
from tgvault.cli.status import _in_words
from tgvault.engine.status import ArchiveStatus, Leftover, SlotStatus
from tgvault.standing.due import ConfiguredSource, Due, DueKind
from tgvault.standing.rule import Rule
from tgvault.standing.sinks import SinkState
from tgvault.standing.standing import Standing
from tgvault.vault.slots import SlotKind

pytestmark = pytest.mark.usefixtures("berlin")

NOON = datetime(2024, 3, 1, 11, tzinfo=UTC)
#: Not yet: how long ago it was is not told then, and the text does not hang on the day.
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=300)

MET = Rule(met=True, copies=["primary", "disk", "far"], media=["local", "server"], offsite=["far"], lacking=[])

EMPTY = Standing(
    vault="ab" * 16,
    fingerprint="AAAA-BBBB-CCCC-DDDD",
    archives=[],
    sources=[],
    objects=3,
    bytes=1_500,
    kinds=[],
    packs=0,
    blobs=0,
    leftover=Leftover(packs=0, bytes=0, usable=0),
    verified=NOTHING,
    slots=[SlotStatus(name="device", kind=SlotKind.AGE)],
    problems=[],
    sinks=[a_place("primary", snapshots=0)],
    configured=[],
    period="30d",
    rule=MET,
    due=[],
)


def lines(**more: object) -> list[str]:
    out, _ = in_words(_in_words, msgspec.structs.replace(EMPTY, **more))
    return out.splitlines()


def test_a_new_vault_has_little_to_tell() -> None:
    assert lines() == [
        f"vault        {'ab' * 16}",
        "fingerprint  AAAA-BBBB-CCCC-DDDD",
        "archives     none yet",
        "objects      3, 1.50 kB; 0 packs",
        "primary      local: no snapshot yet",
        "  verified   never",
        "opened by    device (age)",
        "3-2-1        met: primary, disk, far; offsite far",
        "due          nothing",
    ]


def test_archives_sources_and_left_over_packs_are_told() -> None:
    archive = ArchiveStatus(name="main", snapshots=2, newest=a_snapshot(), age=3_900.0, observed_age=-5.0)
    source = ConfiguredSource(name="phone", type="takeout", archive="main", last=NOON, age=3_900.0, every="1d")
    never = ConfiguredSource(name="old", type="takeout", archive="main", last=None, age=None, every=None)

    said = lines(archives=[archive], configured=[source, never], leftover=Leftover(packs=2, bytes=32_000_000, usable=1))

    assert said[2:9] == [
        "archive      main: 2 snapshots",
        "  newest     0123abcd, 2024-03-01 12:00:00 +01:00, 1 h 05 min ago",
        "  holds      1 chat, 2,000 messages",
        "  seen       2024-03-01 12:00:00 +01:00",
        "source       phone: 2024-03-01 12:00:00 +01:00, 1 h 05 min ago; every 1d",
        "source       old: never backed up",
        "objects      3, 1.50 kB; 0 packs",
    ]
    assert said[9] == "left over    2 packs, 32.0 MB of runs that did not end; 1 will be used"


def test_places_are_told_with_what_they_have_and_when_they_were_verified() -> None:
    verified = msgspec.structs.replace(NOTHING, share=0.256, recent=0.1, oldest=LATER, damaged=2)
    time = f"{LATER.astimezone():%Y-%m-%d %H:%M:%S} {LATER.astimezone().isoformat()[-6:]}"
    behind = a_place("disk", SinkState.BEHIND, snapshots=1, missing=2, newest="0123abcd", newest_time=LATER)

    said = lines(
        sinks=[
            a_place("primary", verified=verified),
            behind,
            a_place("new", SinkState.BEHIND, snapshots=0, missing=3, medium="tape", offsite=True),
            a_place("usb", SinkState.WAITING, synced=LATER, problem="no disk"),
        ]
    )

    assert said[4:-3] == [
        "primary      local: 2 snapshots, all there",
        f"  verified   10% within 30d, 26% ever; the longest ago {time}; 2 packs found damaged",
        f"copy         disk, local: lacks 2 of 3 snapshots; the newest there 0123abcd, {time}",
        "  verified   never",
        "copy         new, local on tape, offsite: lacks all 3 snapshots",
        "  verified   never",
        "copy         usb, local: waiting: no disk",
        f"  synced     {time}",
        "  verified   never",
    ]


def test_what_is_lacking_and_due_is_told_last() -> None:
    due = Due(kind=DueKind.SOURCE, name="phone", message="source `phone` waits", hint="run `x`", since=None)
    rule = Rule(met=False, copies=[], media=[], offsite=[], lacking=["no copy: add one"])

    assert lines(rule=rule, due=[due, msgspec.structs.replace(due, hint=None)])[-4:] == [
        "3-2-1        not met",
        "  lacking    no copy: add one",
        "due          source `phone` waits; run `x`",
        "due          source `phone` waits",
    ]
