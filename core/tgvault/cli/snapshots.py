"""`tgvault snapshots`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import checked_tags
from tgvault.cli.reading import open_to_read
from tgvault.cli.table import Column, Table
from tgvault.cli.text import local_time, size
from tgvault.engine.snapshot_info import SnapshotInfo
from tgvault.engine.snapshots import list_snapshots

__all__ = ["SnapshotList", "app"]

app = new_app()

_COLUMNS = (
    Column("snapshot", whole=True),
    Column("time"),
    Column("messages", right=True, spare=1),
    Column("new", right=True, spare=4),
    Column("edited", right=True, spare=5),
    Column("gone", right=True, spare=3),
    Column("stored", right=True, spare=6),
)


class SnapshotList(msgspec.Struct, frozen=True):
    """The vault's snapshots."""

    snapshots: Annotated[list[SnapshotInfo], Meta(description="Oldest first in each archive.")]


@app.command(cls=VaultCommand)
def snapshots(
    context: typer.Context,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Only those with this tag; repeat it for more tags")
    ] = None,
    forgotten: Annotated[
        bool, typer.Option("--forgotten", help="Those that are forgotten and can still be taken back")
    ] = False,
) -> None:
    """List the snapshots: what can be restored

    With `--archive` only those of one archive. `tgvault report SNAPSHOT` tells more about one.
    """
    invocation: Invocation = context.obj
    tags = checked_tags(tag)
    with open_to_read(invocation) as work:
        here = work.snapshots()
        chosen = work.vault.forgotten if forgotten else here
        listed = list_snapshots(chosen, archive=work.archive if chosen else None, tags=tags)
    if tags and not listed and not invocation.output.json:
        invocation.output.note(f"No snapshot has the tag{'s' if tags[1:] else ''} {', '.join(tags)}.")
        return
    if forgotten and not listed and not invocation.output.json:
        invocation.output.note("No snapshot is forgotten that could be taken back.")
        return
    invocation.output.show(SnapshotList(listed), _in_words)


def _in_words(said: SnapshotList, output: Output) -> None:
    if not said.snapshots:
        output.note("The vault has no snapshots yet; `tgvault import PATH` makes the first one.")
        return
    # Most vaults have one archive and lose nothing, and 80 columns are not many.
    several = len({each.archive for each in said.snapshots}) > 1
    lossy = any(each.run.losses for each in said.snapshots)
    columns = [*_COLUMNS, *([Column("losses", right=True, spare=2)] if lossy else [])]
    columns[1:1] = [Column("archive", wraps=True)] if several else []
    tagged = any(each.tags for each in said.snapshots)
    columns += [Column("tags", wraps=True)] if tagged else []
    rows = [list(_row(each, several=several, lossy=lossy, tagged=tagged)) for each in said.snapshots]
    output.table(Table(columns, rows))


def _row(each: SnapshotInfo, *, several: bool, lossy: bool, tagged: bool) -> Iterator[str]:
    run = each.run
    yield each.id
    if several:
        yield each.archive
    yield local_time(each.time)
    yield from (f"{number:,}" for number in (each.messages, run.new, run.edited, run.gone))
    yield size(run.bytes_stored)
    if lossy:
        yield f"{run.losses:,}"
    if tagged:
        yield ", ".join(each.tags)
