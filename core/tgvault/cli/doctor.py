"""`tgvault doctor`."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.unlocking import said_key
from tgvault.cli.world import find_configuration, make_host, make_host_for_new_vault, said_passphrase
from tgvault.config.config import Config
from tgvault.engine.doctor import Diagnosis, Surroundings
from tgvault.engine.doctor import doctor as examine
from tgvault.engine.machine_checks import Check
from tgvault.errors import TgVaultError
from tgvault.host.host import Host

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def doctor(context: typer.Context) -> None:
    """Look for what could be wrong: configuration, plugins, key, disk, vault

    Nothing is changed. The exit code is 1 if something needs attention. `tgvault verify` reads the data itself.
    """
    invocation: Invocation = context.obj
    around = Surroundings(
        configuration=lambda: find_configuration(invocation),
        host=lambda config: _host(invocation, config),
        environment=invocation.environment,
        now=lambda: datetime.now(UTC),
        given=said_key(invocation),
        passphrase=said_passphrase(invocation),
    )
    found = Diagnosis.of(list(examine(around)))
    invocation.output.show(found, _in_words)
    if not found.ok:
        raise typer.Exit(TgVaultError.exit_code)


def _host(invocation: Invocation, config: Config | None) -> Host:
    return make_host(invocation, config) if config is not None else make_host_for_new_vault(invocation)


def _in_words(said: Diagnosis, output: Output) -> None:
    for check in said.checks:
        output.line(_line(check))
        if check.hint:
            output.line(f"         hint: {check.hint}")
    wrong = sum(not check.ok for check in said.checks)
    output.note("\nAll is well." if said.ok else f"\n{wrong} of {len(said.checks)} need attention.")


def _line(check: Check) -> str:
    return f"{'ok' if check.ok else 'problem':<7}  {check.name}: {check.detail}"
