"""`tgvault plugin list`."""

from __future__ import annotations

import msgspec
import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.table import Column, Table
from tgvault.cli.world import make_host_without_vault
from tgvault.host.report import PluginInfo

__all__ = ["PluginList", "app"]

app = new_app()


class PluginList(msgspec.Struct, frozen=True):
    """What `plugin list --json` prints: the plugins that are installed, bundled ones first."""

    plugins: list[PluginInfo]


@app.callback()
def plugin() -> None:
    """List plugins: what they bring, and what is wrong with one"""


@app.command("list", cls=VaultCommand)
def list_(context: typer.Context) -> None:
    """List the plugins that are installed"""
    invocation: Invocation = context.obj
    host = make_host_without_vault(invocation)
    host.load_all()
    invocation.output.show(PluginList(host.listed()), _in_words)


def _in_words(said: PluginList, output: Output) -> None:
    columns = (Column("plugin"), Column("from"), Column("state"), Column("brings"))
    output.table(Table(columns, [_row(each) for each in said.plugins]))
    for each in said.plugins:
        for problem in each.problems:
            output.warn(f"{each.name}: {problem}")


def _row(each: PluginInfo) -> tuple[str, str, str, str]:
    return each.name, f"{each.distribution} {each.version}", each.state.value, ", ".join(each.brings)
