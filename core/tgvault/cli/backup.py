"""`tgvault backup`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.copying import sync_after
from tgvault.cli.dry_run import DryRun, DryRuns, estimate_plan, show_dry_runs
from tgvault.cli.failure import show_error
from tgvault.cli.findings import leave_with
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import JobsOption, TagOption, checked_tags
from tgvault.cli.running import resumable, run_plan
from tgvault.cli.summary import show_report
from tgvault.cli.unlocking import Work, open_work
from tgvault.config.config import Config, SourceTable
from tgvault.engine.report import BackupReport
from tgvault.engine.running import plan_source
from tgvault.errors import ConfigError, SourceError, TgVaultError

__all__ = ["BackupRun", "BackupRuns", "app"]

app = new_app()


class BackupRun(msgspec.Struct, frozen=True):
    """The backup of one source."""

    source: Annotated[str, Meta(description="The source's name in `vault.toml`.")]
    report: Annotated[BackupReport | None, Meta(description="The record of the run, or null where nothing was kept.")]
    error: Annotated[str | None, Meta(description="Why it failed or ended early, or null.")] = None


class BackupRuns(msgspec.Struct, frozen=True):
    """The backups of one run of the command."""

    runs: Annotated[list[BackupRun], Meta(description="One for each source, in the order of `vault.toml`.")]


@app.command(cls=VaultCommand)
def backup(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Names of sources in `vault.toml`; all if none is given"),
    ] = None,
    jobs: JobsOption = None,
    tag: TagOption = None,
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be read, and how much it is, and write nothing")
    ] = False,
) -> None:
    """Back up the sources that `vault.toml` names

    A source that cannot be read does not keep the others from being backed up.
    """
    invocation: Invocation = context.obj
    tags = checked_tags(tag)
    if dry:
        _only_tell(invocation, sources or [])
        return
    runs: list[BackupRun] = []
    failures: dict[str, TgVaultError] = {}
    with open_work(invocation) as work:
        with resumable(invocation.output):
            for table in _chosen(work.config, sources or []):
                run, failure = _back_up(work, table, invocation, jobs, tags)
                runs.append(run)
                if failure is not None:
                    failures[table.name] = failure
        invocation.output.show(BackupRuns(runs), _in_words)
        if any(run.report is not None for run in runs):
            sync_after(work, invocation)
    _leave_with_failures(failures, invocation, of=len(runs))
    leave_with(sum(run.report.losses for run in runs if run.report is not None))


def _only_tell(invocation: Invocation, names: Sequence[str]) -> None:
    runs: list[DryRun] = []
    failures: dict[str, TgVaultError] = {}
    with open_work(invocation) as work:
        for table in _chosen(work.config, names):
            try:
                plan = plan_source(work.host, table, archive=work.archive)
                runs.append(DryRun(table.name, estimate_plan(work, plan, invocation)))
            except SourceError as error:
                runs.append(DryRun(table.name, None, str(error)))
                failures[table.name] = error
    invocation.output.show(DryRuns(runs), show_dry_runs)
    _leave_with_failures(failures, invocation, of=len(runs))


def _leave_with_failures(failures: Mapping[str, TgVaultError], invocation: Invocation, *, of: int) -> None:
    """Show the failures by source, and end with the exit code of the first; `of` is how many sources there were."""
    for name, failure in failures.items():
        about = f"source `{name}`" if of > 1 else ""
        show_error(failure, invocation.stderr, verbose=invocation.output.verbose, about=about)
    for failure in failures.values():
        raise typer.Exit(failure.exit_code)


def _back_up(
    work: Work, table: SourceTable, invocation: Invocation, jobs: int | None, tags: tuple[str, ...]
) -> tuple[BackupRun, TgVaultError | None]:
    try:
        plan = plan_source(work.host, table, archive=work.archive)
        outcome = run_plan(work, plan, invocation, jobs=jobs, tags=tags)
    except SourceError as error:
        return BackupRun(table.name, None, str(error)), error
    ended = outcome.ended
    return BackupRun(table.name, outcome.report, str(ended) if ended is not None else None), ended


def _chosen(config: Config, names: Sequence[str]) -> Sequence[SourceTable]:
    if not config.sources:
        raise ConfigError(
            f"there is no source in `{config.file}`",
            hint="add a table `[sources.NAME]`, or import one export with `tgvault import PATH`",
        )
    # All names are looked up before anything is backed up: a typing mistake is told at once.
    return [config.source(name) for name in dict.fromkeys(names)] or list(config.sources.values())


def _in_words(said: BackupRuns, output: Output) -> None:
    for run in said.runs:
        if len(said.runs) > 1 and not output.quiet:
            state = "" if run.error is None else ": ended early" if run.report else ": failed"
            output.line(f"source    {run.source}{state}")
        if run.report is not None:
            show_report(run.report, output, about=f"source {run.source}" if len(said.runs) > 1 else "")
