"""What a person wants to know at the end of a backup."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault.cli.findings import show_findings
from tgvault.cli.output import Output
from tgvault.cli.safe import safe_line
from tgvault.cli.text import count, duration, size
from tgvault.engine.report import BackupReport

__all__ = ["show_report"]


def show_report(report: BackupReport, output: Output, *, about: str = "") -> None:
    """Write the summary, unless told to be quiet, and what was found; `about` as in `show_findings`."""
    if not output.quiet:
        _show_summary(report, output)
    show_findings(report.findings, output, about=about)


def _show_summary(report: BackupReport, output: Output) -> None:
    output.line(f"snapshot  {report.snapshot}, number {report.sequence} of archive {safe_line(report.archive)}")
    if report.unchanged:
        output.line("source    unchanged since the last run")
    output.line(f"chats     {_joined(f'{report.chats:,}', _some(report.chats_new, 'new'))}")
    output.line(f"messages  {_joined(f'{report.messages.total:,}', *_messages(report))}")
    output.line(f"media     {_joined(count(report.media.files, 'file'), *_media(report))}")
    output.line(f"bytes     {size(report.bytes_read)} read, {size(report.bytes_stored)} stored")
    output.line(f"took      {duration(report.duration)}")


def _messages(report: BackupReport) -> Iterator[str]:
    said = report.messages
    yield _some(said.new, "new")
    yield _some(said.edited, "edited")
    yield _some(said.updated, "updated otherwise")
    yield _some(said.gone, "gone")
    yield _some(said.back, "back again")


def _media(report: BackupReport) -> Iterator[str]:
    yield _some(report.media.new, "new")
    yield _some(report.media.filled, "filled in")
    missing = report.media.missing
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in missing.items())
    yield f"{sum(missing.values()):,} missing ({reasons})" if missing else ""


def _joined(first: str, *rest: str) -> str:
    said = ", ".join(part for part in rest if part)
    return f"{first}; {said}" if said else first


def _some(number: int, what: str) -> str:
    return f"{number:,} {what}" if number else ""
