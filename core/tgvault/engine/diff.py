"""Comparing two snapshots, chat by chat, at a cost that grows with what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.archive.differing import differing_leaves, paired
from tgvault.archive.entries import ChatEntry, DocumentEntry, parse_chats, parse_documents
from tgvault.archive.lists import BlobSource, read_leaf
from tgvault.engine.browsing import ChatInfo, chat_info
from tgvault.engine.changes import ChangeKind, MessageChange, changes
from tgvault.engine.chat_names import title_of
from tgvault.engine.snapshot_info import SnapshotInfo, snapshot_info
from tgvault.vault.opened import Snapshot, Vault

__all__ = [
    "ChatChanges",
    "ChatDiff",
    "Diff",
    "DiffNumbers",
    "DocumentChange",
    "DocumentChangeKind",
    "changed_documents",
    "diff",
    "summarise",
    "summarise_chat",
]


class DiffNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages are not the same in two snapshots, by what became of them."""

    new: Annotated[int, Meta(description="Messages that the first snapshot does not have.")] = 0
    gone: Annotated[int, Meta(description="Messages that are gone or not there in the second snapshot.")] = 0
    back: Annotated[int, Meta(description="Messages that were gone and are there again.")] = 0
    edited: Annotated[int, Meta(description="Messages of which somebody changed the content.")] = 0
    filled: Annotated[int, Meta(description="Messages of which a file came to light.")] = 0
    updated: Annotated[int, Meta(description="Messages of which something else changed.")] = 0
    found: Annotated[int, Meta(description="Messages of which an earlier text came to light.")] = 0


class ChatChanges(msgspec.Struct, frozen=True, kw_only=True):
    """A chat that is not the same in two snapshots."""

    chat: Annotated[ChatInfo, Meta(description="The chat as the second snapshot has it, or else the first.")]
    in_first: Annotated[bool, Meta(description="Whether the first snapshot has the chat.")]
    in_second: Annotated[bool, Meta(description="Whether the second snapshot has the chat.")]
    title_before: Annotated[str | None, Meta(description="Its title in the first snapshot, where that is another.")]
    numbers: Annotated[DiffNumbers, Meta(description="Its messages that are not the same, counted.")]
    messages: Annotated[list[MessageChange], Meta(description="Those of the messages that were asked for.")]


