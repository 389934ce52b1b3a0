"""`tgvault verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import JobsOption
from tgvault.cli.text import count, duration, size
from tgvault.cli.unlocking import Work, open_work
from tgvault.config.config import SinkTable
from tgvault.contracts.sink import Sink
from tgvault.engine.repairing import Repair, repair
from tgvault.engine.sinks import sink_spec
from tgvault.engine.verifying import Level, Problem, VerifyReport
from tgvault.engine.verifying import verify as verify_vault
from tgvault.errors import ConfigError, SinkError, UsageError, VaultError
from tgvault.host.spec import build
from tgvault.model.events import RunStarted, VerifyFinished
from tgvault.state.lock import writing

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
    mend: Annotated[
        bool, typer.Option("--repair", help="Bring back from the copies what is damaged or gone, and look again")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Check that the vault is whole, and name what is not

    Without `--repair` nothing is changed. The exit code is 6 if something is not as it should be in the end.
    """
    invocation: Invocation = context.obj
    share = _share(sample) if sample is not None else 1.0
    if sample is not None and level is not Level.DATA:
        raise UsageError("`--sample` goes with `--level data` only", hint="leave one of the two out")
    with open_work(invocation) as work:
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
        if mend and report.problems:
            repaired = _repair(work, report, environment=invocation.environment)
            again = look(progress=invocation.progress()) if repaired else report
            report = msgspec.structs.replace(again, repaired=repaired)
        work.host.emit(VerifyFinished(report.level.value, len(report.problems)))
        can_repair = bool(work.config.copies) and not mend
    invocation.output.show(report, _in_words)
    if report.problems and can_repair:
        invocation.output.warn("hint: `tgvault verify --repair` brings back from the copies what they have whole")
    if report.problems:
        raise typer.Exit(VaultError.exit_code)


def _repair(work: Work, report: VerifyReport, *, environment: Mapping[str, str]) -> list[Repair]:
    """Bring back what copies have of it; the lock keeps a backup from relying on what is being replaced."""
    if not work.config.copies:
        raise ConfigError(
            f"there is no copy in `{work.config.file}` to repair from",
            hint="add a table `[copies.NAME]` that leads to a copy of the vault",
        )

    def copy_of(table: SinkTable) -> Sink:
        return build(sink_spec(table, work.config, host=work.host, environment=environment))

    copies = {name: partial(copy_of, table) for name, table in work.config.copies.items()}

    def away(name: str, error: SinkError) -> None:
        work.output.warn(f"warning: copy `{name}` is away: {error}")

    with writing(work.opened.lock):
        damaged = {each.object for each in report.problems}
        return repair(work.vault.sink, copies, damaged, work.vault.keys, away=away)


def _share(text: str) -> float:
    number, percent, rest = text.partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if rest or not 0 < share <= 1:
        raise UsageError(f"`{text}` is no share", hint="write `5%` or `0.05`")
    return share


def _in_words(report: VerifyReport, output: Output) -> None:
    for name, number in Counter(each.copy for each in report.repaired).items():
        output.line(f"repaired   {count(number, 'object')} from copy {name}")
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
    for problem in problems:
        places = needed_by.setdefault(problem.message, [])
        if f"`{problem.object}`" not in problem.message:
            places.append(problem.object)
    for message, places in needed_by.items():
        output.warn(f"problem: {message}" + (f"\n  met in: {', '.join(places)}" if places else ""))
    for hint in dict.fromkeys(problem.hint for problem in problems if problem.hint):
        output.warn(f"\nhint: {hint}")
