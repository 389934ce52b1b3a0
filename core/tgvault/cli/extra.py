"""Commands that plugins add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperGroup
from typer.main import get_command

from tgvault.cli.command import new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.world import make_host_without_vault, show_problems

if TYPE_CHECKING:
    from typer._click.core import Command

__all__ = ["plugin_command"]


def plugin_command(name: str, invocation: Invocation) -> Command | None:
    """Load the plugins that may be loaded and give the command of that name that one of them adds, if any does.

    What is wrong with a plugin is said on the way, since it may be the one that was to bring the command.
    """
    host = make_host_without_vault(invocation)
    app = new_app(cls=TyperGroup)
    app.callback()(_no_options)
    host.commands(app)
    show_problems(host, invocation.output)
    group = get_command(app)
    return group.commands.get(name) if isinstance(group, TyperGroup) else None


def _no_options() -> None:
    """Make a group of the app even where there is one command only."""
