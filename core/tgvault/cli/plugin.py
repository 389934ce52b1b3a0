"""`tgvault plugin`: what plugins there are, and what they say of themselves."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.plugin_show import show
from tgvault.cli.table import Column, Table
from tgvault.cli.world import make_host_without_vault
from tgvault.host.report import PluginInfo

__all__ = ["PluginList", "app"]

app = new_app()


class PluginList(msgspec.Struct, frozen=True):
    """The plugins that are installed."""

    plugins: Annotated[list[PluginInfo], Meta(description="Bundled ones first.")]


@app.callback()
def plugin() -> None:
    """List plugins: what they bring and need, and what is wrong with one"""


app.command(cls=VaultCommand)(show)


@app.command("list", cls=VaultCommand)
def list_(context: typer.Context) -> None:
    """List the plugins that are installed"""
    invocation: Invocation = context.obj
    host = make_host_without_vault(invocation)
    host.load_all()
    invocation.output.show(PluginList(host.listed()), _in_words)


def _in_words(said: PluginList, output: Output) -> None:
    columns = (Column("plugin", whole=True), Column("from", spare=1), Column("state"), Column("brings", wraps=True))
    output.table(Table(columns, [_row(each) for each in said.plugins]))
    for each in said.plugins:
        for problem in each.problems:
            output.warn(f"{each.name}: {problem}")


def _row(each: PluginInfo) -> tuple[str, str, str, str]:
    return each.name, f"{each.distribution} {each.version}", each.state.value, ", ".join(each.brings)
