"""`tgvault snapshots`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.table import Column, Table
from tgvault.cli.text import local_time, size
from tgvault.cli.unlocking import open_work
from tgvault.engine.snapshot_info import SnapshotInfo
from tgvault.engine.snapshots import list_snapshots

__all__ = ["SnapshotList", "app"]

app = new_app()

_COLUMNS = (
    Column("snapshot"),
    Column("archive"),
    Column("time"),
    Column("chats", right=True),
    Column("messages", right=True),
    Column("new", right=True),
    Column("edited", right=True),
    Column("gone", right=True),
    Column("stored", right=True),
    Column("losses", right=True),
)


class SnapshotList(msgspec.Struct, frozen=True):
    """The vault's snapshots."""

    snapshots: Annotated[list[SnapshotInfo], Meta(description="Oldest first in each archive.")]


@app.command(cls=VaultCommand)
def snapshots(context: typer.Context) -> None:
    """List the snapshots: what can be restored

    With `--archive` only those of one archive. `tgvault report SNAPSHOT` tells more about one.
    """
    invocation: Invocation = context.obj
    with open_work(invocation) as work:
        listed = list_snapshots(work.snapshots(), archive=work.archive)
    invocation.output.show(SnapshotList(listed), _in_words)


def _in_words(said: SnapshotList, output: Output) -> None:
    if not said.snapshots:
        output.note("The vault has no snapshots yet; `tgvault import PATH` makes the first one.")
        return
    output.table(Table(_COLUMNS, [_row(each) for each in said.snapshots]))


def _row(each: SnapshotInfo) -> tuple[str, ...]:
    run = each.run
    numbers = (each.chats, each.messages, run.new, run.edited, run.gone)
    return (
        each.id,
        each.archive,
        local_time(each.time),
        *(f"{number:,}" for number in numbers),
        size(run.bytes_stored),
        f"{run.losses:,}",
    )
