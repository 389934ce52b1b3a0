"""The account that a source reads, for the verbs that log in to it and out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.output import Output
from tgvault.cli.unlocking import Work
from tgvault.contracts.login import SigningIn, Who
from tgvault.engine.progress import NullProgress
from tgvault.engine.running import attached, plan_source
from tgvault.errors import UsageError

__all__ = ["AccountDetail", "AccountInfo", "SourceArgument", "account_in_words", "account_info", "account_of"]

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of a source in `vault.toml`")]


class AccountDetail(msgspec.Struct, frozen=True):
    """Something that tells an account from others."""

    name: Annotated[str, Meta(description="What it is: `user name`, `phone number`.")]
    value: Annotated[str, Meta(description="The thing itself.")]


class AccountInfo(msgspec.Struct, frozen=True):
    """The account that a source is logged in to."""

    source: Annotated[str, Meta(description="The source's name in `vault.toml`.")]
    id: Annotated[int, Meta(description="The account's id.")]
    name: Annotated[str, Meta(description="Its owner's name, as the account has it.")]
    details: Annotated[list[AccountDetail], Meta(description="Whatever else tells it from others.")]


@contextmanager
def account_of(work: Work, name: str) -> Iterator[SigningIn]:
    """Make a source that one logs in to, with its secrets; it is closed afterwards.

    Raises:
        ConfigError: there is no source of that name.
        UsageError: nobody logs in to it.
    """
    table = work.config.source(name)
    plan = plan_source(work.host, table, archive=work.archive)
    now = partial(datetime.now, UTC)
    with attached(work.opened, plan, (), now=now, progress=NullProgress()) as (source, _):
        if not isinstance(source, SigningIn):
            raise UsageError(
                f"source `{name}` of type `{table.type}` reads no account that one logs in to",
                hint=f"`tgvault backup {name}` reads it as it is",
            )
        yield source


def account_info(name: str, who: Who) -> AccountInfo:
    """Describe an account for output."""
    return AccountInfo(name, who.id, who.name, [AccountDetail(*each) for each in who.details])


def account_in_words(said: AccountInfo, output: Output) -> None:
    """Tell whose account it is."""
    output.line(f"{said.source}  {said.name or 'without a name'}, id {said.id}")
    for each in said.details:
        output.line(f"{' ' * len(said.source)}  {each.name} {each.value}")
