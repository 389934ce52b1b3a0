"""`tgvault import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.copying import sync_after
from tgvault.cli.findings import leave_with
from tgvault.cli.invocation import Invocation
from tgvault.cli.parameters import JobsOption, TagOption, checked_tags
from tgvault.cli.running import resumable, run_plan
from tgvault.cli.summary import show_report
from tgvault.cli.unlocking import open_work
from tgvault.engine.running import plan_import

__all__ = ["app"]

app = new_app()


@app.command("import", cls=VaultCommand)
def import_(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder, a `result.json`, an HTML page or a zip")],
    jobs: JobsOption = None,
    tag: TagOption = None,
) -> None:
    """Import one export, in any form that is recognised

    Importing the next one stores what changed. What the export misses and an earlier one had stays in the archive.
    """
    invocation: Invocation = context.obj
    tags = checked_tags(tag)
    with open_work(invocation) as work:
        with resumable(invocation.output):
            plan = plan_import(work.host, invocation.folder / path, archive=work.chosen_archive)
            outcome = run_plan(work, plan, invocation, jobs=jobs, tags=tags)
        invocation.output.show(outcome.report, show_report)
        sync_after(work, invocation)
    if outcome.ended is not None:
        raise outcome.ended
    leave_with(outcome.report.losses)
