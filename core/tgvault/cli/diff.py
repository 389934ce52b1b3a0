"""`tgvault diff`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.messages import text_of
from tgvault.cli.output import Output
from tgvault.cli.parameters import CHAT_HELP
from tgvault.cli.reading import open_to_read
from tgvault.cli.safe import safe_line
from tgvault.cli.text import local_time, size
from tgvault.cli.unlocking import Work
from tgvault.engine.browsing import open_snapshot
from tgvault.engine.changes import ChangeKind, MessageChange
from tgvault.engine.chat_names import find_chat
from tgvault.engine.diff import ChatChanges, Diff, DiffNumbers, summarise
from tgvault.errors import NotFoundError, UsageError
from tgvault.vault.opened import Snapshot

__all__ = ["app"]

app = new_app()

#: What is listed message by message unless somebody says otherwise: few in number, and what people look for.
USUAL = (ChangeKind.GONE, ChangeKind.BACK, ChangeKind.EDITED, ChangeKind.FILLED)

_WORDS = {
    "new": "new",
    "edited": "edited",
    "gone": "gone",
    "back": "back again",
    "filled": "with a file filled in",
    "updated": "updated otherwise",
    "found": "with an earlier text found",
}

FirstArgument = Annotated[str, typer.Argument(metavar="A", help="A snapshot: an id, `latest` or `latest~2`")]
SecondArgument = Annotated[str, typer.Argument(metavar="B", help="The snapshot to compare it with")]


@app.command(cls=VaultCommand)
def diff(
    context: typer.Context,
    first: FirstArgument,
    second: SecondArgument,
    chat: Annotated[list[str] | None, typer.Option("--chat", metavar="CHAT", help=CHAT_HELP)] = None,
    kind: Annotated[
        list[ChangeKind] | None,
        typer.Option("--kind", metavar="KIND", help="List messages of that kind: new, edited, gone, filled and so on"),
    ] = None,
    summary: Annotated[bool | None, typer.Option("--summary", help="Count only, list no messages")] = None,
) -> None:
    """Tell what is not the same in two snapshots, by chat and by message

    Listed are messages that were edited, that are gone or back again, and those of which a file came to light;
    the others are counted.
    """
    invocation: Invocation = context.obj
    if kind and summary:
        raise UsageError("`--summary` lists no messages, `--kind` does", hint="leave one of the two out")
    listed = () if summary else tuple(kind or USUAL)
    with open_to_read(invocation) as work:
        snapshots = work.snapshots()
        one, other = work.named(snapshots, first), work.named(snapshots, second)
        chats = frozenset(_key(work, (other, one), name) for name in chat or ())
        found = summarise(work.vault, one, other, listed=listed, chats=chats)
    invocation.output.show(found, lambda said, output: _in_words(said, output, listed))


def _key(work: Work, snapshots: Collection[Snapshot], name: str) -> str:
    """Find a chat that one of the two may not have."""
    missed: NotFoundError | None = None
    for snapshot in snapshots:
        try:
            return find_chat(open_snapshot(work.vault, snapshot), name).key
        except NotFoundError as error:
            missed = missed or error
    assert missed is not None
    raise missed


def _in_words(said: Diff, output: Output, listed: Collection[ChangeKind]) -> None:
    output.line(f"{said.first.id} ({local_time(said.first.time)}) → {said.second.id} ({local_time(said.second.time)})")
    output.line(f"messages: {_numbers(said.numbers)}")
    for document in said.documents:
        output.line(f"{safe_line(document.name)}: {document.kind.value}")
    for chat in said.chats:
        output.line()
        output.line(f"{_title(chat)}: {_numbers(chat.numbers)}")
        for change in chat.messages:
            for line in _lines(change):
                output.line(line)
    if said.numbers.new and ChangeKind.NEW not in listed:
        output.note("\nNew messages are counted; `--kind new` lists them.")


def _title(chat: ChatChanges) -> str:
    title = safe_line(chat.chat.title)
    if chat.title_before is not None:
        title = f"{title} (was {safe_line(chat.title_before)})"
    if not chat.in_first:
        return f"{title}, a new chat"
    return title if chat.in_second else f"{title}, not in the second"


def _numbers(numbers: DiffNumbers) -> str:
    said = [f"{getattr(numbers, name):,} {words}" for name, words in _WORDS.items() if getattr(numbers, name)]
    return ", ".join(said) or "none"


def _lines(change: MessageChange) -> Iterator[str]:
    message = change.after or change.before
    when = f"  {local_time(message.time)}" if message is not None and message.time is not None else ""
    yield f"  {change.kind.value}  #{change.id}{when}"
    before = text_of(change.before) if change.before is not None else None
    after = text_of(change.after) if change.after is not None and change.kind is not ChangeKind.GONE else None
    if before == after or change.kind is ChangeKind.FILLED:
        yield f"      {after or ''}".rstrip()
    else:
        yield from (f"    {sign} {text}" for sign, text in (("-", before), ("+", after)) if text is not None)
    for media in change.after.media if change.after is not None else ():
        if media.field in change.filled:
            yield f"    + {safe_line(media.path or media.field)}, {size(media.size or 0)}"
