"""`tgvault show`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.archive.entries import ChatEntry
from tgvault.archive.reading import ArchiveReader
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.dates import period
from tgvault.cli.invocation import Invocation
from tgvault.cli.messages import show_messages
from tgvault.cli.parameters import CHAT_HELP, SinceOption, SnapshotArgument, UntilOption
from tgvault.cli.reading import open_to_read
from tgvault.engine.browsing import ChatInfo, around, chat_info, message, messages, newest, open_snapshot
from tgvault.engine.chat_names import find_chat
from tgvault.engine.shown import ShownMessage
from tgvault.errors import UsageError

__all__ = ["MessageList", "app"]

app = new_app()

#: Messages that are shown where nobody says which.
USUAL = 20


class MessageList(msgspec.Struct, frozen=True):
    """Messages of a chat."""

    snapshot: Annotated[str, Meta(description="The snapshot's short id.")]
    chat: Annotated[ChatInfo, Meta(description="The chat.")]
    messages: Annotated[list[ShownMessage], Meta(description="Its messages, oldest first.")]


@app.command(cls=VaultCommand)
def show(
    context: typer.Context,
    snapshot: SnapshotArgument,
    chat: Annotated[str, typer.Argument(metavar="CHAT", help=CHAT_HELP)],
    message_id: Annotated[int | None, typer.Argument(metavar="MESSAGE", help="A message's id")] = None,
    near: Annotated[
        int | None, typer.Option("--around", metavar="MESSAGE", help="That message with those before and after it")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="How many at most")] = None,
) -> None:
    """Show messages of a chat: one, some, or the newest ones

    Messages that are gone from Telegram stand in their places and say so.
    """
    invocation: Invocation = context.obj
    if [message_id is not None, near is not None, since is not None or until is not None].count(True) > 1:
        raise UsageError("one choice of messages at a time", hint="MESSAGE, `--around`, or `--since` and `--until`")
    with open_to_read(invocation) as work:
        found = work.snapshot(snapshot)
        reader = open_snapshot(work.vault, found)
        entry = find_chat(reader, chat)
        if message_id is not None:
            chosen = [message(reader, entry, message_id)]
        elif near is not None:
            chosen = around(reader, entry, near, context=(limit or USUAL) // 2)
        else:
            chosen = _chosen(reader, entry, since, until, limit)
    said = MessageList(found.id, chat_info(entry), chosen)
    invocation.output.show(said, lambda shown, output: show_messages(shown.messages, output))


def _chosen(
    reader: ArchiveReader, entry: ChatEntry, since: str | None, until: str | None, limit: int | None
) -> list[ShownMessage]:
    if since is None and until is None:
        return newest(reader, entry, limit=limit or USUAL)
    first, last = period(since, until)
    return list(messages(reader, entry, since=first, until=last, limit=limit))
