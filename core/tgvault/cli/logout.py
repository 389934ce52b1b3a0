"""`tgvault logout`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.account import SourceArgument, account_of
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.unlocking import open_work
from tgvault.state.lock import writing

__all__ = ["LoggedOut", "app"]

app = new_app()


class LoggedOut(msgspec.Struct, frozen=True):
    """A session that was ended."""

    source: Annotated[str, Meta(description="The source's name in `vault.toml`.")]
    told: Annotated[bool, Meta(description="Whether the other side knows; if not, end the session there.")]


@app.command(cls=VaultCommand)
def logout(context: typer.Context, source: SourceArgument = None) -> None:
    """End the session of a source, at the other side too, and forget it

    It is forgotten on this machine also where the other side cannot be reached. What was backed up stays.
    """
    invocation: Invocation = context.obj
    with open_work(invocation) as work, writing(work.opened.lock), account_of(work, source) as account:
        told = account.source.logout()
    if not told:
        invocation.output.warn(
            "warning: the other side could not be told; end the session there, in the account's list of devices"
        )
    invocation.output.show(LoggedOut(account.name, told), _in_words)


def _in_words(said: LoggedOut, output: Output) -> None:
    output.line(f"{said.source}  logged out")
