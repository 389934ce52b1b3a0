"""`tgvault ls`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.findings import leave_with, show_findings
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.parameters import CHAT_HELP, SnapshotArgument
from tgvault.cli.reading import open_to_read
from tgvault.cli.safe import safe_line
from tgvault.cli.table import Column, Table
from tgvault.cli.text import local_time
from tgvault.engine.browsing import ChatInfo, dated, list_chats, list_documents, open_snapshot
from tgvault.engine.chat_names import find_chat
from tgvault.model.findings import Finding, Findings

__all__ = ["ChatList", "app"]

app = new_app()

_COLUMNS = (
    Column("chat", wraps=True),
    Column("key", whole=True),
    Column("type", spare=3),
    Column("messages", right=True, spare=1),
    Column("gone", right=True, spare=2),
)


class ChatList(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot holds."""

    snapshot: Annotated[str, Meta(description="The snapshot's short id.")]
    chats: Annotated[list[ChatInfo], Meta(description="Its chats, in the order of their keys; the one that was named.")]
    documents: Annotated[
        list[str], Meta(description="Names of what there is besides chats; left out where a chat was named.")
    ] = []
    findings: Annotated[list[Finding], Meta(description="What cannot be listed, and why.")] = []


@app.command(cls=VaultCommand)
def ls(
    context: typer.Context,
    snapshot: SnapshotArgument,
    chat: Annotated[str | None, typer.Argument(metavar="CHAT", help=CHAT_HELP)] = None,
) -> None:
    """List the chats of a snapshot, or tell about one"""
    invocation: Invocation = context.obj
    with open_to_read(invocation) as work:
        found = work.snapshot(snapshot)
        reader = open_snapshot(work.vault, found)
        if chat is not None:
            one = dated(reader, find_chat(reader, chat))
            invocation.output.show(ChatList(snapshot=found.id, chats=[one]), _one_in_words)
            return
        findings = Findings()
        chats = list(list_chats(reader, findings))
        documents = list(list_documents(reader, findings))
        said = ChatList(snapshot=found.id, chats=chats, documents=documents, findings=findings.listed())
    invocation.output.show(said, _all_in_words)
    leave_with(findings.losses())


def _all_in_words(said: ChatList, output: Output) -> None:
    chats = sorted(said.chats, key=lambda each: (each.title.casefold(), each.key))
    output.table(Table(_COLUMNS, [_row(each) for each in chats]))
    if said.documents:
        output.line(f"\nand {', '.join(safe_line(name) for name in said.documents)}")
    show_findings(said.findings, output)


def _row(each: ChatInfo) -> tuple[str, ...]:
    return each.title, each.key, each.type or "", f"{each.messages:,}", f"{each.gone:,}" if each.gone else ""


def _one_in_words(said: ChatList, output: Output) -> None:
    (chat,) = said.chats
    output.line(f"chat      {safe_line(chat.title)}" + (f" (@{safe_line(chat.username)})" if chat.username else ""))
    output.line(f"key       {safe_line(chat.key)}")
    output.line(f"type      {safe_line(chat.type or 'not told')}")
    output.line(f"messages  {chat.messages:,}" + (f", and {chat.gone:,} gone from Telegram" if chat.gone else ""))
    if chat.first is not None:
        output.line(f"first     {local_time(chat.first)}")
    if chat.last is not None:
        output.line(f"last      {local_time(chat.last)}")
