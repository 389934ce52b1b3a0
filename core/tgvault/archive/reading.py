"""Reading an archive back: its chats, documents and files, and a chat's messages with those that are gone in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from tgvault.archive.cuts import Key
from tgvault.archive.entries import (
    ChatEntry,
    DocumentEntry,
    FileEntry,
    Gone,
    Past,
    Version,
    parse_chats,
    parse_documents,
    parse_files,
    parse_history,
)
from tgvault.archive.lists import BlobSource, Line, Ref, leaves, less, read_leaf, read_page
from tgvault.archive.readable import OnLoss, readable
from tgvault.archive.segments import Media, parse_segment, parse_stored
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError
from tgvault.vault.manifests import Manifest, Node

__all__ = ["ArchiveReader", "ReadMessage", "gone_message", "live_message", "segment_lines"]


class ReadMessage(msgspec.Struct, frozen=True):
    """A message of an archive: its newest text, whether it is gone, and its earlier texts, oldest first.

    Where a source tells no ids, `id` is the message's place in the chat, counted from 1.
    """

    id: int
    body: bytes
    media: dict[str, Media]
    gone: Gone | None = None
    earlier: tuple[Version, ...] = ()


_Entry = TypeVar("_Entry")


class ArchiveReader:
    """Reads one snapshot; nothing is read before it is asked for, and nothing besides it but the pages above."""

    def __init__(self, manifest: Manifest, source: BlobSource) -> None:
        self._manifest = manifest
        self._source = source

    def chats(self) -> Iterator[ChatEntry]:
        """Give all chats, in the order of their keys."""
        return self._entries(self._manifest.chats, parse_chats)

    def readable_chats(self, lost: OnLoss) -> Iterator[ChatEntry]:
        """Give the chats that can be read; `lost` is told of the others."""
        found = readable(self._manifest.chats, self._source, lost=lost)
        return (entry for _, content in found for entry in parse_chats(content))

    def chat(self, key: str) -> ChatEntry | None:
        """Find a chat by its key."""
        found = self._entries(self._manifest.chats, parse_chats, only=key)
        return next((entry for entry in found if entry.key == key), None)

    def documents(self) -> Iterator[DocumentEntry]:
        """Give all documents, in the order of their names."""
        return self._entries(self._manifest.documents, parse_documents)

    def readable_documents(self, lost: OnLoss) -> Iterator[DocumentEntry]:
        """Give the documents that can be read; `lost` is told of the others."""
        found = readable(self._manifest.documents, self._source, lost=lost)
        return (entry for _, content in found for entry in parse_documents(content))

    def document(self, name: str) -> DocumentEntry | None:
        """Find a document by its name."""
        found = self._entries(self._manifest.documents, parse_documents, only=name)
        return next((entry for entry in found if entry.name == name), None)

    def document_body(self, entry: DocumentEntry) -> bytes:
        """Read a document: one JSON value."""
        return b"".join(self._source.load(BlobId(bytes.fromhex(piece))) for piece in entry.pieces)

    def files(self) -> Iterator[FileEntry]:
        """Give the files of the source that nothing refers to, in the order of their paths."""
        return self._entries(self._manifest.files, parse_files)

    def messages(self, chat: ChatEntry, *, first: int | None = None, last: int | None = None) -> Iterator[ReadMessage]:
        """Give the messages with ids from first to last, both included, in ascending order, the gone ones in place.

        Raises:
            VaultError: a blob that is needed is missing or damaged.
        """
        lines = self._lines(leaves(chat.messages, self._source, first=first, last=last), chat)
        pasts = self._pasts(leaves(chat.history, self._source, first=first, last=last))
        return _joined(_within(lines, _line_key, first, last), _within(pasts, _past_id, first, last), _before)

    def messages_backwards(self, chat: ChatEntry, *, last: int | None = None) -> Iterator[ReadMessage]:
        """Give the messages with ids up to last, in descending order; only as much is read as is taken."""
        lines = self._lines(_backwards(chat.messages, self._source, last), chat, turn=_turned)
        pasts = self._pasts(_backwards(chat.history, self._source, last), turn=_turned)
        return _joined(_within(lines, _line_key, None, last), _within(pasts, _past_id, None, last), _behind)

    def message(self, chat: ChatEntry, number: int) -> ReadMessage | None:
        """Find a message by its id, also one that is gone."""
        return next(self.messages(chat, first=number, last=number), None)

    def _lines(self, refs: Iterable[Ref], chat: ChatEntry, *, turn: _Turn[Line] = list) -> Iterator[Line]:
        for ref in refs:
            yield from turn(segment_lines(ref, chat, self._source))

    def _pasts(self, refs: Iterable[Ref], *, turn: _Turn[Past] = list) -> Iterator[Past]:
        for ref in refs:
            yield from turn(parse_history(read_leaf(ref, self._source)))

    def _entries(
        self, node: Node | None, parse: Callable[[bytes], Iterator[_Entry]], *, only: str | None = None
    ) -> Iterator[_Entry]:
        for leaf in leaves(node, self._source, first=only, last=only):
            yield from parse(read_leaf(leaf, self._source))


def segment_lines(ref: Ref, chat: ChatEntry, source: BlobSource) -> Iterator[Line]:
    """Read a segment's messages; the keys are ids or, where the chat has none, positions."""
    first = ref.first if chat.keyed == "position" and isinstance(ref.first, int) else None
    return parse_segment(read_leaf(ref, source), first=first)


