"""`tgvault login`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from tgvault.cli.account import SourceArgument, account_in_words, account_info, account_of
from tgvault.cli.asking import ask, can_ask
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.conversation import Talk
from tgvault.cli.invocation import Invocation
from tgvault.cli.unlocking import open_work
from tgvault.contracts.login import LoginWay
from tgvault.errors import UsageError
from tgvault.state.lock import writing

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def login(
    context: typer.Context,
    source: SourceArgument = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WAY", help="How: `qr`, `phone` or `bot`; asked for where not given")
    ] = None,
) -> None:
    """Log in to the account that a source reads

    Says first what will be read. The session is kept sealed to the vault's keys, and nowhere else.
    """
    invocation: Invocation = context.obj
    with open_work(invocation) as work, writing(work.opened.lock), account_of(work, source) as account:
        for line in account.source.reads():
            invocation.output.note(line)
        way = _way(account.source.ways(), by, invocation)
        who = account.source.login(Talk(invocation), way=way)
    invocation.output.note("logged in")
    invocation.output.show(account_info(account.name, who), account_in_words)


def _way(ways: Sequence[LoginWay], said: str | None, invocation: Invocation) -> str:
    names = [way.name for way in ways]
    if said is None and not can_ask(invocation):
        raise UsageError(
            "there is nobody to be asked how to log in",
            hint="run the command in a terminal, or say how with `--by`; secrets are then lines of standard input",
        )
    if said is None:
        for way in ways:
            invocation.output.warn(f"  {way.name:6} {way.title}")
        said = ask(invocation, "Log in by", default=names[0])
    if said not in names:
        raise UsageError(f"there is no way `{said}` to log in", hint=f"say {', '.join(f'`{name}`' for name in names)}")
    return said
