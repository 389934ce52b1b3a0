"""`tgvault demo`."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation
from tgvault.cli.options import GlobalOptions
from tgvault.cli.text import count
from tgvault.engine.demo_data import DemoExport, write_first_export, write_second_export
from tgvault.errors import UsageError
from tgvault.keys.identity_file import read_or_make_identity

__all__ = ["app"]

app = new_app()

_NOT_SECRET = "opens the demo vault beside it, and lies there only because this is a demo"  # noqa: S105 - words
_STATE = ("--state", "state")

_FILES = (
    ("exports", "two exports, as Telegram Desktop writes them; nobody in them exists"),
    ("vault", "the vault: nothing in it can be read without a key"),
    ("vault.toml", "its configuration"),
    ("demo.key", "the key; in real life it is in your keyring, never beside the vault"),
    ("kit.txt, kit.html", "the recovery kit; in real life on paper, somewhere else"),
    ("restored", "all that the archive holds, with messages that are gone in their places"),
    ("as-it-was", "the first export, as it was"),
    ("state", "what this machine knows of the vault, encrypted; deleting it loses nothing"),
)


@app.command(cls=VaultCommand)
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="A folder that is not there yet")] = Path(
        "tgvault-demo"
    ),
) -> None:
    """Show the whole way with made-up data, in a folder of its own

    Makes an export, a vault and a backup, then the next export and the next backup, shows the difference, restores and
    verifies. Everything stays in that folder; delete it when you have seen enough.
    """
    stage = _Stage(context.obj, folder)
    if stage.path("").exists():
        raise UsageError(f"`{folder}` is there already", hint="delete it, or name another folder with `--dir`")
    stage.exported("An export, as Telegram Desktop would make it.", write_first_export(stage.path("exports/april")))
    read_or_make_identity(stage.path("demo.key"), what_for=_NOT_SECRET, created=datetime.now(UTC))
    stage.run("--vault", "vault.toml", "init", "--path", "vault", "--key-file", "demo.key", "--kit", "kit.txt", *_STATE)
    stage.run("import", "exports/april")
    stage.exported("A month later, the next one.", write_second_export(stage.path("exports/may")))
    stage.run("import", "exports/may")
    stage.run("snapshots")
    stage.run("diff", "latest~1", "latest")
    stage.run("restore", "latest", "--to", "restored")
    stage.run("restore", "latest~1", "--exact", "--to", "as-it-was")
    stage.run("verify")
    stage.end()


@dataclass(frozen=True, slots=True)
class _Stage:
    """The folder of the demo; commands run in it just as somebody would type them there."""

    invocation: Invocation
    folder: Path

    def path(self, name: str) -> Path:
        return self.invocation.folder / self.folder / name

    def exported(self, words: str, export: DemoExport) -> None:
        counted = (count(export.chats, "chat"), count(export.messages, "message"), count(export.files, "file"))
        self._say(f"\n# {words}\n# {self.folder / 'exports' / export.folder.name}: {', '.join(counted)}\n")

    def run(self, *arguments: str) -> None:
        """Show a command line and carry it out; the demo ends where one fails."""
        self._say(f"\n$ tgvault {' '.join(arguments)}\n")
        ours = {name: value for name, value in self.invocation.environment.items() if not name.startswith("TGVAULT_")}
        # The demo's own vault.toml, and no key or vault that somebody works with otherwise.
        here = replace(self.invocation, folder=self.path(""), environment=ours, options=GlobalOptions())
        if code := execute(arguments, here):
            raise typer.Exit(code)

    def end(self) -> None:
        self._say(f"\nAll of this is in {self.folder}; delete it when you have seen enough.\n")
        for name, words in _FILES:
            self._say(f"  {name:<18}  {words}\n")
        program = "tgvault" if shutil.which("tgvault") else shlex.quote(str(Path(sys.argv[0]).absolute()))
        self._say(f"\nGo on from here: cd {shlex.quote(str(self.folder))} && {program} ls latest\n")

    def _say(self, words: str) -> None:
        self.invocation.stdout.write(words)
