"""`tgvault verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import JobsOption, read_share
from tgvault.cli.reading import open_to_verify, place_words
from tgvault.cli.text import count, duration, size
from tgvault.cli.unlocking import Work
from tgvault.config.config import PRIMARY
from tgvault.contracts.sink import Sink
from tgvault.engine.places import SinkPlaces
from tgvault.engine.repairing import Repair, repair, who_lists
from tgvault.engine.verifying import Level, Problem, VerifyReport
from tgvault.engine.verifying import verify as verify_vault
from tgvault.errors import ConfigError, TgVaultError, UsageError, VaultError
from tgvault.model.events import RunStarted, VerifyFinished
from tgvault.state.lock import writing
from tgvault.vault.marks import MarkKind

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def verify(
    context: typer.Context,
    level: Annotated[
        Level,
        typer.Option(metavar="LEVEL", help="`objects`: names and sizes; `index`: all but media; `data`: every byte"),
    ] = Level.DATA,
    sample: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Read that share of the packs, `5%`, those first that waited longest"),
    ] = None,
    sink: Annotated[
        str | None, typer.Option("--sink", metavar="NAME", help="Verify that copy in place of the vault's own place")
    ] = None,
    mend: Annotated[
        bool,
        typer.Option("--repair", help="Bring back from the other places what is damaged or gone, and look again"),
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Check that the vault is whole, and name what is not

    Without `--repair` nothing is changed. The exit code is 6 if something is not as it should be in the end.
    """
    invocation: Invocation = context.obj
    share = _share(sample, level)
    copy = sink if sink != PRIMARY else None
    with open_to_verify(invocation, copy) as work:
        work.host.emit(RunStarted("verify"))
        look = partial(
            verify_vault,
            work.opened,
            level=level,
            sample=share,
            jobs=work.config.workers.jobs if jobs is None else jobs,
            now=lambda: datetime.now(UTC),
        )
        report = look(progress=invocation.progress())
        others = _others(work, copy, invocation)
        if report.problems and mend:
            report = _mended(work, report, others, look, invocation)
        elif report.problems:
            report = _with_places(report, others, work.output)
        work.host.emit(VerifyFinished(report.level.value, len(report.problems)))
    report = msgspec.structs.replace(report, sink=copy or PRIMARY)
    invocation.output.show(report, _in_words)
    if report.problems and others and not mend:
        _advise(copy, invocation.output)
    if report.problems:
        raise typer.Exit(VaultError.exit_code)


_Places = Mapping[str, Callable[[], Sink]]


def _others(work: Work, copy: str | None, invocation: Invocation) -> _Places:
    """Say how the sinks of all places are made but of the one that is verified."""
    places = SinkPlaces(work.config, host=work.host, environment=invocation.environment)
    return {name: partial(places.make, name) for name in places.names if name != (copy or PRIMARY)}


def _advise(copy: str | None, output: Output) -> None:
    if copy is None:
        output.warn("hint: `tgvault verify --repair` brings back what the copies have whole")
    else:
        output.warn(f"hint: `tgvault verify --sink {copy} --repair` brings back what the other places have whole")


def _mended(
    work: Work, report: VerifyReport, others: _Places, look: Callable[..., VerifyReport], invocation: Invocation
) -> VerifyReport:
    """Repair, and verify once more if there was something to repair."""
    repaired = _repair(work, report, others)
    again = look(progress=invocation.progress()) if repaired else report
    return msgspec.structs.replace(again, repaired=repaired)


def _repair(work: Work, report: VerifyReport, others: _Places) -> list[Repair]:
    """Bring back what others have of it; the lock keeps a backup from relying on what is being replaced."""
    if not others:
        raise ConfigError(
            f"there is no copy in `{work.config.file}` to repair from",
            hint="`tgvault sink add NAME TYPE` adds one for the next time",
        )
    with writing(work.opened.lock):
        damaged = {each.object for each in report.problems}
        deleted = work.vault.look_at_marks().objects(MarkKind.DELETED)
        away = partial(_tell_away, work.output)
        return repair(work.vault.sink, others, damaged, work.vault.keys, deleted=deleted, away=away)


def _with_places(report: VerifyReport, others: _Places, output: Output) -> VerifyReport:
    """Name for each problem the places that list the object."""
    names = {each.object for each in report.problems}
    found = who_lists(names, others, away=partial(_tell_away, output))
    problems = [msgspec.structs.replace(each, copies=found.get(each.object, [])) for each in report.problems]
    return msgspec.structs.replace(report, problems=problems)


def _tell_away(output: Output, name: str, error: TgVaultError) -> None:
    output.warn(f"warning: {place_words([name])} is away: {error}")


def _share(text: str | None, level: Level) -> float:
    if text is None:
        return 1.0
    if level is not Level.DATA:
        raise UsageError("`--sample` goes with `--level data` only", hint="leave one of the two out")
    share = read_share(text)
    if share == 0:
        raise UsageError("`--sample` wants more than nothing", hint="write `5%` or `0.05`")
    return share


def _in_words(report: VerifyReport, output: Output) -> None:
    for name, number in Counter(each.copy for each in report.repaired).items():
        output.line(f"repaired   {count(number, 'object')} from {'copy ' if name != PRIMARY else ''}{name}")
    _problems(report.problems, output)
    read = f", {report.packs:,} of {count(report.packs_total, 'pack')} read" if report.level is Level.DATA else ""
    output.line(f"objects    {report.objects:,}, {size(report.bytes)}{read}")
    output.line(f"snapshots  {report.snapshots:,}")
    if report.leftover:
        output.line(f"left over  {count(report.leftover, 'pack')} of a run that was killed, harmless")
    output.line(
        f"problems   {len({each.message for each in report.problems}):,}" if report.problems else "problems   none"
    )
    output.line(f"took       {duration(report.duration)}")


def _problems(problems: list[Problem], output: Output) -> None:
    # What is wrong with an object is found again by everything that needs it: it is told once.
    needed_by: dict[str, list[str]] = {}
    there: dict[str, list[str]] = {}
    for problem in problems:
        places = needed_by.setdefault(problem.message, [])
        if f"`{problem.object}`" not in problem.message:
            places.append(problem.object)
        else:
            there[problem.message] = problem.copies
    for message, places in needed_by.items():
        has = f"; it is in {place_words(there[message])}" if there.get(message) else ""
        output.warn(f"problem: {message}{has}" + (f"\n  met in: {', '.join(places)}" if places else ""))
    for hint in dict.fromkeys(problem.hint for problem in problems if problem.hint):
        output.warn(f"\nhint: {hint}")
