"""`tgvault prune`."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.copying import sync_after
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import read_share
from tgvault.cli.text import count, duration, size
from tgvault.cli.unlocking import open_work
from tgvault.retention.duration import seconds_of
from tgvault.retention.prune_report import PruneOptions, PruneReport
from tgvault.retention.pruning import prune

__all__ = ["app"]

app = new_app()


@app.command("prune", cls=VaultCommand)
def prune_(
    context: typer.Context,
    grace: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="Leave what was forgotten since, so that it can be taken back; `0` nothing"),
    ] = None,
    max_unused: Annotated[
        str | None, typer.Option(metavar="SHARE", help="How much of the vault may be content that nothing needs")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Tell what would be deleted, and write nothing")] = False,
) -> None:
    """Delete what no snapshot needs any more

    Backups may go on meanwhile, on any machine: what one of them may rely on is deleted by a later prune.
    """
    invocation: Invocation = context.obj
    now = datetime.now(UTC)
    said = (seconds_of(grace, now) if grace is not None else None, read_share(max_unused) if max_unused else None)
    with open_work(invocation) as work:
        work.snapshots()
        rules = work.config.retention
        options = PruneOptions(
            platform.node(),
            grace=seconds_of(rules.grace, now) if said[0] is None else said[0],
            max_unused=read_share(rules.max_unused) if said[1] is None else said[1],
            dry_run=dry,
        )
        clock = partial(datetime.now, UTC)
        report = prune(work.opened, options, now=clock, progress=invocation.progress())
        invocation.output.show(report, partial(_in_words, dry=dry))
        if not dry:
            sync_after(work, invocation, grace=options.grace)


def _in_words(report: PruneReport, output: Output, *, dry: bool) -> None:
    if output.quiet:
        return
    packs = f"{count(report.packs_deleted, 'pack')}, {size(report.bytes_deleted)}"
    output.line(f"{'would go' if dry else 'deleted':9} {count(len(report.snapshots), 'snapshot')}, {packs}")
    if report.packs_rewritten:
        written = "" if dry else f", {size(report.bytes_written)}"
        output.line(f"anew      what is needed of {count(report.packs_rewritten, 'pack')}{written}")
    output.line(f"unused    {size(report.waste)} in packs of which the rest is needed")
    if report.snapshots_later:
        later = count(report.snapshots_later, "forgotten snapshot")
        output.line(f"later     {later} can be taken back: `tgvault snapshots --forgotten`")
    if report.bytes_waiting:
        hosts = ", ".join(f"`{host}`" for host in report.waiting_for) or "a machine that does not say its name"
        waiting = size(report.bytes_waiting)
        output.line(f"waiting   {waiting} for the runs on {hosts}; the next prune after them deletes it")
    output.line(f"took      {duration(report.duration)}")
