"""What a source said in one run, in its own order and form."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault.archive.entries import DocumentEntry, LayoutChat, parse_files
from tgvault.archive.layout import read_layout
from tgvault.archive.lists import BlobSource, Ref, leaves, read_leaf
from tgvault.archive.segments import Content, Media, without_notes
from tgvault.archive.telling import Placing
from tgvault.crypto.keyed import BlobId
from tgvault.engine.progress import Progress
from tgvault.errors import VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.model.paths import unfold, unfold_path
from tgvault.vault.manifests import Manifest

__all__ = ["ExactWriter", "document_body", "file_contents", "place_media"]


class ExactWriter:
    """Gives the text of the source's main file in parts and has its files placed."""

    def __init__(
        self, manifest: Manifest, source: BlobSource, *, place: Placing, findings: Findings, progress: Progress
    ) -> None:
        self._manifest = manifest
        self._source = source
        self._place = place
        self._findings = findings
        self._progress = progress
        self.chats = 0
        self.messages = 0
        self.gone = 0

    def parts(self) -> Iterator[bytes]:
        """Give the text."""
        for row in read_layout(self._manifest.layout, self._source):
            match row:
                case str():
                    yield row.encode()
                case DocumentEntry():
                    yield document_body(row, self._source, self._findings)
                    place_media(row.media, None, self._place)
                case LayoutChat():
                    yield from self._chat(row)
        for path, content in file_contents(self._manifest, self._source):
            self._place(path, content)

    def _chat(self, chat: LayoutChat) -> Iterator[bytes]:
        self.chats += 1
        yield chat.opening.encode()
        comma = b""
        for ref in leaves(chat.messages, self._source):
            try:
                content = read_leaf(ref, self._source)
            except VaultError as error:
                self._findings.add(lost_messages(chat.key, ref, error))
                continue
            bodies, notes = without_notes(content)
            for media in notes:
                place_media(media, chat.folder, self._place)
            self.messages += ref.count
            self._progress.advance(items=ref.count)
            yield comma + unfold(bodies[:-1].replace(b"\n", b",\n"), folder=chat.folder)
            comma = b",\n"
        yield chat.closing.encode()


def lost_messages(chat: str, ref: Ref, error: VaultError) -> Finding:
    """Say that a segment could not be read."""
    return Finding(FindingKind.LOST, f"messages {ref.first} to {ref.last} of chat {chat}", str(error), ref.count)


def place_media(media: dict[str, Media], folder: str | None, place: Placing) -> None:
    """Have the files of a record placed where its body says that they are; a document has no folder of its own."""
    for each in media.values():
        if each.content is not None and each.path is not None:
            place(each.path if folder is None else unfold_path(each.path, folder=folder), each.content)


def document_body(entry: DocumentEntry, source: BlobSource, findings: Findings) -> bytes:
    """Give a document's body; `null` and a finding where it cannot be read."""
    try:
        return b"".join(source.load(BlobId(bytes.fromhex(piece))) for piece in entry.pieces)
    except VaultError as error:
        findings.add(Finding(FindingKind.LOST, f"document {entry.name}", str(error)))
        return b"null"


def file_contents(manifest: Manifest, source: BlobSource) -> Iterator[tuple[str, Content]]:
    """Give the files that no record refers to."""
    for leaf in leaves(manifest.files, source):
        for entry in parse_files(read_leaf(leaf, source)):
            yield entry.path, Content(entry.size, entry.blob, entry.pieces)
