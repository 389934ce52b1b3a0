"""Finding every blob that a snapshot needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tgvault.archive.entries import (
    ChatEntry,
    DocumentEntry,
    LayoutChat,
    parse_chats,
    parse_documents,
    parse_files,
    parse_history,
    parse_layout,
)
from tgvault.archive.lists import BlobSource, Ref, read_leaf, read_page
from tgvault.archive.segments import Content, Media, notes_on_media
from tgvault.crypto.keyed import BlobId
from tgvault.vault.manifests import Manifest, Node

__all__ = ["Walk"]

#: Told of each blob with what it belongs to, in words.
Needed = Callable[[BlobId, str], None]


class Walk:
    """Walks over snapshots; a part that several share is walked over once.

    All text is read: lists, messages, histories and documents. `first` tells whether a blob is met for the first time,
    `needed` is told of every blob that is met, and `failed` of every part that cannot be read: its name, and
    the error. The walk goes on beside it.
    """

    def __init__(
        self,
        source: BlobSource,
        *,
        first: Callable[[bytes], bool],
        needed: Needed,
        failed: Callable[[str, Exception], None],
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._source = source
        self._first = first
        self._needed = needed
        self._failed = failed
        self._errors = errors

    def snapshot(self, manifest: Manifest) -> None:
        """Walk over a snapshot."""
        for content in self._leaves(manifest.chats, "the list of chats"):
            for entry in parse_chats(content):
                self._chat(entry)
        for content in self._leaves(manifest.documents, "the list of documents"):
            for document in parse_documents(content):
                self._document(document)
        for content in self._leaves(manifest.layout, "the layout"):
            self._layout(content)
        for content in self._leaves(manifest.files, "the list of files"):
            for file in parse_files(content):
                self._content(Content(file.size, file.blob, file.pieces), f"file {file.path}")

    def _chat(self, entry: ChatEntry) -> None:
        self._messages(entry.messages, f"chat {entry.key}")
        for content in self._leaves(entry.history, f"the history of chat {entry.key}"):
            for past in parse_history(content):
                for version in past.versions:
                    self._media(version.media, f"message {past.id} of chat {entry.key}")

    def _layout(self, content: bytes) -> None:
        for row in parse_layout(content):
            match row:
                case DocumentEntry():
                    self._document(row)
                case LayoutChat():
                    self._messages(row.messages, f"chat {row.key} as it was imported")

    def _messages(self, node: Node | None, where: str) -> None:
        for content in self._leaves(node, where):
            for media in notes_on_media(content):
                self._media(media, where)

    def _document(self, document: DocumentEntry) -> None:
        where = f"document {document.name}"
        for piece in document.pieces:
            self._load(BlobId(bytes.fromhex(piece)), where)
        self._media(document.media, where)

    def _media(self, media: dict[str, Media], where: str) -> None:
        for each in media.values():
            if each.content is not None:
                self._content(each.content, f"{each.path} in {where}")

    def _content(self, content: Content, where: str) -> None:
        if content.blob is not None:
            self._needed(BlobId(bytes.fromhex(content.blob)), where)
            return
        for piece in self._load(BlobId(bytes.fromhex(content.pieces or "")), where).split():
            self._needed(BlobId(bytes.fromhex(piece.decode("ascii"))), where)

    def _load(self, blob: BlobId, where: str) -> bytes:
        """Read a blob that is met for the first time; nothing of another, and of one that cannot be read."""
        if not self._first(blob):
            return b""
        self._needed(blob, where)
        try:
            return self._source.load(blob)
        except self._errors as error:
            self._failed(where, error)
            return b""

    def _leaves(self, node: Node | None, where: str) -> Iterator[bytes]:
        if node is not None:
            yield from self._below(Ref(node.first, node.last, node.count, node.blob), node.level, where)

    def _below(self, ref: Ref, level: int, where: str) -> Iterator[bytes]:
        blob = BlobId(bytes.fromhex(ref.blob))
        if not self._first(blob):
            return
        self._needed(blob, where)
        try:
            if level == 0:
                content, pages = read_leaf(ref, self._source), []
            else:
                content, pages = b"", read_page(ref, self._source)
        except self._errors as error:
            self._failed(where, error)
            return
        if level == 0:
            yield content
        for page in pages:
            yield from self._below(page, level - 1, where)
