"""The `tgvault` command: which verbs there are, and how one is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand
from typer.main import get_command

import tgvault
from tgvault.cli.command import VaultGroup
from tgvault.errors import UsageError

if TYPE_CHECKING:
    from typer._click.core import Command, Context

__all__ = ["VERBS", "Verb", "root_command", "verb_command"]


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb lives, and the line about it in `tgvault --help`, so that it need not be imported for that."""

    module: str
    help: str


#: In the order of a person's way through them. A test holds the lines against those in the modules.
VERBS: Mapping[str, Verb] = {
    "init": Verb("init", "Make a vault, a key for this machine, and a recovery kit"),
    "demo": Verb("demo", "Show the whole way with made-up data, in a folder of its own"),
    "login": Verb("login", "Log in to the account that a source reads"),
    "logout": Verb("logout", "End the session of a source, at the other side too, and forget it"),
    "whoami": Verb("whoami", "Tell which account a source is logged in to"),
    "backup": Verb("backup", "Back up the sources that `vault.toml` names"),
    "import": Verb("import_", "Import one export, in any form that is recognised"),
    "snapshots": Verb("snapshots", "List the snapshots: what can be restored"),
    "ls": Verb("ls", "List the chats of a snapshot, or tell about one"),
    "show": Verb("show", "Show messages of a chat: one, some, or the newest ones"),
    "diff": Verb("diff", "Tell what is not the same in two snapshots, by chat and by message"),
    "history": Verb("history", "Tell all that is known of a message: its texts, and when it came and went"),
    "restore": Verb("restore", "Write a snapshot into a folder, as an export of Telegram Desktop"),
    "sync": Verb("sync", "Bring the copies of the vault up to date"),
    "sink": Verb("sink", "Say where the vault and its copies are kept, and try a store out"),
    "verify": Verb("verify", "Check that the vault is whole, and name what is not"),
    "forget": Verb("forget", "Forget snapshots by rules or by name; nothing is deleted yet"),
    "prune": Verb("prune", "Delete what no snapshot needs any more"),
    "status": Verb("status", "Tell how the vault stands: archives, copies, 3-2-1, and what is due"),
    "doctor": Verb("doctor", "Look for what could be wrong: configuration, plugins, key, disk, vault"),
    "report": Verb("report", "Tell what the run that made a snapshot did, and what it found"),
    "key": Verb("key", "Say who can unlock the vault, and prove a recovery kit"),
    "plugin": Verb("plugin", "List plugins: what they bring and need, and what is wrong with one"),
    "version": Verb("version", "Tell the versions of tgvault and of what it is made of"),
}


class _Root(VaultGroup):
    """Loads a verb's module when the verb runs or its own help is asked for."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        # Asked for by help and by shell completion, which want the name and the line of all of them.
        verb = VERBS.get(cmd_name)
        return TyperCommand(cmd_name, help=verb.help) if verb else None

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, *rest = args
        if name not in VERBS and ctx.resilient_parsing:
            return None, None, rest
        command = verb_command(name) if name in VERBS else _of_plugins(name, ctx)
        if command is None:
            raise _unknown(name)
        if not ctx.resilient_parsing:
            ctx.obj.begin()
        return name, command, rest


def root_command() -> Command:
    """Make the command that everything hangs on."""
    app = typer.Typer(cls=_Root, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_tgvault)
    return get_command(app)


def verb_command(name: str) -> Command:
    """Import the verb's module and make its command."""
    app = import_module(f"tgvault.cli.{VERBS[name].module}").app
    command = get_command(app)
    command.name = name
    return command


def _print_version(context: typer.Context, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        context.obj.stdout.write(f"tgvault {tgvault.__version__}\n")
        raise typer.Exit


def _tgvault(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end")
    ] = False,
) -> None:
    """Keep everything you have on Telegram in an encrypted vault, and get any version back

    Start with `tgvault demo`, or with `tgvault init` and `tgvault import PATH`.
    """


def _of_plugins(name: str, ctx: Context) -> Command | None:
    from tgvault.cli.extra import plugin_command

    return plugin_command(name, ctx.obj)


def _unknown(name: str) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, VERBS, n=1)
    hint = f"did you mean `tgvault {near[0]}`?" if near else "run `tgvault --help` for the list"
    return UsageError(f"there is no command `{name}`", hint=hint)
