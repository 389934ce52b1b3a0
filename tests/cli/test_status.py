"""How a vault's standing is told."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from cli.support import a_snapshot, in_words
from tgvault.cli.status import _in_words
from tgvault.engine.status import ArchiveStatus, Leftover, SlotStatus, Status, Verified
from tgvault.vault.slots import SlotKind

pytestmark = pytest.mark.usefixtures("berlin")

NOON = datetime(2024, 3, 1, 11, tzinfo=UTC)

EMPTY = Status(
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
    verified=Verified(packs=0, bytes=0, share=0.0, newest=None, oldest=None),
    slots=[SlotStatus(name="device", kind=SlotKind.AGE)],
    problems=[],
)


def test_a_new_vault_has_little_to_tell() -> None:
    out, _ = in_words(_in_words, EMPTY)

    assert out.splitlines() == [
        f"vault        {'ab' * 16}",
        "fingerprint  AAAA-BBBB-CCCC-DDDD",
        "archives     none yet",
        "objects      3, 1.50 kB; 0 packs",
        "verified     never; `tgvault verify` reads everything",
        "opened by    device (age)",
    ]


def test_archives_left_over_packs_and_verification_are_told() -> None:
    archive = ArchiveStatus(name="main", snapshots=2, newest=a_snapshot(), age=3_900.0, observed_age=-5.0)
    said = msgspec.structs.replace(
        EMPTY,
        archives=[archive],
        leftover=Leftover(packs=2, bytes=32_000_000, usable=1),
        verified=Verified(packs=1, bytes=1, share=0.256, newest=NOON, oldest=NOON),
    )

    out, _ = in_words(_in_words, said)

    assert out.splitlines()[2:] == [
        "archive      main: 2 snapshots",
        "  newest     0123abcd, 2024-03-01 12:00:00 +01:00, 1 h 05 min ago",
        "  holds      1 chat, 2,000 messages",
        "  seen       2024-03-01 12:00:00 +01:00",
        "objects      3, 1.50 kB; 0 packs",
        "left over    2 packs, 32.0 MB of runs that did not end; 1 will be used",
        "verified     26% of the packs, the longest ago 2024-03-01 12:00:00 +01:00",
        "opened by    device (age)",
    ]
