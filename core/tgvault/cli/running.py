"""Running a backup for the verbs that do, and telling how it went."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer

from tgvault.cli.findings import show_findings
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.summary import show_summary
from tgvault.cli.unlocking import Work
from tgvault.engine.report import BackupReport
from tgvault.engine.running import BackupPlan, back_up
from tgvault.errors import EXIT_WITH_LOSSES

__all__ = ["leave_with", "resumable", "run_plan", "show_report"]


def run_plan(work: Work, plan: BackupPlan, invocation: Invocation, *, jobs: int | None) -> BackupReport:
    """Carry out a plan with the configuration's policy; raises as `back_up` does."""
    return back_up(
        work.opened,
        plan,
        policy=work.config.vault.policy,
        host=work.host,
        machine=platform.node(),
        jobs=work.config.workers.jobs if jobs is None else jobs,
        now=lambda: datetime.now(UTC),
        progress=invocation.progress(),
        accept_missing=work.accept_missing,
    )


def show_report(report: BackupReport, output: Output) -> None:
    """Write the summary, unless told to be quiet, and what was found."""
    if not output.quiet:
        show_summary(report, output)
    show_findings(report.findings, output)


@contextmanager
def resumable(output: Output) -> Iterator[None]:
    """Say, when the run is stopped, that it is no loss."""
    try:
        yield
    except KeyboardInterrupt:
        output.note("\nWhat was packed until now stays in the vault; run the command again to go on from there.")
        raise


def leave_with(losses: int) -> None:
    """End the run with the exit code for losses, if there were any."""
    if losses:
        raise typer.Exit(EXIT_WITH_LOSSES)
