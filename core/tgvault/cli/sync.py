"""`tgvault sync`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.copying import CopyRun, check_primary, show_copy, sync_copies
from tgvault.cli.failure import show_error
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.refilling import refill_primary, show_refilled
from tgvault.cli.world import find_configuration, make_host, show_problems
from tgvault.config.config import PRIMARY, Config, SinkTable
from tgvault.engine.opening import state_folder
from tgvault.errors import ConfigError, TgVaultError, UsageError, VaultError
from tgvault.host.host import Host
from tgvault.state.syncs import Syncs

__all__ = ["CopyRuns", "app"]

app = new_app()


class CopyRuns(msgspec.Struct, frozen=True):
    """What became of the copies."""

    copies: Annotated[list[CopyRun], Meta(description="One by one, in the order of `vault.toml`.")]


@app.command(cls=VaultCommand)
def sync(
    context: typer.Context,
    copies: Annotated[
        list[str] | None, typer.Argument(metavar="COPY", help="Names of copies in `vault.toml`; all if none is given")
    ] = None,
    init: Annotated[
        bool,
        typer.Option(
            "--init",
            help="Make the place of the copies that are named, where there is none yet; with `primary`, fill the"
            " vault's own place anew from a copy",
        ),
    ] = False,
) -> None:
    """Bring the copies of the vault up to date

    It needs no key: what is copied is encrypted, and is checked by its name. Only what a copy lacks is brought.
    """
    invocation: Invocation = context.obj
    if init and not copies:
        raise UsageError("`--init` wants the name of a copy", hint="name the new one: `tgvault sync NAME --init`")
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    if PRIMARY in (copies or ()):
        _refill(config, host, invocation, is_said=init and copies == [PRIMARY])
        return
    chosen = _chosen(config, copies or ())
    primary, vault_id = check_primary(config, host, environment=invocation.environment)
    syncs = Syncs(state_folder(config, vault_id), vault_id)
    runs: list[CopyRun] = []
    failures: list[tuple[str, TgVaultError]] = []
    began = datetime.now(UTC)
    for run, error in sync_copies(chosen, config, host, invocation, primary=primary, is_new=init):
        runs.append(run)
        failures += [(run.copy, error)] if error is not None else []
        _note(run, syncs, began)
    show_problems(host, invocation.output)
    invocation.output.show(CopyRuns(runs), _in_words)
    for name, failure in failures:
        show_error(failure, invocation.stderr, verbose=invocation.output.verbose, about=f"copy `{name}`")
    if failures:
        raise typer.Exit(failures[0][1].exit_code)
    if any(run.report is not None and run.report.problems for run in runs):
        raise typer.Exit(VaultError.exit_code)


def _refill(config: Config, host: Host, invocation: Invocation, *, is_said: bool) -> None:
    if not is_said:
        raise UsageError(
            "copies are brought up to date from `primary`, which is the vault itself",
            hint="`tgvault verify --repair` brings back what it lacks; where it is lost as a whole,"
            " `tgvault sync primary --init` fills it anew",
        )
    run = refill_primary(config, host, invocation)
    show_problems(host, invocation.output)
    invocation.output.show(CopyRuns([run]), lambda _, output: show_refilled(run, output))
    if run.report is not None and run.report.problems:
        raise typer.Exit(VaultError.exit_code)


def _note(run: CopyRun, syncs: Syncs, began: datetime) -> None:
    """Remember when a copy was up to date, for the day on which it is away and `tgvault status` cannot ask it."""
    if run.report is not None and not run.report.problems:
        # What was brought is there, whether or not this machine can write it down.
        with suppress(OSError):
            syncs.note(run.copy, time=began)


def _chosen(config: Config, names: Sequence[str]) -> list[SinkTable]:
    if not config.copies:
        raise ConfigError(f"there is no copy in `{config.file}`", hint="`tgvault sink add NAME TYPE` adds one")
    return [config.copy(name) for name in dict.fromkeys(names)] or list(config.copies.values())


def _in_words(said: CopyRuns, output: Output) -> None:
    for run in said.copies:
        if run.report is not None:
            show_copy(run.report, output)
