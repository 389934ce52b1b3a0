"""`tgvault whoami`."""

from __future__ import annotations

import typer

from tgvault.cli.account import SourceArgument, account_in_words, account_info, account_of
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.unlocking import open_work

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def whoami(context: typer.Context, source: SourceArgument = None) -> None:
    """Tell which account a source is logged in to"""
    invocation: Invocation = context.obj
    with open_work(invocation) as work, account_of(work, source) as account:
        who = account.source.whoami()
    invocation.output.show(account_info(account.name, who), account_in_words)
