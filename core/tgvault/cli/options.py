"""The options that every command takes, before the verb or after it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Self

import typer

__all__ = ["GlobalOptions", "declared"]


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was said for the whole run; None where nothing was said."""

    vault: Path | None = None
    archive: str | None = None
    key_file: Path | None = None
    #: May hold a secret in its arguments.
    key_command: str | None = field(default=None, repr=False)
    passphrase: bool | None = None
    json: bool | None = None
    quiet: bool | None = None
    verbose: bool | None = None
    no_plugins: bool | None = None
    accept_missing_snapshots: bool | None = None

    def overridden_by(self, later: GlobalOptions) -> Self:
        """Put the options said later, further to the right, over these."""
        said = {each.name: getattr(later, each.name) for each in fields(later)}
        return replace(self, **{name: value for name, value in said.items() if value is not None})


def declared(
    vault: Annotated[
        Path | None, typer.Option("--vault", metavar="FILE", help="The vault's configuration, `vault.toml`")
    ] = None,
    archive: Annotated[
        str | None, typer.Option("--archive", metavar="NAME", help="The archive, where the vault holds several")
    ] = None,
    key_file: Annotated[Path | None, typer.Option("--key-file", metavar="FILE", help="A file with your key")] = None,
    key_command: Annotated[
        str | None, typer.Option("--key-command", metavar="COMMAND", help="A command that prints your key")
    ] = None,
    passphrase: Annotated[
        bool | None,
        typer.Option("--passphrase", help="Unlock with a passphrase, asked for or read from standard input"),
    ] = None,
    json: Annotated[bool | None, typer.Option("--json", help="Print one JSON document")] = None,
    quiet: Annotated[
        bool | None, typer.Option("--quiet", "-q", help="Say nothing but results, losses and errors")
    ] = None,
    verbose: Annotated[bool | None, typer.Option("--verbose", "-v", help="Say more, the causes of errors too")] = None,
    no_plugins: Annotated[
        bool | None, typer.Option("--no-plugins", help="Load no plugin that does not come with tgvault")
    ] = None,
    accept_missing_snapshots: Annotated[
        bool | None,
        typer.Option("--accept-missing-snapshots", help="Go on where snapshots are gone that you removed yourself"),
    ] = None,
) -> None:
    """Declare the options for Typer; a test holds them against `GlobalOptions`."""
