"""`tgvault status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.reading import open_to_read
from tgvault.cli.safe import safe_line
from tgvault.cli.text import ago, count, local_time, size
from tgvault.engine.status import ArchiveStatus, Status, Verified
from tgvault.engine.status import status as status_of

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def status(context: typer.Context) -> None:
    """Tell how the vault stands: archives, size, keys, and when it was verified"""
    invocation: Invocation = context.obj
    with open_to_read(invocation) as work:
        said = status_of(work.vault, work.snapshots(), now=datetime.now(UTC))
    invocation.output.show(said, _in_words)


def _in_words(said: Status, output: Output) -> None:
    output.line(f"vault        {said.vault}")
    output.line(f"fingerprint  {said.fingerprint}")
    for archive in said.archives:
        for line in _archive(archive):
            output.line(line)
    if not said.archives:
        output.line("archives     none yet")
    output.line(f"objects      {said.objects:,}, {size(said.bytes)}; {count(said.packs, 'pack')}")
    if said.leftover.packs:
        left = f"{count(said.leftover.packs, 'pack')}, {size(said.leftover.bytes)}"
        output.line(f"left over    {left} of runs that did not end; {said.leftover.usable:,} will be used")
    output.line(f"verified     {_verified(said.verified)}")
    output.line(f"opened by    {', '.join(f'{slot.name} ({slot.kind.value})' for slot in said.slots)}")


def _archive(said: ArchiveStatus) -> Iterator[str]:
    newest = said.newest
    yield f"archive      {safe_line(said.name)}: {count(said.snapshots, 'snapshot')}"
    yield f"  newest     {newest.id}, {local_time(newest.time)}{ago(said.age)}"
    yield f"  holds      {count(newest.chats, 'chat')}, {count(newest.messages, 'message')}"
    yield f"  seen       {local_time(newest.source.observed_at)}{ago(said.observed_age)}"


def _verified(said: Verified) -> str:
    if said.oldest is None:
        return "never; `tgvault verify` reads everything"
    return f"{said.share:.0%} of the packs, the longest ago {local_time(said.oldest)}"
