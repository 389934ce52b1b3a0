"""Filling the vault's own place anew where it is lost, from the copy that has the newest snapshot. It needs no key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial

from tgvault.cli.copying import CopyRun, check_apart
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.text import count, size
from tgvault.config.config import PRIMARY, Config
from tgvault.contracts.sink import Sink
from tgvault.engine.asking import ask_all
from tgvault.engine.places import PATIENCE, SinkPlaces
from tgvault.engine.syncing import begin_copy, sync_copy
from tgvault.errors import (
    ConfigError,
    CorruptObjectError,
    NotAVaultError,
    SinkUnavailableError,
    TgVaultError,
    TruncatedObjectError,
    UsageError,
)
from tgvault.host.host import Host
from tgvault.host.spec import build
from tgvault.standing.sinks import Contents, read_contents
from tgvault.vault.header import read_header

__all__ = ["refill_primary", "show_refilled"]


def refill_primary(config: Config, host: Host, invocation: Invocation) -> CopyRun:
    """Make the vault's own place, and bring there what a copy has.

    What was cut off goes on: `vault.json`, without which there is no vault, comes last.

    Raises:
        UsageError: there is a vault, be it damaged.
        ConfigError: there is no copy.
        SinkUnavailableError: there is none that can be used; why is told.
        NotAVaultError: there are objects at that place that are no vault's.
        SinkError: one of the two places cannot be used.
    """
    places = SinkPlaces(config, host=host, environment=invocation.environment)
    _check_lost(partial(places.make, PRIMARY))
    name = _newest(config, places, invocation.output)
    primary, copy = places.spec(PRIMARY), places.spec(name)
    check_apart(primary, copy, name=f"copy `{name}`")
    with closing(build(primary)) as place:
        begin_copy(place, name=PRIMARY)
    makes = partial(build, copy), partial(build, primary)
    report = sync_copy(*makes, name=PRIMARY, is_new=True, progress=invocation.progress())
    invocation.output.note(f"What is there now is what copy {name} has; see whether it is whole: tgvault verify")
    return CopyRun(PRIMARY, report)


def show_refilled(run: CopyRun, output: Output) -> None:
    """Tell what was brought to the vault's own place, and what could not be."""
    assert run.report is not None
    for problem in run.report.problems:
        output.warn(f"problem: {problem.message}")
    if output.quiet or output.json:
        return
    said = f"primary   {count(run.report.brought, 'object')} brought, {size(run.report.bytes)}"
    if run.report.problems:
        said += f"; {count(len(run.report.problems), 'object')} could not be brought"
    output.line(said)


def _check_lost(make: Callable[[], Sink]) -> None:
    with closing(make()) as place:
        try:
            read_header(place)
        except (NotAVaultError, SinkUnavailableError):
            return
        except (CorruptObjectError, TruncatedObjectError):
            pass
    raise UsageError(
        "there is a vault at the vault's own place", hint="`tgvault verify --repair` brings back what it lacks"
    )


def _newest(config: Config, places: SinkPlaces, output: Output) -> str:
    """Name the copy that has the newest snapshot, the most of them if there are several."""
    if not config.copies:
        raise ConfigError(f"there is no copy in `{config.file}`", hint="`tgvault init` makes a new vault")
    questions = {name: partial(read_contents, partial(places.make, name)) for name in config.copies}
    answers = ask_all(questions, seconds=PATIENCE)
    good: dict[str, Contents] = {}
    for name in config.copies:
        answer = answers.get(name)
        if isinstance(answer, Contents) and answer.vault_id is not None and config.vault.id in (None, answer.vault_id):
            good[name] = answer
        else:
            output.warn(f"warning: nothing can be had from copy `{name}`: {_why_not(answer)}")
    if not good:
        raise SinkUnavailableError("no copy of the vault can be had", hint="see to one of them, and run this again")
    chosen = max(good, key=lambda name: _how_new(good[name]))
    for name, said in good.items():
        if more := len(said.names - good[chosen].names):
            output.warn(f"warning: copy `{name}` has {count(more, 'snapshot')} that copy `{chosen}` lacks")
    return chosen


def _why_not(answer: Contents | TgVaultError | None) -> str:
    if isinstance(answer, Contents):
        return "it is another vault's" if answer.problem is None else str(answer.problem)
    return "it did not answer in time" if answer is None else str(answer)


def _how_new(said: Contents) -> tuple[str, int]:
    """Names of snapshots begin with their times."""
    return max(said.names, default=""), len(said.names)
