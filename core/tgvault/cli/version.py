"""`tgvault version`."""

from __future__ import annotations

import platform
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

import tgvault
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.hookspecs import API_VERSION

__all__ = ["Versions", "app"]

app = new_app()

#: The vault format that this version writes; it reads that one and older ones.
FORMAT = 1


class Versions(msgspec.Struct, frozen=True):
    """The versions of tgvault and of what it is made of."""

    tgvault: Annotated[str, Meta(description="The version of tgvault.")]
    python: Annotated[str, Meta(description="The version of Python.")]
    platform: Annotated[str, Meta(description="The operating system and the kind of machine.")]
    api: Annotated[str, Meta(description="The version of the interface that plugins are written to.")]
    format: Annotated[int, Meta(description="The vault format that is written; it and older ones are read.")]


@app.command(cls=VaultCommand)
def version(context: typer.Context) -> None:
    """Tell the versions of tgvault and of what it is made of"""
    invocation: Invocation = context.obj
    said = Versions(
        tgvault=tgvault.__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        api=".".join(str(part) for part in API_VERSION),
        format=FORMAT,
    )
    invocation.output.show(said, _lines)


def _lines(said: Versions, output: Output) -> None:
    output.line(f"tgvault {said.tgvault}")
    output.line(f"python {said.python} on {said.platform}")
    output.line(f"plugin interface {said.api}, vault format {said.format}")
