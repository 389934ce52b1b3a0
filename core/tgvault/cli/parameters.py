"""Arguments and options that several verbs have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from tgvault.config.sections import TAG_NAME, TAG_WORDS
from tgvault.errors import UsageError

__all__ = [
    "CHAT_HELP",
    "JobsOption",
    "SinceOption",
    "SnapshotArgument",
    "TagOption",
    "UntilOption",
    "checked_tags",
    "read_share",
]

CHAT_HELP = "A title or the beginning of one, an id, `@name`, or a key such as `user:5`"

JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=0, help="Worker processes; 0 does everything in this one")
]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help="From that day or time on")]
SnapshotArgument = Annotated[
    str, typer.Argument(metavar="SNAPSHOT", help="An id, its first digits, `latest` or `latest~2`")
]
TagOption = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag for the snapshots that are made; repeat it")
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to the end of that day")]


def checked_tags(tags: Iterable[str] | None) -> tuple[str, ...]:
    """Check the tags that were said, and give each of them once, in order.

    Raises:
        UsageError: one of them is none.
    """
    found = sorted(set(tags or ()))
    for tag in found:
        if re.fullmatch(TAG_NAME, tag) is None:
            raise UsageError(f"`{tag}` cannot be a tag", hint=f"a tag has {TAG_WORDS}")
    return tuple(found)


def read_share(text: str) -> float:
    """Read a share between nothing and all: `5%` or `0.05`.

    Raises:
        UsageError: it is none.
    """
    number, percent, rest = text.partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if rest or not 0 <= share <= 1:
        raise UsageError(f"`{text}` is no share", hint="write `5%` or `0.05`")
    return share
