"""`tgvault login`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from tgvault.cli.account import SourceArgument, account_in_words, account_info, account_of
from tgvault.cli.asking import TRIES, ask, can_ask
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.conversation import Talk
from tgvault.cli.invocation import Invocation
from tgvault.cli.safe import safe_line
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

    Says before what will be read. The session is kept sealed to the vault's keys, and nowhere else.
    """
    invocation: Invocation = context.obj
    with open_work(invocation) as work, writing(work.opened.lock), account_of(work, source) as account:
        way = _way(account.source.ways(), by, invocation)
        for line in account.source.reads(way):
            invocation.output.note(line)
        who = account.source.login(Talk(invocation), way=way)
    invocation.output.note("logged in")
    invocation.output.show(account_info(account.name, who), account_in_words)


def _way(ways: Sequence[LoginWay], said: str | None, invocation: Invocation) -> str:
    if said is None and not can_ask(invocation):
        raise UsageError(
            "there is nobody to be asked how to log in",
            hint="run the command in a terminal, or say how with `--by`; answers are then lines of standard input",
        )
    way = _asked(ways, invocation) if said is None else _meant(ways, said)
    if way.shows_code and not invocation.stderr.isatty():
        others = " or ".join(f"`--by {each.name}`" for each in ways if not each.shows_code)
        raise UsageError(
            "there is no terminal to show a QR code on",
            hint=f"run the command in a terminal, or log in with {others}; answers are then lines of standard input",
        )
    return way.name


def _asked(ways: Sequence[LoginWay], invocation: Invocation) -> LoginWay:
    for way in ways:
        invocation.output.warn(f"  {way.name:6} {way.title}")
    for _ in range(TRIES - 1):
        try:
            return _meant(ways, ask(invocation, "Log in by", default=ways[0].name))
        except UsageError as error:
            invocation.output.warn(safe_line(f"{error}: {error.hint}"))
    return _meant(ways, ask(invocation, "Log in by", default=ways[0].name))


def _meant(ways: Sequence[LoginWay], said: str) -> LoginWay:
    """Find the way by its name, or by the first letters of it that no other way's name has."""
    exact = [way for way in ways if way.name == said]
    found = exact or [way for way in ways if said and way.name.startswith(said.lower())]
    if len(found) != 1:
        names = ", ".join(f"`{way.name}`" for way in ways)
        raise UsageError(f"there is no way `{said}` to log in", hint=f"say {names}")
    return found[0]
