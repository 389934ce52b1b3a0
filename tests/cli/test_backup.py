"""Backups that end early, and what a backup would do, in words."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
import typer

from cli.support import in_words
from tgvault.cli.backup import BackupRun, BackupRuns, _in_words, _leave_with_failures
from tgvault.cli.dry_run import DryRun, DryRuns, show_dry_runs
from tgvault.cli.invocation import Invocation
from tgvault.contracts.source import ChatEstimate, Estimate
from tgvault.engine.report import BackupReport, MediaNumbers, MessageNumbers
from tgvault.errors import SourceUnavailableError
from tgvault.model.findings import Finding, FindingKind

OF_SEVERAL = [("not in the result of", ": 1 thing"), ("worth knowing of", ":")]
REPORT = BackupReport(
    snapshot="01234567",
    archive="main",
    sequence=1,
    unchanged=False,
    chats=1,
    chats_new=1,
    messages=MessageNumbers(),
    media=MediaNumbers(),
    documents=0,
    bytes_read=0,
    bytes_stored=0,
    duration=1.0,
    findings=[],
)


def test_a_run_that_ended_early_is_told_from_one_that_failed() -> None:
    said = BackupRuns(
        [
            BackupRun("phone", REPORT, "the network is gone"),
            BackupRun("away", None, "not there"),
            BackupRun("b", REPORT),
        ]
    )

    out, _ = in_words(_in_words, said)

    assert [line for line in out.splitlines() if line.startswith("source")] == [
        "source    phone: ended early",
        "source    away: failed",
        "source    b",
    ]


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (["phone"], ["not in the result: 1 thing", "worth knowing:"]),
        (
            ["phone", "b"],
            [f"{what} source {name}{end}" for name in ("phone", "b") for what, end in OF_SEVERAL],
        ),
    ],
)
def test_what_was_found_is_told_with_the_source_where_there_are_several(runs: list[str], told: list[str]) -> None:
    findings = [Finding(FindingKind.LOST, "contacts"), Finding(FindingKind.NOTE, "chat Ben")]
    report = msgspec.structs.replace(REPORT, findings=findings)

    _, err = in_words(_in_words, BackupRuns([BackupRun(name, report) for name in runs]))

    assert [line for line in err.splitlines() if line and not line.startswith("  ")] == told


@pytest.mark.parametrize(("of", "told"), [(1, "error: gone"), (2, "error: source `phone`: gone")])
def test_a_failure_is_told_with_the_source_where_there_are_several(of: int, told: str) -> None:
    err = StringIO()
    invocation = SimpleNamespace(stderr=err, output=SimpleNamespace(verbose=False))

    with pytest.raises(typer.Exit) as caught:
        _leave_with_failures({"phone": SourceUnavailableError("gone")}, cast("Invocation", invocation), of=of)

    assert (err.getvalue(), caught.value.exit_code) == (f"{told}\n", SourceUnavailableError.exit_code)


def test_what_a_backup_would_do_is_told_with_the_largest_chat_first() -> None:
    chats = (
        ChatEstimate(title="Ben\x07", type="personal_chat", messages=1200, files=2, bytes=1_000),
        ChatEstimate(title="Club", type="private_group", messages=3, files=40, bytes=9_000_000),
        ChatEstimate(title="Nothing new", type="private_group", messages=0, files=0, bytes=0),
    )
    estimate = Estimate(chats=chats, disk=2_000_000, free=50_000_000, seconds=75.0, notes=("stickers are not counted",))

    out, _ = in_words(show_dry_runs, DryRuns([DryRun("phone", estimate)]))

    assert out.splitlines() == [
        "chat     type           messages  files     size",
        "Club     private_group         3     40  9.00 MB",
        "Ben\\x07  personal_chat     1,200      2  1.00 kB",
        "in all    3 chats, 1,203 messages, about 42 files",
        "bytes     about 9.00 MB",
        "disk      about 2.00 MB on this machine while it runs, 50.0 MB free",
        "time      about 1 min 15 s",
        "note      stickers are not counted",
    ]


def test_of_several_sources_each_is_named() -> None:
    exact = Estimate(chats=(), exact=True)

    out, _ = in_words(show_dry_runs, DryRuns([DryRun("phone", exact), DryRun("away", None, "not there")]))

    assert out.splitlines() == [
        "source    phone",
        "in all    0 chats, 0 messages, 0 files",
        "bytes     0 B",
        "source    away: nobody can tell",
    ]
