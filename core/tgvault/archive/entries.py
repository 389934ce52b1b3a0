"""The lines of an archive's lists of chats, documents, files and history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from tgvault.archive.lists import Line
from tgvault.archive.segments import Media
from tgvault.errors import CorruptObjectError
from tgvault.model.records import ChatKey, ChatKind
from tgvault.vault.manifests import Node

__all__ = [
    "ChatEntry",
    "DocumentEntry",
    "FileEntry",
    "Gone",
    "LayoutChat",
    "Past",
    "Seen",
    "Version",
    "entry_line",
    "parse_chats",
    "parse_documents",
    "parse_files",
    "parse_history",
    "parse_layout",
]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """Ids from first to last, and when Telegram showed them (UTC)."""

    first: int
    last: int
    at: str


class ChatEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A chat of the archive; see docs/internals/vault-format.md."""

    key: ChatKey
    kind: ChatKind
    id: int | None
    type: str | None
    title: str | None
    username: str | None
    opening: str
    closing: str
    keyed: str = "id"
    messages: Node | None = None
    history: Node | None = None
    coverage: tuple[Seen, ...] = ()
    observed: tuple[Seen, ...] = ()
    gone: int = 0

    @property
    def count(self) -> int:
        """Number of messages that are not gone."""
        return self.messages.count if self.messages else 0


class DocumentEntry(msgspec.Struct, frozen=True):
    """A document: the blobs that hold its body (hexadecimal ids), its media, and when Telegram showed it (UTC)."""

    name: str
    size: int
    pieces: tuple[str, ...]
    media: dict[str, Media] = {}
    at: str = ""


class FileEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of the source that nothing refers to."""

    path: str
    size: int
    blob: str | None = None
    pieces: str | None = None


class LayoutChat(msgspec.Struct, frozen=True):
    """A chat as the source gave it in one run."""

    key: ChatKey
    keyed: str
    opening: str
    closing: str
    folder: str
    messages: Node | None


class Gone(msgspec.Struct, frozen=True):
    """Between which two observations a message disappeared (UTC)."""

    seen: str
    missed: str


class Version(msgspec.Struct, frozen=True):
    """An earlier text of a message, and when it was last seen."""

    seen: str
    body: msgspec.Raw
    media: dict[str, Media] = {}


class Past(msgspec.Struct, frozen=True):
    """What is kept of a message besides its newest text."""

    id: int
    gone: Gone | None
    versions: tuple[Version, ...]


_Entry = TypeVar("_Entry", ChatEntry, DocumentEntry, FileEntry, Past)


def entry_line(entry: ChatEntry | DocumentEntry | FileEntry | Past) -> Line:
    """Write an entry as a line of its list."""
    data = msgspec.json.encode(entry) + b"\n"
    match entry:
        case ChatEntry(key=key):
            return Line(key, data)
        case DocumentEntry(name=name):
            return Line(name, data)
        case FileEntry(path=path):
            return Line(path, data)
        case Past(id=number):
            return Line(number, data)


def parse_chats(content: bytes) -> Iterator[ChatEntry]:
    """Read a leaf of the list of chats."""
    return _parse(content, msgspec.json.Decoder(ChatEntry))


def parse_documents(content: bytes) -> Iterator[DocumentEntry]:
    """Read a leaf of the list of documents."""
    return _parse(content, msgspec.json.Decoder(DocumentEntry))


def parse_files(content: bytes) -> Iterator[FileEntry]:
    """Read a leaf of the list of files."""
    return _parse(content, msgspec.json.Decoder(FileEntry))


def parse_history(content: bytes) -> Iterator[Past]:
    """Read a leaf of a chat's history."""
    return _parse(content, msgspec.json.Decoder(Past))


_ROWS: dict[str, msgspec.json.Decoder[str | DocumentEntry | LayoutChat]] = {
    "text": msgspec.json.Decoder(str),
    "document": msgspec.json.Decoder(DocumentEntry),
    "chat": msgspec.json.Decoder(LayoutChat),
}


def parse_layout(content: bytes) -> Iterator[str | DocumentEntry | LayoutChat]:
    """Read a leaf of the layout: text, documents and chats in the source's order."""
    for kind, value in _parse(content, msgspec.json.Decoder(tuple[str, msgspec.Raw])):
        if kind in _ROWS:
            yield from _parse(bytes(value), _ROWS[kind])


def entry_lines(entries: Iterable[ChatEntry | DocumentEntry | FileEntry | Past]) -> Iterator[Line]:
    """Write entries as lines."""
    return (entry_line(entry) for entry in entries)


_Any = TypeVar("_Any")


def _parse(content: bytes, decoder: msgspec.json.Decoder[_Any]) -> Iterator[_Any]:
    # Not `splitlines`: the text of a message that is kept here as it came may hold other ends of lines.
    for line in content.removesuffix(b"\n").split(b"\n") if content else ():
        try:
            yield decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise CorruptObjectError(f"a line of the archive cannot be read: {error}") from None
