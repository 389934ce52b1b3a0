"""From what a run saw to the lists of a new snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import msgspec

from tgvault.archive.cuts import MESSAGES_PER_SEGMENT, ROWS_PER_LEAF, Cuts, Key
from tgvault.archive.entries import (
    ChatEntry,
    DocumentEntry,
    FileEntry,
    LayoutChat,
    entry_line,
    entry_lines,
    parse_chats,
    parse_documents,
)
from tgvault.archive.joining import join_chats
from tgvault.archive.layout import LayoutBuilder
from tgvault.archive.lists import Ref, build, cut, update
from tgvault.archive.merging import ChatMerge, ChatNumbers, Observation
from tgvault.archive.positions import merge_positions
from tgvault.crypto.keyed import IdKey
from tgvault.engine.inheriting import Inheritance
from tgvault.errors import PluginError
from tgvault.model.findings import Findings
from tgvault.model.policy import Policy
from tgvault.model.records import Chat, ChatKey
from tgvault.vault.manifests import Manifest, Node
from tgvault.vault.opened import Snapshot
from tgvault.vault.writer import TextStore

__all__ = ["SnapshotBuilder", "Totals"]


@dataclass(slots=True)
class Totals(ChatNumbers):
    """What the merges of a run did to all chats together."""

    chats_new: int = 0

    def add(self, numbers: ChatNumbers) -> None:
        """Add a chat's numbers."""
        for each in fields(numbers):
            setattr(self, each.name, getattr(self, each.name) + getattr(numbers, each.name))


