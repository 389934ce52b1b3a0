"""`tgvault report`."""

from __future__ import annotations

import msgspec
import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.parameters import SnapshotArgument
from tgvault.cli.reading import open_to_read
from tgvault.cli.summary import show_report
from tgvault.engine.snapshot_info import report_of
from tgvault.engine.snapshots import LATEST

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def report(context: typer.Context, snapshot: SnapshotArgument = LATEST) -> None:
    """Tell what the run that made a snapshot did, and what it found

    `--verbose` lists everything that was lost or new to tgvault.
    """
    invocation: Invocation = context.obj
    with open_to_read(invocation) as work:
        found = work.snapshot(snapshot)
        # A manifest cannot hold its own name.
        said = msgspec.structs.replace(report_of(found), snapshot=found.id)
    invocation.output.show(said, show_report)
