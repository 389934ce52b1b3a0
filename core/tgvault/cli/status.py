"""`tgvault status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.reading import open_to_stand
from tgvault.cli.safe import safe_line
from tgvault.cli.text import ago, count, local_time, size
from tgvault.config.config import PRIMARY
from tgvault.engine.status import ArchiveStatus
from tgvault.engine.verified import Verified
from tgvault.errors import EXIT_DUE
from tgvault.standing.due import ConfiguredSource
from tgvault.standing.sinks import SinkState, SinkStatus
from tgvault.standing.standing import Standing, look_at_standing

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def status(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="End with exit code 7 if something is due or 3-2-1 is not met")
    ] = False,
) -> None:
    """Tell how the vault stands: archives, copies, 3-2-1, and what is due

    All copies are asked at once; one that is away or does not answer is told as such, and keeps nothing waiting.
    """
    invocation: Invocation = context.obj
    with open_to_stand(invocation) as (work, reading):
        work.snapshots()
        said = look_at_standing(
            reading, work.config, host=work.host, environment=invocation.environment, now=datetime.now(UTC)
        )
    invocation.output.show(said, _in_words)
    if check and not said.is_well:
        raise typer.Exit(EXIT_DUE)


def _in_words(said: Standing, output: Output) -> None:
    for line in _lines(said):
        output.line(line)


def _lines(said: Standing) -> Iterator[str]:
    yield f"vault        {said.vault}"
    yield f"fingerprint  {said.fingerprint}"
    for archive in said.archives:
        yield from _archive(archive)
    if not said.archives:
        yield "archives     none yet"
    for source in said.configured:
        yield _source(source)
    yield f"objects      {said.objects:,}, {size(said.bytes)}; {count(said.packs, 'pack')}"
    if said.leftover.packs:
        left = f"{count(said.leftover.packs, 'pack')}, {size(said.leftover.bytes)}"
        yield f"left over    {left} of runs that did not end; {said.leftover.usable:,} will be used"
    for sink in said.sinks:
        yield from _sink(sink, said.period)
    yield f"opened by    {', '.join(f'{slot.name} ({slot.kind.value})' for slot in said.slots)}"
    yield from _rule(said)
    yield from _due(said)


def _source(said: ConfiguredSource) -> str:
    wanted = f"; every {said.every}" if said.every is not None else ""
    last = f"{local_time(said.last)}{ago(said.age or 0.0)}" if said.last is not None else "never backed up"
    return f"source       {safe_line(said.name)}: {last}{wanted}"


def _sink(said: SinkStatus, period: str) -> Iterator[str]:
    label = "primary" if said.name == PRIMARY else "copy"
    name = "" if said.name == PRIMARY else f"{said.name}, "
    medium = f" on {said.medium}" if said.medium not in (None, said.type) else ""
    offsite = ", offsite" if said.offsite else ""
    yield f"{label:<11}  {name}{said.type}{medium}{offsite}: {_state(said)}"
    if said.synced is not None and said.name != PRIMARY:
        yield f"  synced     {local_time(said.synced)}{_since(said.synced)}"
    yield f"  verified   {_verified(said.verified, period)}"


def _state(said: SinkStatus) -> str:
    match said.state:
        case SinkState.WHOLE:
            return f"{count(said.snapshots or 0, 'snapshot')}, all there" if said.snapshots else "no snapshot yet"
        case SinkState.BEHIND if said.newest_time is not None:
            newest = f"the newest there {said.newest}, {local_time(said.newest_time)}{_since(said.newest_time)}"
            return f"lacks {said.missing:,} of {count(_all(said), 'snapshot')}; {newest}"
        case SinkState.BEHIND:
            return f"lacks all {count(_all(said), 'snapshot')}"
        case _:
            return f"{said.state}: {said.problem}"


def _all(said: SinkStatus) -> int:
    return (said.snapshots or 0) + (said.missing or 0)


def _rule(said: Standing) -> Iterator[str]:
    if said.rule.met:
        yield f"3-2-1        met: {', '.join(said.rule.copies)}; offsite {', '.join(said.rule.offsite)}"
        return
    yield "3-2-1        not met"
    for line in said.rule.lacking:
        yield f"  lacking    {line}"


def _due(said: Standing) -> Iterator[str]:
    if not said.due:
        yield "due          nothing"
    for each in said.due:
        yield f"due          {safe_line(each.message)}" + (f"; {safe_line(each.hint)}" if each.hint else "")


def _since(time: datetime) -> str:
    return ago((datetime.now(UTC) - time).total_seconds())


def _archive(said: ArchiveStatus) -> Iterator[str]:
    newest = said.newest
    yield f"archive      {safe_line(said.name)}: {count(said.snapshots, 'snapshot')}"
    yield f"  newest     {newest.id}, {local_time(newest.time)}{ago(said.age)}"
    yield f"  holds      {count(newest.chats, 'chat')}, {count(newest.messages, 'message')}"
    yield f"  seen       {local_time(newest.source.observed_at)}{ago(said.observed_age)}"


def _verified(said: Verified, period: str) -> str:
    damaged = f"; {count(said.damaged, 'pack')} found damaged" if said.damaged else ""
    if said.oldest is None:
        return f"never{damaged}"
    ever = f", {said.share:.0%} ever" if said.share > said.recent else ""
    longest = f"the longest ago {local_time(said.oldest)}{_since(said.oldest)}"
    return f"{said.recent:.0%} within {period}{ever}; {longest}{damaged}"