class SnapshotBuilder:
    """Merges what a run saw into the state of a parent snapshot, chat by chat.

    `line` has the snapshots of the archive, newest first; the first one is the parent. `findings` is told of what
    cannot be read of them.
    """

    def __init__(
        self,
        line: Sequence[Snapshot],
        store: TextStore,
        id_key: IdKey,
        *,
        policy: Policy,
        at: str,
        findings: Findings,
        same_account: bool = False,
    ) -> None:
        self._store = store
        self._policy = policy
        self._at = at
        self._same_account = same_account
        self._segment_cuts = Cuts(id_key, per_leaf=MESSAGES_PER_SEGMENT)
        self._row_cuts = Cuts(id_key, per_leaf=ROWS_PER_LEAF)
        self._layout = LayoutBuilder(store, self._row_cuts)
        self._before = Inheritance(line, store, findings, segment_cuts=self._segment_cuts, row_cuts=self._row_cuts)
        parent = line[0].manifest if line else None
        self._parent_chats, chats = self._before.chats(parent) if parent is not None else (None, [])
        self._parent_documents, documents = self._before.documents(parent) if parent is not None else (None, [])
        self._entries = {entry.key: entry for entry in chats}
        self._merged: set[ChatKey] = set()
        self._changed: set[ChatKey] = set()
        self._known_documents = {entry.name: entry for entry in documents}
        self._documents: dict[Key, bytes | None] = {}
        self._seen_documents = 0
        self.totals = Totals()

    @property
    def chats(self) -> int:
        """Number of chats in the archive."""
        return len(self._entries)

    @property
    def messages(self) -> int:
        """Number of messages in the archive that are not gone."""
        return sum(entry.count for entry in self._entries.values())

    @property
    def documents(self) -> int:
        """Number of documents that the run saw."""
        return self._seen_documents

    def join(self, other: Manifest) -> None:
        """Take in a snapshot that came about beside the parent, on another machine."""
        for entry in self._before.chats(other)[1]:
            self._join_chat(entry)
            self._merged.add(entry.key)
        for document in self._before.documents(other)[1]:
            self._take_document(document)

    def literal(self, data: bytes) -> None:
        """Take text of the source's own form."""
        self._layout.text(_text(data))

    def document(self, entry: DocumentEntry) -> None:
        """Take a document; it replaces an older one of that name, which stays in earlier snapshots."""
        self._seen_documents += 1
        self._take_document(msgspec.structs.replace(entry, at=self._at))
        self._layout.document(entry)

    def chat(
        self,
        chat: Chat,
        refs: Sequence[Ref],
        *,
        covered: Sequence[tuple[int, int]],
        dropped: Iterable[int],
        removed: Iterable[int],
    ) -> None:
        """Take a chat whose messages ascend by id."""
        observation = Observation(
            refs, self._at, tuple(covered), frozenset(dropped), frozenset(removed), self._same_account
        )
        if refs or covered or removed:
            last = self._before.last_observation(chat.key) if chat.key not in self._merged else None
            self._merge(chat, observation, last=last)
        else:
            # A source that tells only what is new has nothing of most chats.
            self._put(self._entry(chat, keyed="id"))
        node = build(refs, self._store, self._segment_cuts)
        self._layout.chat(_layout_chat(chat, "id", node))

    def irregular_chat(self, chat: Chat, in_order: Sequence[Ref], rounds: Sequence[Sequence[Ref]]) -> None:
        """Take a chat whose messages repeat ids or do not ascend; the first round has the last word on each id."""
        first, *repeated = rounds or [()]
        self._merge(chat, Observation(first, self._at, same_account=self._same_account))
        for refs in repeated:
            # What the source itself overtook is older, as if it had been seen a moment before.
            self._merge(chat, Observation(refs, _second_before(self._at), same_account=True))
        self._layout.chat(_layout_chat(chat, "position", build(in_order, self._store, self._segment_cuts)))

    def chat_without_ids(self, chat: Chat, in_order: Sequence[Ref]) -> None:
        """Take a chat whose messages have no ids: known by their text alone."""
        entry = self._entry(chat, keyed="position")
        (merged, new), (entry,) = self._before.on_sound(lambda one: self._merge_positions(one[0], in_order), entry)
        self.totals.new += new
        self._put(msgspec.structs.replace(entry, messages=merged, keyed="position"))
        self._layout.chat(_layout_chat(chat, "position", build(in_order, self._store, self._segment_cuts)))

    def nodes(self, files: Iterable[FileEntry]) -> dict[str, Node | None]:
        """Write the lists; `files` ascend by path."""
        return {
            "chats": self._new_chats(),
            "documents": self._new_documents(),
            "layout": self._layout.build(),
            "files": build(cut(entry_lines(files), self._store, self._row_cuts), self._store, self._row_cuts),
        }

    def _merge(self, chat: Chat, seen: Observation, *, last: Observation | None = None) -> None:
        entry = self._entry(chat, keyed="id")
        (after, numbers), _ = self._before.on_sound(lambda one: self._merge_into(one[0], seen, last), entry)
        self._put(after)
        self._merged.add(chat.key)
        self.totals.add(numbers)

    def _merge_into(
        self, entry: ChatEntry, seen: Observation, last: Observation | None
    ) -> tuple[ChatEntry, ChatNumbers]:
        merge = ChatMerge(
            entry,
            source=self._store,
            store=self._store,
            segment_cuts=self._segment_cuts,
            row_cuts=self._row_cuts,
            policy=self._policy,
        )
        return merge.merge(seen, last=last), merge.numbers

    def _merge_positions(self, entry: ChatEntry, in_order: Sequence[Ref]) -> tuple[Node | None, int]:
        return merge_positions(entry.messages, in_order, source=self._store, store=self._store, cuts=self._segment_cuts)

    def _entry(self, chat: Chat, *, keyed: str) -> ChatEntry:
        known = self._entries.get(chat.key)
        if known is not None and known.keyed != keyed and known.messages is not None:
            # Nothing tells which message with an id is which one without: they stay apart.
            chat = msgspec.structs.replace(chat, key=_key_apart(chat.key, keyed))
            known = self._entries.get(chat.key)
        if known is None:
            self.totals.chats_new += 1
            return _new_entry(chat)
        newest = max((row.at for row in known.observed), default="")
        return known if newest > self._at else _renamed(known, chat)

    def _put(self, entry: ChatEntry) -> None:
        if self._entries.get(entry.key) != entry:
            self._entries[entry.key] = entry
            self._changed.add(entry.key)

    def _take_document(self, entry: DocumentEntry) -> None:
        known = self._known_documents.get(entry.name)
        if known is not None and (known.at > entry.at or msgspec.structs.replace(known, at=entry.at) == entry):
            return
        self._known_documents[entry.name] = entry
        self._documents[entry.name] = entry_line(entry).data

    def _join_chat(self, entry: ChatEntry) -> None:
        mine = self._entries.get(entry.key)
        if mine is None or (mine.messages is None and mine.history is None):
            self._put(entry)
        elif mine.keyed == entry.keyed:
            joined, _ = self._before.on_sound(lambda both: self._joined(both[0], both[1]), mine, entry)
            self._put(joined)
        else:
            self._join_chat(msgspec.structs.replace(entry, key=_key_apart(entry.key, entry.keyed)))

    def _joined(self, mine: ChatEntry, other: ChatEntry) -> ChatEntry:
        return join_chats(
            mine,
            other,
            source=self._store,
            store=self._store,
            segment_cuts=self._segment_cuts,
            row_cuts=self._row_cuts,
        )

    def _new_chats(self) -> Node | None:
        return update(
            self._parent_chats,
            {key: entry_line(self._entries[key]).data for key in self._changed},
            parse=lambda content: entry_lines(parse_chats(content)),
            source=self._store,
            store=self._store,
            cuts=self._row_cuts,
        )

    def _new_documents(self) -> Node | None:
        return update(
            self._parent_documents,
            self._documents,
            parse=lambda content: entry_lines(parse_documents(content)),
            source=self._store,
            store=self._store,
            cuts=self._row_cuts,
        )


def _key_apart(key: ChatKey, keyed: str) -> ChatKey:
    return ChatKey(f"{key}:{keyed}")


def _new_entry(chat: Chat) -> ChatEntry:
    return ChatEntry(
        key=chat.key,
        kind=chat.kind,
        id=chat.id,
        type=chat.type,
        title=chat.title,
        username=chat.username,
        opening=_text(chat.opening),
        closing=_text(chat.closing),
    )


def _renamed(entry: ChatEntry, chat: Chat) -> ChatEntry:
    return msgspec.structs.replace(
        entry,
        type=chat.type or entry.type,
        title=chat.title or entry.title,
        username=chat.username or entry.username,
        opening=_text(chat.opening) or entry.opening,
        closing=_text(chat.closing) or entry.closing,
    )


def _layout_chat(chat: Chat, keyed: str, messages: Node | None) -> LayoutChat:
    return LayoutChat(chat.key, keyed, _text(chat.opening), _text(chat.closing), chat.folder, messages)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise PluginError(
            "the source yielded text that is not UTF-8", hint="tell the author of the plugin that reads it"
        ) from None


def _second_before(time: str) -> str:
    return (datetime.fromisoformat(time) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
