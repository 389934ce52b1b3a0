"""Arguments and options that several verbs have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["CHAT_HELP", "JobsOption", "SinceOption", "SnapshotArgument", "UntilOption"]

CHAT_HELP = "A title or the beginning of one, an id, `@name`, or a key such as `user:5`"

JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=0, help="Worker processes; 0 does everything in this one")
]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help="From that day or time on")]
SnapshotArgument = Annotated[
    str, typer.Argument(metavar="SNAPSHOT", help="An id, its first digits, `latest` or `latest~2`")
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to the end of that day")]