class DocumentChangeKind(StrEnum):
    """What became of a document."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


class DocumentChange(msgspec.Struct, frozen=True, kw_only=True):
    """A document that is not the same in two snapshots."""

    name: Annotated[str, Meta(description="The name of the document: `contacts`, `sessions` and so on.")]
    kind: Annotated[DocumentChangeKind, Meta(description="What became of it.")]
    size_before: Annotated[int | None, Meta(description="Its bytes in the first snapshot.")] = None
    size_after: Annotated[int | None, Meta(description="Its bytes in the second snapshot.")] = None


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """What is not the same in two snapshots."""

    first: Annotated[SnapshotInfo, Meta(description="The first snapshot.")]
    second: Annotated[SnapshotInfo, Meta(description="The second snapshot.")]
    numbers: Annotated[DiffNumbers, Meta(description="Messages of all chats together.")]
    chats: Annotated[list[ChatChanges], Meta(description="The chats that are not the same.")]
    documents: Annotated[list[DocumentChange], Meta(description="The documents that are not the same.")]


@dataclass(frozen=True, slots=True)
class ChatDiff:
    """A chat of which two snapshots have different things; one of the two entries may be None."""

    before: ChatEntry | None
    after: ChatEntry | None
    source: BlobSource = field(repr=False)

    @property
    def entry(self) -> ChatEntry:
        """The chat as the second snapshot has it, or else the first."""
        entry = self.after or self.before
        assert entry is not None
        return entry

    @property
    def title_before(self) -> str | None:
        """The title in the first snapshot, where the second has another."""
        if self.before is None or self.after is None or title_of(self.before) == title_of(self.after):
            return None
        return title_of(self.before)

    def changes(self) -> Iterator[MessageChange]:
        """Give the messages that are not the same, by id; each call reads them anew."""
        return changes(self.source, self.before, self.after)


def diff(vault: Vault, first: Snapshot, second: Snapshot, *, chats: Collection[str] = ()) -> Iterator[ChatDiff]:
    """Give the chats of which two snapshots have different messages or names, by key.

    The snapshots may be of different archives, and in any order. Nothing is read that both have. `chats` leaves out
    all but those of these keys, unless it is empty.

    Raises:
        VaultError: a blob that is needed is missing or damaged.
    """
    mine, theirs = differing_leaves(first.manifest.chats, second.manifest.chats, vault.reader)
    ones = (entry for ref in mine for entry in parse_chats(read_leaf(ref, vault.reader)))
    others = (entry for ref in theirs for entry in parse_chats(read_leaf(ref, vault.reader)))
    for key, before, after in paired(ones, others, key=_chat_key):
        if (not chats or key in chats) and (before is None or after is None or _content(before) != _content(after)):
            yield ChatDiff(before, after, vault.reader)


def changed_documents(vault: Vault, first: Snapshot, second: Snapshot) -> list[DocumentChange]:
    """Give the documents that are not the same, by name; their content is not read."""
    mine, theirs = differing_leaves(first.manifest.documents, second.manifest.documents, vault.reader)
    ones = (entry for ref in mine for entry in parse_documents(read_leaf(ref, vault.reader)))
    others = (entry for ref in theirs for entry in parse_documents(read_leaf(ref, vault.reader)))
    pairs = paired(ones, others, key=_document_name)
    return [_document(name, before, after) for name, before, after in pairs if before != after]


def summarise_chat(found: ChatDiff, *, listed: Collection[ChangeKind] = ()) -> ChatChanges | None:
    """Count the changes of a chat and list those of certain kinds; None where nothing is to be told.

    All that is listed is held in memory.
    """
    counts: Counter[str] = Counter()
    kept = []
    for change in found.changes():
        counts[change.kind.value] += 1
        if change.kind in listed:
            kept.append(change)
    if not counts and found.title_before is None and found.before is not None and found.after is not None:
        return None
    return ChatChanges(
        chat=chat_info(found.entry),
        in_first=found.before is not None,
        in_second=found.after is not None,
        title_before=found.title_before,
        numbers=DiffNumbers(**counts),
        messages=kept,
    )


def summarise(
    vault: Vault,
    first: Snapshot,
    second: Snapshot,
    *,
    listed: Collection[ChangeKind] = (),
    chats: Collection[str] = (),
) -> Diff:
    """Compare two snapshots and keep the outcome, with the changed messages of certain kinds; see `summarise_chat`.

    `chats` leaves out all chats but those of these keys, unless it is empty.
    """
    every = (summarise_chat(found, listed=listed) for found in diff(vault, first, second, chats=chats))
    told = [chat for chat in every if chat is not None]
    return Diff(
        first=snapshot_info(first),
        second=snapshot_info(second),
        numbers=_sum(told),
        chats=told,
        documents=changed_documents(vault, first, second),
    )


def _content(entry: ChatEntry) -> tuple[object, ...]:
    return entry.messages, entry.history, title_of(entry)


def _chat_key(entry: ChatEntry) -> str:
    return entry.key


def _document_name(entry: DocumentEntry) -> str:
    return entry.name


def _document(name: str, before: DocumentEntry | None, after: DocumentEntry | None) -> DocumentChange:
    if before is None:
        kind = DocumentChangeKind.NEW
    else:
        kind = DocumentChangeKind.CHANGED if after is not None else DocumentChangeKind.GONE
    sizes = (entry.size if entry is not None else None for entry in (before, after))
    return DocumentChange(name=name, kind=kind, size_before=next(sizes), size_after=next(sizes))


def _sum(chats: list[ChatChanges]) -> DiffNumbers:
    fields = DiffNumbers.__struct_fields__
    return DiffNumbers(**{name: sum(getattr(chat.numbers, name) for chat in chats) for name in fields})
