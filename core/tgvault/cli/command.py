"""Commands as Typer makes them, with the options of every command added."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tgvault.cli.coercion import without_pydantic
from tgvault.cli.invocation import Invocation
from tgvault.cli.options import GlobalOptions, declared
from tgvault.errors import UsageError

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter
    from typer._click.formatting import HelpFormatter

__all__ = ["VaultCommand", "VaultGroup", "global_parameters", "new_app"]


class VaultCommand(TyperCommand):
    """A command that takes the options of every command, too."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Its own parameters and those of every command."""
        return _all_parameters(super().get_params(ctx))

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, and put what was said for the whole run into the context's `Invocation`."""
        rest = super().parse_args(ctx, args)
        _take_global_options(ctx)
        return rest

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write its own options, then those of every command."""
        _write_parameters(super().get_params(ctx), ctx, formatter)


class VaultGroup(TyperGroup):
    """A group of commands; takes the options of every command, too."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Its own parameters and those of every command."""
        return _all_parameters(super().get_params(ctx))

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse as a command does; where nothing is said at all, show the help instead."""
        if not args and not ctx.resilient_parsing:
            sys.stderr.write(ctx.get_help() + "\n")
            raise typer.Exit(UsageError.exit_code)
        rest = super().parse_args(ctx, args)
        _take_global_options(ctx)
        return rest

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write its commands, its own options, then those of every command."""
        self.format_commands(ctx, formatter)
        _write_parameters(super().get_params(ctx), ctx, formatter)


def new_app(*, cls: type[TyperGroup] = VaultGroup) -> typer.Typer:
    """Make the Typer app of a verb or a group. Tracebacks are the outermost frame's business; they show no locals."""
    return typer.Typer(cls=cls, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@cache
def global_parameters() -> Sequence[Parameter]:
    """The options of every command, as parameters; always the same objects, which Typer's parser relies on."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(declared)
    return tuple(get_command(app).params)


def _all_parameters(own: Sequence[Parameter]) -> list[Parameter]:
    return [without_pydantic(each) for each in (*own, *global_parameters())]


def _take_global_options(ctx: Context) -> None:
    said = GlobalOptions(**{each.name: ctx.params.pop(each.name, None) for each in fields(GlobalOptions)})
    before = ctx.obj if isinstance(ctx.obj, Invocation) else Invocation.of_process()
    ctx.obj = replace(before, options=before.options.overridden_by(said))


def _write_parameters(own: Sequence[Parameter], ctx: Context, formatter: HelpFormatter) -> None:
    arguments = [each for each in own if each.param_type_name == "argument"]
    options = [each for each in own if each.param_type_name == "option"]
    sections = (("Arguments", arguments), ("Options", options), ("Options of every command", global_parameters()))
    for title, parameters in sections:
        rows = [row for each in parameters if (row := each.get_help_record(ctx))]
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)
