"""Showing what a backup would do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.safe import safe_line
from tgvault.cli.table import Column, Table
from tgvault.cli.text import count, duration, size
from tgvault.cli.unlocking import Work
from tgvault.contracts.source import Estimate
from tgvault.engine.dry_run import dry_run
from tgvault.engine.running import BackupPlan

__all__ = ["DryRun", "DryRuns", "estimate_plan", "show_dry_runs"]

_COLUMNS = (
    Column("chat", wraps=True),
    Column("type", spare=1),
    Column("messages", right=True),
    Column("files", right=True),
    Column("size", right=True),
)


class DryRun(msgspec.Struct, frozen=True):
    """What the backup of one source would do."""

    source: Annotated[str, Meta(description="The source's name in `vault.toml`.")]
    estimate: Annotated[Estimate | None, Meta(description="What would be read, or null where nobody can tell.")]
    error: Annotated[str | None, Meta(description="Why nobody can tell, or null.")] = None


class DryRuns(msgspec.Struct, frozen=True):
    """What a run of the command would do; nothing was written."""

    runs: Annotated[list[DryRun], Meta(description="One for each source, in the order of `vault.toml`.")]


def estimate_plan(work: Work, plan: BackupPlan, invocation: Invocation) -> Estimate:
    """Tell what a plan would do; raises as `dry_run` does."""
    now = partial(datetime.now, UTC)
    return dry_run(work.opened, plan, accept_missing=work.accept_missing, now=now, progress=invocation.progress())


def show_dry_runs(said: DryRuns, output: Output) -> None:
    """Show a table of chats for each source, and what it comes to."""
    for run in said.runs:
        if len(said.runs) > 1:
            output.line(f"source    {run.source}" + ("" if run.estimate else ": nobody can tell"))
        if run.estimate is not None:
            _show(run.estimate, output)


def _show(estimate: Estimate, output: Output) -> None:
    told = [each for each in estimate.chats if each.messages or each.files]
    if told:
        rows = [
            [each.title, each.type, f"{each.messages:,}", f"{each.files:,}", size(each.bytes)]
            for each in sorted(told, key=lambda each: -each.bytes)
        ]
        output.table(Table(_COLUMNS, rows))
    for line in _summary(estimate):
        output.line(line)


def _summary(estimate: Estimate) -> Iterator[str]:
    messages, files, total = (
        sum(getattr(each, name) for each in estimate.chats) for name in ("messages", "files", "bytes")
    )
    about = "" if estimate.exact else "about "
    yield f"in all    {count(len(estimate.chats), 'chat')}, {count(messages, 'message')}, {about}{count(files, 'file')}"
    yield f"bytes     {about}{size(total)}"
    if estimate.disk:
        free = f", {size(estimate.free)} free" if estimate.free is not None else ""
        yield f"disk      {about}{size(estimate.disk)} on this machine while it runs{free}"
    if estimate.seconds is not None:
        yield f"time      about {duration(estimate.seconds)}"
    for note in estimate.notes:
        yield f"note      {safe_line(note)}"
