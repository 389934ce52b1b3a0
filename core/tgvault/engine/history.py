"""Everything that an archive knows of one message: its texts, and since which snapshot it is there or gone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.archive.entries import ChatEntry, Version
from tgvault.archive.reading import ReadMessage
from tgvault.engine.browsing import ChatInfo, chat_info, find_message, open_snapshot
from tgvault.engine.shown import ShownMedia, ShownMessage, show_media, show_message
from tgvault.engine.snapshot_info import utc
from tgvault.model.paths import unfold
from tgvault.vault.opened import Snapshot, Vault

__all__ = ["EarlierText", "MessageHistory", "history"]


class EarlierText(msgspec.Struct, frozen=True, kw_only=True):
    """What a message said before it was edited."""

    seen: Annotated[datetime, Meta(description="When Telegram last showed it, as far as is known.")]
    media: Annotated[tuple[ShownMedia, ...], Meta(description="The files that it spoke of.")]
    body: Annotated[msgspec.Raw, Meta(description="The message in the schema of Telegram Desktop's exports.")]


class MessageHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive knows of a message."""

    chat: Annotated[ChatInfo, Meta(description="The chat that it stands in.")]
    message: Annotated[ShownMessage, Meta(description="Its present text, or its last one if it is gone.")]
    earlier: Annotated[list[EarlierText], Meta(description="Its earlier texts, oldest first.")]
    first_in: Annotated[str, Meta(description="The snapshot in which it appeared.")]
    gone_in: Annotated[str | None, Meta(description="The snapshot since which it is marked gone; null if it is not.")]


def history(
    vault: Vault, snapshots: Sequence[Snapshot], snapshot: Snapshot, chat: ChatEntry, number: int
) -> MessageHistory:
    """Tell everything that a snapshot knows of a message of the chat.

    `snapshots` are those that `Vault.sync` gives. A few of the archive's are looked into, not all: where gone messages
    are kept, one that has appeared never vanishes again. Where they are not (policy `mirror`), a message that was away
    for a while may be said to have appeared later than it did.

    Raises:
        NotFoundError: the chat has none of that id; the hint names its neighbours.
    """
    found = find_message(open_snapshot(vault, snapshot), chat, number)
    archive = [each for each in snapshots if each.manifest.archive == snapshot.manifest.archive]
    line = archive[: archive.index(snapshot) + 1]

    def holds(test: Callable[[ReadMessage], bool]) -> Callable[[Snapshot], bool]:
        return lambda each: (then := _message_in(vault, each, chat, number)) is not None and test(then)

    return MessageHistory(
        chat=chat_info(chat),
        message=show_message(found),
        earlier=[_earlier(version) for version in found.earlier],
        first_in=_first(line, holds(lambda _: True)),
        gone_in=_first(line, holds(lambda then: _missed(then) == _missed(found))) if found.gone else None,
    )


def _message_in(vault: Vault, snapshot: Snapshot, chat: ChatEntry, number: int) -> ReadMessage | None:
    reader = open_snapshot(vault, snapshot)
    entry = reader.chat(chat.key)
    return reader.message(entry, number) if entry is not None else None


def _first(line: Sequence[Snapshot], test: Callable[[Snapshot], bool]) -> str:
    """Give the first snapshot that passes, if those that do stand at the end; the last one does."""
    return line[bisect_left(line[:-1], True, key=test)].id


def _missed(read: ReadMessage) -> str | None:
    return read.gone.missed if read.gone is not None else None


def _earlier(version: Version) -> EarlierText:
    body = bytes(version.body)
    return EarlierText(
        seen=utc(version.seen),
        media=show_media(body, version.media),
        body=msgspec.Raw(unfold(body, folder="")),
    )
