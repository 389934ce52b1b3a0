"""`tgvault restore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.dates import end, period
from tgvault.cli.findings import leave_with, show_findings
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import JobsOption, SinceOption, UntilOption
from tgvault.cli.reading import open_to_read
from tgvault.cli.text import count, duration, size
from tgvault.cli.unlocking import Work
from tgvault.engine.browsing import open_snapshot
from tgvault.engine.chat_names import find_chat
from tgvault.engine.restoring import RestoreOptions, RestoreReport
from tgvault.engine.restoring import restore as restore_snapshot
from tgvault.engine.selecting import Selection
from tgvault.engine.snapshot_info import report_of
from tgvault.engine.snapshots import LATEST, as_of
from tgvault.errors import UsageError
from tgvault.model.records import ChatKey
from tgvault.vault.opened import Snapshot

__all__ = ["app"]

app = new_app()

ToOption = Annotated[Path, typer.Option("--to", metavar="DIR", help="A new or empty folder")]
WhichArgument = Annotated[
    str | None, typer.Argument(metavar="SNAPSHOT", help="An id, its first digits, `latest` or `latest~2`")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The newest snapshot made by then, in place of SNAPSHOT")
]
ExactOption = Annotated[
    bool | None, typer.Option("--exact", help="What the source said in that run, as it said it, and nothing else")
]
ChatOption = Annotated[
    list[str] | None, typer.Option("--chat", metavar="CHAT", help="A title, an id or `@name`; may be repeated")
]
MessageOption = Annotated[
    list[int] | None, typer.Option("--message", metavar="ID", help="A message of that chat; may be repeated")
]
MediaOption = Annotated[bool | None, typer.Option("--media-only", help="Photos, videos and files alone")]


@app.command(cls=VaultCommand)
def restore(
    context: typer.Context,
    to: ToOption,
    snapshot: WhichArgument = None,
    as_of_date: AsOfOption = None,
    exact: ExactOption = None,
    chat: ChatOption = None,
    message: MessageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    media_only: MediaOption = None,
    jobs: JobsOption = None,
) -> None:
    """Write a snapshot into a folder, as an export of Telegram Desktop

    Everything that the archive holds comes back; messages that are gone from Telegram, and earlier texts, stand in a
    key of our own. Nothing is written that was not verified. The exit code is 3 if something of the snapshot could not
    be restored; what its source lacked already is told and changes no exit code.
    """
    invocation: Invocation = context.obj
    with open_to_read(invocation) as work:
        found = _snapshot(work, snapshot, as_of_date)
        first, last = period(since, until)
        selection = Selection(_chats(work, found, chat or []), frozenset(message or ()), first, last)
        options = RestoreOptions(invocation.folder / to, bool(exact), bool(media_only), selection)
        report = _carry_out(work, found, options, invocation, jobs)
        newer = _newer_unread(work, found) if snapshot is None or snapshot.startswith(LATEST) else []
    invocation.output.show(report, _in_words)
    _tell_losses_of_run(found, invocation.output)
    for name in newer:
        invocation.output.warn(
            f"\n`{name}` is newer than snapshot {found.id} and cannot be read: this may not be the newest version"
        )
    leave_with(report.losses + len(newer))


def _carry_out(
    work: Work, found: Snapshot, options: RestoreOptions, invocation: Invocation, jobs: int | None
) -> RestoreReport:
    return restore_snapshot(
        work.opened,
        found,
        options,
        jobs=work.config.workers.jobs if jobs is None else jobs,
        now=lambda: datetime.now(UTC),
        progress=invocation.progress(),
    )


def _newer_unread(work: Work, found: Snapshot) -> list[str]:
    """Name the snapshots behind one that are cut off: perhaps a killed writer's, perhaps the newest of all."""
    return sorted(name for name in work.vault.unread if name > found.name)


def _chats(work: Work, found: Snapshot, names: Sequence[str]) -> frozenset[ChatKey]:
    reader = open_snapshot(work.vault, found)
    return frozenset(find_chat(reader, name).key for name in names)


def _tell_losses_of_run(found: Snapshot, output: Output) -> None:
    """Say that the source lacked something already: no loss of this command, but not to be had from it either."""
    if losses := report_of(found).losses:
        lost = f"the run that made snapshot {found.id} had {count(losses, 'loss', 'losses')}"
        output.warn(f"\n{lost}; `tgvault report {found.id}` lists what its source lacked")


def _snapshot(work: Work, name: str | None, date: str | None) -> Snapshot:
    if name is None and date is None:
        raise UsageError("say what to restore", hint="give a snapshot, such as `latest`, or `--as-of DATE`")
    if name is not None and date is not None:
        raise UsageError(f"`{name}` and `--as-of` both say what to restore", hint="leave out one of them")
    if name is not None:
        return work.snapshot(name)
    assert date is not None
    snapshots = work.snapshots()
    work.vault.require_manifests()
    return as_of(snapshots, end(date), archive=work.chosen_archive)


def _in_words(report: RestoreReport, output: Output) -> None:
    if not output.quiet:
        gone = f", {report.gone:,} of them gone from Telegram" if report.gone else ""
        output.line(f"snapshot  {report.snapshot}")
        output.line(f"chats     {report.chats:,}")
        output.line(f"messages  {report.messages:,}{gone}")
        output.line(f"media     {count(report.files, 'file')}, {size(report.bytes)}")
        output.line(f"folder    {report.target}")
        output.line(f"took      {duration(report.duration)}")
    show_findings(report.findings, output)
