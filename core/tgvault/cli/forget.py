"""`tgvault forget`."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import checked_tags
from tgvault.cli.table import Column, Table
from tgvault.cli.text import count, local_time
from tgvault.cli.unlocking import Work, open_work
from tgvault.config.sections import RetentionSection
from tgvault.engine.snapshot_info import SnapshotInfo, snapshot_info
from tgvault.errors import ShrunkenSnapshotError, UsageError
from tgvault.retention.duration import Duration
from tgvault.retention.forgetting import (
    DecisionInfo,
    choose_by_name,
    choose_by_rules,
    infos,
    take_back,
    unpruned,
)
from tgvault.retention.forgetting import (
    forget as forget_chosen,
)
from tgvault.retention.refusals import accept_shrunken, check_kept, check_rules, check_shrunken
from tgvault.retention.rules import IN_DOUBT, Decision, KeepRules

__all__ = ["Forgetting", "TakenBack", "app"]

app = new_app()

_DOUBTS = (
    "warning: there are snapshots whose time or number cannot be right: a clock was wrong, or somebody wants others to"
    " be forgotten; they stay until they are named"
)


class Forgetting(msgspec.Struct, frozen=True):
    """What becomes of the snapshots."""

    dry_run: Annotated[bool, Meta(description="Whether nothing was done and this is only what would be.")]
    snapshots: Annotated[list[DecisionInfo], Meta(description="Oldest first in each archive.")]
    refused: Annotated[str | None, Meta(description="Why nothing was forgotten although there is something, or null.")]


class TakenBack(msgspec.Struct, frozen=True):
    """Snapshots that are the vault's again."""

    snapshots: Annotated[list[SnapshotInfo], Meta(description="One for each that was named.")]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line says besides rules."""

    names: Sequence[str]
    dry_run: bool
    even_newest: bool
    accept: bool


def _number(word: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(f"--keep-{word}", metavar="N", min=1, help=f"Keep the newest {what}")
    return option


@app.command(cls=VaultCommand)
def forget(
    context: typer.Context,
    snapshots: Annotated[
        list[str] | None, typer.Argument(metavar="SNAPSHOT", help="Forget these and no others, whatever the rules are")
    ] = None,
    last: Annotated[int | None, _number("last", "N snapshots")] = None,
    hourly: Annotated[int | None, _number("hourly", "snapshot of each of the last N hours that have one")] = None,
    daily: Annotated[int | None, _number("daily", "one of each of N days")] = None,
    weekly: Annotated[int | None, _number("weekly", "one of each of N weeks")] = None,
    monthly: Annotated[int | None, _number("monthly", "one of each of N months")] = None,
    quarterly: Annotated[int | None, _number("quarterly", "one of each of N quarters")] = None,
    yearly: Annotated[int | None, _number("yearly", "one of each of N years")] = None,
    within: Annotated[
        str | None,
        typer.Option("--keep-within", metavar="SPAN", help="Keep what is at most so much older than the newest"),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--keep-tag", metavar="TAG", help="Keep what has this tag; repeat it")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Tell what would stay and why, and forget nothing")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back that these snapshots were forgotten")] = False,
    even_newest: Annotated[
        bool, typer.Option("--even-newest", help="Forget a snapshot that is named, even an archive's newest")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept-shrunken", help="Go on where the newest snapshot holds much less than before")
    ] = False,
) -> None:
    """Forget snapshots by rules or by name; nothing is deleted yet

    Without options the rules are those of `[retention]` in `vault.toml`. Pruning deletes, after some days.
    """
    invocation: Invocation = context.obj
    span = Duration.parse(within) if within is not None else None
    tags = frozenset(checked_tags(tag))
    rules = KeepRules(last, hourly, daily, weekly, monthly, quarterly, yearly, span, tags)
    asked = _Asked(snapshots or (), dry, even_newest, accept)
    _check_together(rules, asked, undo=undo)
    with open_work(invocation) as work:
        if undo:
            _take_back(work, asked.names, invocation)
        else:
            _forget(work, rules, asked, invocation)


def _check_together(rules: KeepRules, asked: _Asked, *, undo: bool) -> None:
    named = bool(asked.names)
    if undo and not named:
        raise UsageError("`--undo` wants the snapshots", hint="`tgvault snapshots --forgotten` lists them")
    if undo and (not rules.is_empty or asked.dry_run or asked.even_newest or asked.accept):
        raise UsageError("`--undo` goes with snapshots only", hint="leave the other options out")
    if named and (not rules.is_empty or asked.accept):
        raise UsageError("snapshots are forgotten by name or by rules", hint="leave one of the two out")
    if asked.even_newest and not named:
        raise UsageError("`--even-newest` goes with snapshots that are named", hint="rules always keep the newest")


def _take_back(work: Work, names: Sequence[str], invocation: Invocation) -> None:
    host, now = platform.node(), partial(datetime.now, UTC)
    with unpruned(work.opened, machine=host, now=now):
        work.snapshots()
        back = take_back(work.vault, names, now=now(), host=host)
    invocation.output.show(TakenBack([snapshot_info(each) for each in back]), _show_taken_back)


def _forget(work: Work, rules: KeepRules, asked: _Asked, invocation: Invocation) -> None:
    now = datetime.now(UTC)
    decisions = _named(work, asked, now=now) if asked.names else _ruled(work, rules, now=now)
    refused = None if asked.names else _refusal(work, decisions, asked)
    if refused is None and not asked.dry_run:
        forget_chosen(work.vault, decisions, now=now, host=platform.node())
    said = Forgetting(asked.dry_run, infos(decisions), str(refused) if refused is not None else None)
    invocation.output.show(said, _in_words)
    if refused is not None:
        raise refused


def _ruled(work: Work, rules: KeepRules, *, now: datetime) -> list[Decision]:
    rules = rules if not rules.is_empty else _configured(work.config.retention)
    check_rules(rules)
    decisions = choose_by_rules(work.vault, work.snapshots(), rules, archive=work.archive, now=now)
    check_kept(decisions)
    return decisions


def _named(work: Work, asked: _Asked, *, now: datetime) -> list[Decision]:
    every = work.snapshots()
    names: Collection[str] = {work.named(every, name).name for name in asked.names}
    decisions = choose_by_rules(work.vault, every, KeepRules(), archive=None, now=now)
    return choose_by_name(decisions, names, even_newest=asked.even_newest)


def _refusal(work: Work, decisions: Sequence[Decision], asked: _Asked) -> ShrunkenSnapshotError | None:
    try:
        check_shrunken(decisions, work.vault.memory)
    except ShrunkenSnapshotError as error:
        if not asked.accept:
            return error
        if not asked.dry_run:
            accept_shrunken(decisions, work.vault.memory)
    return None


def _configured(section: RetentionSection) -> KeepRules:
    numbers = {
        name.removeprefix("keep_"): getattr(section, name)
        for name in RetentionSection.__struct_fields__
        if name.startswith("keep_") and name not in {"keep_within", "keep_tag"}
    }
    span = Duration.parse(section.keep_within) if section.keep_within is not None else None
    return KeepRules(**numbers, within=span, tags=frozenset(section.keep_tag))


def _show_taken_back(said: TakenBack, output: Output) -> None:
    for each in said.snapshots:
        output.line(f"taken back  {each.id}, number {each.sequence} of archive {each.archive}")


def _in_words(said: Forgetting, output: Output) -> None:
    if not said.snapshots:
        output.note("The vault has no snapshots yet; `tgvault import PATH` makes the first one.")
        return
    several = len({each.archive for each in said.snapshots}) > 1
    tagged = any(each.tags for each in said.snapshots)
    columns = [Column("snapshot", whole=True), Column("time"), Column("what"), Column("why", wraps=True)]
    columns[1:1] = [Column("archive", wraps=True)] if several else []
    columns[-2:-2] = [Column("tags", wraps=True, spare=1)] if tagged else []
    output.table(Table(columns, [list(_row(each, several=several, tagged=tagged)) for each in said.snapshots]))
    if said.refused is None:
        output.note(_sum(said))
    if any(why.startswith(IN_DOUBT) for each in said.snapshots for why in each.reasons):
        output.warn(_DOUBTS)


def _row(each: DecisionInfo, *, several: bool, tagged: bool) -> Iterator[str]:
    yield each.id
    if several:
        yield each.archive
    yield local_time(each.time)
    if tagged:
        yield ", ".join(each.tags)
    yield "keep" if each.keep else "forget"
    yield ", ".join(each.reasons) or (f"holds what {each.repeats} holds" if each.repeats is not None else "")


def _sum(said: Forgetting) -> str:
    going = sum(not each.keep for each in said.snapshots)
    if not going:
        return "\nNothing is to be forgotten."
    staying = len(said.snapshots) - going
    kept = f", {staying} kept" if staying else ""
    if said.dry_run:
        return f"\n{count(going, 'snapshot')} would be forgotten{kept}."
    return (
        f"\n{count(going, 'snapshot')} forgotten{kept}. Nothing is deleted yet: `tgvault forget --undo SNAPSHOT` takes"
        " it back, until the vault is pruned."
    )
