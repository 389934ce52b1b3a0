"""The account that a source reads, for the verbs that log in to it and out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.output import Output
from tgvault.cli.unlocking import Work
from tgvault.config.config import SourceTable
from tgvault.config.table import spelled
from tgvault.contracts.login import SigningIn, Who
from tgvault.engine.progress import NullProgress
from tgvault.engine.running import attached, plan_source
from tgvault.errors import ConfigError, UsageError
from tgvault.host.spec import build

__all__ = [
    "Account",
    "AccountDetail",
    "AccountInfo",
    "SourceArgument",
    "account_in_words",
    "account_info",
    "account_of",
]

SourceArgument = Annotated[
    str | None,
    typer.Argument(metavar="SOURCE", help="Name of a source in `vault.toml`; not needed where one only has an account"),
]


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


@dataclass(frozen=True, slots=True)
class Account:
    """A source that reads an account, and its name in `vault.toml`."""

    name: str
    source: SigningIn


@contextmanager
def account_of(work: Work, name: str | None) -> Iterator[Account]:
    """Make the source of that name, or the only one that one logs in to, with its secrets; it is closed afterwards.

    Raises:
        ConfigError: there is no source of that name; or no name is given, and no source has an account.
        UsageError: nobody logs in to it; or no name is given, and several have an account.
    """
    table = _only(work) if name is None else _named(work, name)
    plan = plan_source(work.host, table, archive=work.archive)
    now = partial(datetime.now, UTC)
    with attached(work.opened, plan, (), now=now, progress=NullProgress()) as (source, _):
        if not isinstance(source, SigningIn):
            raise UsageError(
                f"source `{table.name}` of type `{table.type}` reads no account that one logs in to",
                hint=f"`tgvault backup {table.name}` reads it as it is",
            )
        yield Account(table.name, source)


def _only(work: Work) -> SourceTable:
    tables = [table for table in work.config.sources.values() if _has_account(work, table)]
    if len(tables) == 1:
        return tables[0]
    if tables:
        names = ", ".join(f"`{table.name}`" for table in tables)
        raise UsageError("several sources have an account", hint=f"name one of {names}")
    raise ConfigError(f"no source in `{work.config.file}` has an account", hint=_how_to_add("phone"))


def _named(work: Work, name: str) -> SourceTable:
    try:
        return work.config.source(name)
    except ConfigError as error:
        # A mistyped name comes with the one that was meant.
        hint = error.hint if error.hint and error.hint.startswith("did you mean") else _how_to_add(name)
        raise ConfigError(str(error), hint=hint) from None


def _how_to_add(name: str) -> str:
    return (
        f'add three lines at its end: `[{spelled(("sources", name))}]`, `type = "takeout"` and `api_id = 12345`, with'
        " the number that https://my.telegram.org/apps gives you"
    )


def _has_account(work: Work, table: SourceTable) -> bool:
    source = build(work.host.source_spec(table.type, table.settings))
    source.close()
    return isinstance(source, SigningIn)


def account_info(name: str, who: Who) -> AccountInfo:
    """Describe an account for output."""
    return AccountInfo(name, who.id, who.name, [AccountDetail(*each) for each in who.details])


def account_in_words(said: AccountInfo, output: Output) -> None:
    """Tell whose account it is."""
    output.line(f"{said.source}  {said.name or 'without a name'}, id {said.id}")
    for each in said.details:
        output.line(f"{' ' * len(said.source)}  {each.name} {each.value}")
