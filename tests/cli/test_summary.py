"""What is told at the end of a backup."""

from __future__ import annotations

import io

from tgvault.cli.findings import show_findings
from tgvault.cli.output import Output
from tgvault.cli.summary import show_report
from tgvault.engine.report import BackupReport, MediaNumbers, MessageNumbers
from tgvault.model.findings import Finding, FindingKind

LOSS = Finding(FindingKind.MISSING_FILE, "chats/chat_1/photos/a\x1b.jpg", "the source names it and does not have it")
NOTE = Finding(FindingKind.UNKNOWN_FIELD, "message.sparkle", count=1200)


def report(**changes: object) -> BackupReport:
    usual: dict[str, object] = {
        "snapshot": "0123abcd",
        "archive": "main",
        "sequence": 3,
        "unchanged": False,
        "chats": 42,
        "chats_new": 2,
        "messages": MessageNumbers(total=660_000, seen=650_000, new=120, edited=3, updated=1, gone=1, back=1),
        "media": MediaNumbers(files=3_000, new=12, filled=4, missing={"not included": 2, "too big": 1}),
        "documents": 5,
        "bytes_read": 1_200_000_000,
        "bytes_stored": 20_000_000,
        "duration": 8.2,
        "findings": [],
    }
    return BackupReport(**(usual | changes))  # type: ignore[arg-type]


def told(*findings: Finding, quiet: bool = False, verbose: bool = False, json: bool = False) -> str:
    err = io.StringIO()
    show_findings(findings, Output(io.StringIO(), err, quiet=quiet, verbose=verbose, json=json))
    return err.getvalue()


def test_the_summary_says_what_came_in_and_what_changed() -> None:
    out = io.StringIO()

    show_report(report(), Output(out, io.StringIO()))

    assert out.getvalue().splitlines() == [
        "snapshot  0123abcd, number 3 of archive main",
        "chats     42; 2 new",
        "messages  660,000; 120 new, 3 edited, 1 updated otherwise, 1 gone, 1 back again",
        "media     3,000 files; 12 new, 4 filled in, 3 missing (not included 2, too big 1)",
        "bytes     1.20 GB read, 20.0 MB stored",
        "took      8.2 s",
    ]


def test_an_unchanged_source_is_told_in_few_words() -> None:
    out = io.StringIO()
    same = report(unchanged=True, chats_new=0, messages=MessageNumbers(total=5), media=MediaNumbers(files=1))

    show_report(same, Output(out, io.StringIO()))

    assert out.getvalue().splitlines()[1:5] == [
        "source    unchanged since the last run",
        "chats     42",
        "messages  5",
        "media     1 file",
    ]


def test_quiet_leaves_the_losses() -> None:
    out, err = io.StringIO(), io.StringIO()

    show_report(report(findings=[LOSS, NOTE]), Output(out, err, quiet=True))

    assert out.getvalue() == ""
    assert "missing file" in err.getvalue()
    assert "sparkle" not in err.getvalue()


def test_losses_come_first_and_are_made_safe() -> None:
    lines = told(LOSS, NOTE).splitlines()

    assert lines == [
        "",
        "not in the result: 1 thing",
        r"  missing file: chats/chat_1/photos/a\x1b.jpg: the source names it and does not have it",
        "",
        "worth knowing:",
        "  unknown field: message.sparkle (×1,200)",
    ]


def test_long_lists_are_cut_unless_all_is_asked_for() -> None:
    many = [Finding(FindingKind.NOTE, f"n{number}") for number in range(25)]

    assert told(*many).splitlines()[-1] == "  … and 15 lines more; `--verbose` shows all"
    assert len(told(*many, verbose=True).splitlines()) == 27


def test_json_has_them_in_its_document_and_nowhere_else() -> None:
    text = told(LOSS, NOTE, json=True)

    assert text == ""