def live_message(line: Line, past: Past | None) -> ReadMessage:
    """Make the message of a line of a segment."""
    stored = parse_stored(line)
    return ReadMessage(stored.id, stored.body, stored.media, None, past.versions if past is not None else ())


def gone_message(past: Past) -> ReadMessage:
    """Make the message of a line of the history, for one that is gone: its last text is what it said.

    Raises:
        CorruptObjectError: the history has no text of it.
    """
    if not past.versions:
        raise CorruptObjectError(f"message {past.id} is marked gone and no text of it is kept")
    *earlier, last = past.versions
    return ReadMessage(past.id, bytes(last.body), last.media, past.gone, tuple(earlier))


_Row = TypeVar("_Row")
_Turn = Callable[[Iterable[_Row]], Sequence[_Row]]
_Order = Callable[[int, int], bool]


def _joined(lines: Iterator[Line], pasts: Iterator[Past], precedes: _Order) -> Iterator[ReadMessage]:
    """Unite what is there with what is kept of the past; both sides stand in the same order."""
    line, past = next(lines, None), next(pasts, None)
    while line is not None or past is not None:
        if past is None or (line is not None and precedes(_line_key(line), past.id)):
            assert line is not None
            yield live_message(line, None)
            line = next(lines, None)
        elif line is None or precedes(past.id, _line_key(line)):
            if past.gone is not None:
                yield gone_message(past)
            past = next(pasts, None)
        else:
            yield live_message(line, past)
            line, past = next(lines, None), next(pasts, None)


def _backwards(node: Node | None, source: BlobSource, last: Key | None) -> Iterator[Ref]:
    if node is not None:
        yield from _last_below(Ref(node.first, node.last, node.count, node.blob), node.level, source, last)


def _last_below(ref: Ref, level: int, source: BlobSource, last: Key | None) -> Iterator[Ref]:
    if last is not None and less(last, ref.first):
        return
    if level == 0:
        yield ref
        return
    for below in reversed(read_page(ref, source)):
        yield from _last_below(below, level - 1, source, last)


def _within(rows: Iterable[_Row], number: Callable[[_Row], int], first: int | None, last: int | None) -> Iterator[_Row]:
    for row in rows:
        if (first is None or first <= number(row)) and (last is None or number(row) <= last):
            yield row


def _turned(rows: Iterable[_Row]) -> Sequence[_Row]:
    return list(rows)[::-1]


def _before(one: int, other: int) -> bool:
    return one < other


def _behind(one: int, other: int) -> bool:
    return one > other


def _line_key(line: Line) -> int:
    assert isinstance(line.key, int)
    return line.key


def _past_id(past: Past) -> int:
    return past.id
