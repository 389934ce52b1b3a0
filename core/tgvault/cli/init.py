"""`tgvault init`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.asking import ask, can_ask, confirm
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.setup import Wish, new_config_file, set_up
from tgvault.cli.sink_add import said_settings
from tgvault.config.write import Settings
from tgvault.engine.first_keys import VaultWithKit
from tgvault.errors import UsageError

__all__ = ["MadeVault", "app"]

app = new_app()

SinkOption = Annotated[str, typer.Option(metavar="TYPE", help="What keeps the vault; `tgvault plugin list` lists")]
PathOption = Annotated[Path | None, typer.Option(metavar="DIR", help="The folder that keeps the vault")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of another sink; may be repeated")
]
KitOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Where the recovery kit goes")]
ExportsOption = Annotated[
    str | None, typer.Option(metavar="PATTERN", help="Where `backup` finds exports: `~/Downloads/*/DataExport_*`")
]
StateOption = Annotated[Path | None, typer.Option(metavar="DIR", help="Where this machine's cache goes")]


class MadeVault(msgspec.Struct, frozen=True):
    """A new vault."""

    vault: Annotated[str, Meta(description="The vault's id.")]
    fingerprint: Annotated[str, Meta(description="What the vault is recognised by; the kit says it, too.")]
    config: Annotated[str, Meta(description="The `vault.toml` that was written.")]
    key: Annotated[str, Meta(description="Where this machine's key is: a file, a command, the keyring.")]
    kit: Annotated[str, Meta(description="The recovery kit as text.")]
    kit_page: Annotated[str, Meta(description="The recovery kit as a page to print.")]


@app.command(cls=VaultCommand)
def init(
    context: typer.Context,
    sink: SinkOption = "local",
    path: PathOption = None,
    settings: SetOption = None,
    kit: KitOption = None,
    exports: ExportsOption = None,
    state: StateOption = None,
) -> None:
    """Make a vault, a key for this machine, and a recovery kit

    What is not said is asked for. The key goes into the keyring of your desktop; with `--key-file` it lies in a file,
    which is made if it is not there.
    """
    invocation: Invocation = context.obj
    wish = Wish(
        config=new_config_file(invocation),
        sink=sink,
        settings=_settings(invocation, sink, path, settings or []),
        kit=_answered(invocation, kit, "--kit", "File for the recovery kit", default="tgvault-recovery-kit.txt"),
        key_file=_key_file(invocation),
        key_command=invocation.options.key_command,
        state=invocation.folder / state if state else None,
        sources={"desktop": {"type": "desktop-export", "path": exports}} if exports else None,
    )
    made = set_up(wish, invocation, now=lambda: datetime.now(UTC))
    invocation.output.show(_told(wish, made), _in_words)


def _told(wish: Wish, made: VaultWithKit) -> MadeVault:
    keys = made.created.bundle
    return MadeVault(
        vault=keys.vault_id,
        fingerprint=keys.fingerprint,
        config=str(wish.config),
        key=_kept(wish),
        kit=str(made.files.text),
        kit_page=str(made.files.page),
    )


def _in_words(made: MadeVault, output: Output) -> None:
    output.line(f"vault          {made.vault}")
    output.line(f"fingerprint    {made.fingerprint}")
    output.line(f"configuration  {made.config}")
    output.line(f"key            {made.key}")
    output.line(f"recovery kit   {made.kit}, {made.kit_page}")
    output.note("\nThe kit opens the vault when this machine is lost: print the page, keep it apart, then delete both.")
    output.note("Whoever has it can read everything. `tgvault key verify FILE` proves that it works.")


def _settings(invocation: Invocation, sink: str, path: Path | None, pairs: list[str]) -> Settings:
    said: dict[str, object] = {**said_settings(pairs, how="--set KEY=VALUE")}
    if path is not None or (sink == "local" and "path" not in said):
        said["path"] = _answered(invocation, path, "--path", "Folder for the vault, best on another disk")
    return said


def _answered(invocation: Invocation, given: Path | None, option: str, question: str, *, default: str = "") -> Path:
    if given is not None:
        return invocation.folder / given
    if not can_ask(invocation):
        raise UsageError(f"`{option}` is missing", hint="say it, or run `tgvault init` on a terminal to be asked")
    while not (answer := ask(invocation, question, default=default)):
        invocation.stderr.write("That cannot be empty.\n")
    return invocation.folder / Path(answer).expanduser()


def _key_file(invocation: Invocation) -> Path | None:
    said = invocation.options
    if said.key_file is not None:
        return invocation.folder / said.key_file
    if said.key_command is not None or not can_ask(invocation):
        return None
    if confirm(invocation, "Keep this machine's key in the keyring of your desktop?"):
        return None
    return _answered(invocation, None, "--key-file", "File for the key", default="tgvault.key")


def _kept(wish: Wish) -> str:
    if wish.key_file is not None:
        return str(wish.key_file)
    return "what the key command prints" if wish.key_command is not None else "the keyring"
