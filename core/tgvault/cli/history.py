"""`tgvault history`."""

from __future__ import annotations

from typing import Annotated

import typer

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.messages import indented, message_lines
from tgvault.cli.output import Output
from tgvault.cli.parameters import CHAT_HELP
from tgvault.cli.reading import open_to_read
from tgvault.cli.safe import safe_line
from tgvault.cli.text import local_time
from tgvault.engine.browsing import open_snapshot
from tgvault.engine.chat_names import find_chat
from tgvault.engine.history import MessageHistory
from tgvault.engine.history import history as history_of
from tgvault.engine.snapshots import LATEST

__all__ = ["app"]

app = new_app()


@app.command(cls=VaultCommand)
def history(
    context: typer.Context,
    chat: Annotated[str, typer.Argument(metavar="CHAT", help=CHAT_HELP)],
    message: Annotated[int, typer.Argument(metavar="MESSAGE", help="The message's id")],
    snapshot: Annotated[
        str, typer.Option("--in", metavar="SNAPSHOT", help="What is known in that snapshot; usually the newest one")
    ] = LATEST,
) -> None:
    """Tell all that is known of a message: its texts, and when it came and went"""
    invocation: Invocation = context.obj
    with open_to_read(invocation) as work:
        snapshots = work.snapshots()
        found = work.named(snapshots, snapshot)
        entry = find_chat(open_snapshot(work.vault, found), chat)
        said = history_of(work.vault, snapshots, found, entry, message)
    invocation.output.show(said, _in_words)


def _in_words(said: MessageHistory, output: Output) -> None:
    output.line(f"chat {safe_line(said.chat.title)}, in the archive since snapshot {said.first_in}")
    for earlier in said.earlier:
        output.line(f"\nlast seen {local_time(earlier.seen)}:")
        for line in indented(bytes(earlier.body), earlier.media):
            output.line(line)
    output.line("\nlast text:" if said.message.gone is not None else "\nnow:")
    for line in message_lines(said.message):
        output.line(line)
    if said.message.gone is not None:
        output.line(f"\ngone: found missing {local_time(said.message.gone.missed)}, in snapshot {said.gone_in}")
