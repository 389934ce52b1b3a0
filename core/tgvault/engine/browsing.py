"""Looking into a snapshot: its chats, and the messages of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.archive.entries import ChatEntry
from tgvault.archive.reading import ArchiveReader, ReadMessage
from tgvault.engine.chat_names import title_of
from tgvault.engine.exact import loses
from tgvault.engine.selecting import Selection
from tgvault.engine.shown import ShownMessage, show_message, shown_time
from tgvault.errors import NotFoundError
from tgvault.model.findings import Findings
from tgvault.model.records import ChatKind
from tgvault.vault.opened import Snapshot, Vault

__all__ = [
    "ChatInfo",
    "around",
    "chat_info",
    "dated",
    "find_message",
    "list_chats",
    "list_documents",
    "message",
    "messages",
    "newest",
    "open_snapshot",
]


class ChatInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A chat of a snapshot."""

    key: Annotated[str, Meta(description="Names the chat for good: `user:5`, or `weak:1:Ben` where it has no id.")]
    kind: Annotated[ChatKind, Meta(description="Which number space the id belongs to.")]
    id: Annotated[int | None, Meta(description="The bare id; null where the source tells none.")]
    type: Annotated[
        str | None, Meta(description="What the export calls it: `personal_chat`, `private_group` and so on.")
    ]
    title: Annotated[str, Meta(description="Its title; its key where it has none.")]
    username: Annotated[str | None, Meta(description="Its public name, where the source tells one.")]
    messages: Annotated[int, Meta(description="Messages that are not gone.")]
    gone: Annotated[int, Meta(description="Messages that are gone from Telegram and are kept.")]
    first: Annotated[datetime | None, Meta(description="Time of the first message, where it was asked for.")] = None
    last: Annotated[datetime | None, Meta(description="Time of the last message, where it was asked for.")] = None


def open_snapshot(vault: Vault, snapshot: Snapshot) -> ArchiveReader:
    """Give what reads a snapshot of a vault."""
    return ArchiveReader(snapshot.manifest, vault.reader)


def list_chats(reader: ArchiveReader, findings: Findings) -> Iterator[ChatInfo]:
    """Describe the chats of a snapshot, in the order of their keys, without reading a message.

    Those that cannot be read are losses.
    """
    return (chat_info(entry) for entry in reader.readable_chats(loses(findings, "chats")))


def list_documents(reader: ArchiveReader, findings: Findings) -> Iterator[str]:
    """Name the documents of a snapshot without reading them; those that cannot be named are losses."""
    return (entry.name for entry in reader.readable_documents(loses(findings, "documents")))


def chat_info(entry: ChatEntry) -> ChatInfo:
    """Describe a chat."""
    return ChatInfo(
        key=entry.key,
        kind=entry.kind,
        id=entry.id,
        type=entry.type,
        title=title_of(entry),
        username=entry.username,
        messages=entry.count,
        gone=entry.gone,
    )


def dated(reader: ArchiveReader, entry: ChatEntry) -> ChatInfo:
    """Describe a chat with the times of its first and last message; reads its first and its last segment."""
    first, last = next(reader.messages(entry), None), next(reader.messages_backwards(entry), None)
    return msgspec.structs.replace(chat_info(entry), first=_time(first), last=_time(last))


def messages(
    reader: ArchiveReader,
    chat: ChatEntry,
    *,
    first: int | None = None,
    last: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> Iterator[ShownMessage]:
    """Give the messages of a chat, oldest first: from id `first` to `last`, both included, `since` included, `until`
    not (aware), and the first `limit` of these.

    A range of ids reads the segments in which it lies; a range of time reads all of the chat, since ids need not
    ascend with time. A message whose time is unknown is in no range of time.
    """
    wanted = Selection(since=since, until=until)
    found = reader.messages(chat, first=first, last=last)
    return islice((show_message(each) for each in found if wanted.takes(each.id, each.body)), _at_most(limit))


def newest(reader: ArchiveReader, chat: ChatEntry, *, limit: int) -> list[ShownMessage]:
    """Give the last messages of a chat, oldest first."""
    return [show_message(each) for each in islice(reader.messages_backwards(chat), _at_most(limit))][::-1]


def message(reader: ArchiveReader, chat: ChatEntry, number: int) -> ShownMessage:
    """Find a message by its id.

    Raises:
        NotFoundError: the chat has none of that id; the hint names its neighbours.
    """
    return show_message(find_message(reader, chat, number))


def around(reader: ArchiveReader, chat: ChatEntry, number: int, *, context: int) -> list[ShownMessage]:
    """Give a message with so many before and after it, oldest first; raises as `message` does."""
    middle = find_message(reader, chat, number)
    before = list(islice(reader.messages_backwards(chat, last=number - 1), context))[::-1]
    after = islice(reader.messages(chat, first=number + 1), context)
    return [show_message(each) for each in (*before, middle, *after)]


def find_message(reader: ArchiveReader, chat: ChatEntry, number: int) -> ReadMessage:
    """Do as `message` does, and give the message as the archive has it."""
    found = reader.message(chat, number)
    if found is None:
        raise NotFoundError(f"chat `{title_of(chat)}` has no message {number}", hint=_neighbours(reader, chat, number))
    return found


def _neighbours(reader: ArchiveReader, chat: ChatEntry, number: int) -> str:
    sides = (reader.messages_backwards(chat, last=number - 1), reader.messages(chat, first=number + 1))
    near = [str(each.id) for each in (next(side, None) for side in sides) if each is not None]
    return f"the nearest it has: {' and '.join(near)}" if near else "it has no messages"


def _time(read: ReadMessage | None) -> datetime | None:
    return shown_time(read.body) if read is not None else None


def _at_most(limit: int | None) -> int | None:
    """Bring a limit into the range that iterators can count."""
    return limit if limit is None else min(limit, sys.maxsize)
