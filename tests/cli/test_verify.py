"""What a verification found, told once."""

from __future__ import annotations

import msgspec

from cli.support import in_words
from tgvault.cli.verify import _in_words
from tgvault.engine.verifying import Level, Problem, VerifyReport

WELL = VerifyReport(
    level=Level.INDEX,
    snapshots=2,
    objects=12,
    bytes=3_400_000,
    packs=0,
    packs_total=3,
    blobs=0,
    leftover=1,
    duration=0.5,
    problems=[],
)


def test_a_good_vault_is_four_lines() -> None:
    out, err = in_words(_in_words, WELL)

    assert err == ""
    assert out.splitlines() == [
        "objects    12, 3.40 MB",
        "snapshots  2",
        "left over  1 pack of a run that was killed, harmless",
        "problems   none",
        "took       0.5 s",
    ]


def test_a_damaged_object_is_told_once_with_all_that_needs_it_and_one_way_out() -> None:
    message = "`packs/ab/1.age` does not match its name"
    problems = [
        Problem("packs/ab/1.age", "CorruptObjectError", message, "restore it"),
        Problem("the list of chats", "CorruptObjectError", message, "restore it"),
        Problem("snapshots", "HiddenSnapshotError", "snapshot `12` is gone", None),
    ]

    out, err = in_words(_in_words, msgspec.structs.replace(WELL, problems=problems))

    assert "problems   2\n" in out
    assert err.splitlines() == [
        f"problem: {message}",
        "  met in: the list of chats",
        "problem: snapshot `12` is gone",
        "  met in: snapshots",
        "",
        "hint: restore it",
    ]
