"""What a source said in one run, in its own order and form."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault.archive.entries import DocumentEntry, FileEntry, LayoutChat, parse_files
from tgvault.archive.layout import read_layout
from tgvault.archive.lists import BlobSource
from tgvault.archive.readable import Lost, OnLoss, readable
from tgvault.archive.segments import Content, Media, without_notes
from tgvault.archive.telling import Placing, place_all
from tgvault.crypto.keyed import BlobId
from tgvault.engine.progress import Progress
from tgvault.errors import RestoreError, VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.model.paths import unfold, unfold_path
from tgvault.vault.manifests import Manifest, Node

__all__ = ["ExactWriter", "document_body", "listed_files", "loses"]


class ExactWriter:
    """Gives the text of the source's main file in parts and has its files placed.

    Raises:
        RestoreError: it cannot be read what the source said in which order.
    """

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
        _check_layout(manifest.layout, source)

    @property
    def has_text(self) -> bool:
        """Whether the source had a main file at all."""
        return self._manifest.layout is not None

    def parts(self) -> Iterator[bytes]:
        """Give the text; what cannot be read is left out of it, and is a finding."""
        for row in read_layout(self._manifest.layout, self._source):
            match row:
                case str():
                    yield row.encode()
                case DocumentEntry():
                    body = document_body(row, self._source, self._findings)
                    yield place_all(body, row.media, folder=None, place=self._place)
                case LayoutChat():
                    yield from self._chat(row)
        for file in listed_files(self._manifest, self._source, self._findings):
            self._place(file.path, Content(file.size, file.blob, file.pieces))

    def _chat(self, chat: LayoutChat) -> Iterator[bytes]:
        self.chats += 1
        yield chat.opening.encode()
        comma = b""
        lost = loses(self._findings, "messages", of=f"chat {chat.key}")
        for ref, content in readable(chat.messages, self._source, lost=lost):
            bodies, notes = without_notes(content)
            for media in notes:
                self._place_media(media, chat.folder)
            self.messages += ref.count
            self._progress.advance(items=ref.count)
            yield comma + unfold(bodies[:-1].replace(b"\n", b",\n"), folder=chat.folder)
            comma = b",\n"
        yield chat.closing.encode()

    def _place_media(self, media: dict[str, Media], folder: str) -> None:
        for each in media.values():
            if each.content is not None and each.path is not None:
                self._place(unfold_path(each.path, folder=folder), each.content)


def _check_layout(layout: Node | None, source: BlobSource) -> None:
    """Make sure that the layout can be read whole: without a part of it the rest would be no JSON."""
    try:
        for _ in read_layout(layout, source):
            pass
    except VaultError as error:
        raise RestoreError(
            f"what the source said cannot be put in order: {error}",
            hint="restore without `--exact`; the archive's own order does not depend on that",
        ) from error


def loses(findings: Findings, what: str, *, of: str = "") -> OnLoss:
    """Have the parts of a list that cannot be read told as losses: `messages 5 to 9 of chat user:1`."""

    def note(lost: Lost) -> None:
        keys = str(lost.first) if lost.first == lost.last else f"{lost.first} to {lost.last}"
        subject = f"{what} {keys} of {of}" if of else f"{what} {keys}"
        findings.add(Finding(FindingKind.LOST, subject, str(lost.error), lost.count))

    return note


def document_body(entry: DocumentEntry, source: BlobSource, findings: Findings) -> bytes:
    """Give a document's body; `null` and a finding where it cannot be read."""
    try:
        return b"".join(source.load(BlobId(bytes.fromhex(piece))) for piece in entry.pieces)
    except VaultError as error:
        findings.add(Finding(FindingKind.LOST, f"document {entry.name}", str(error)))
        return b"null"


def listed_files(manifest: Manifest, source: BlobSource, findings: Findings) -> Iterator[FileEntry]:
    """Give the files that no record refers to."""
    for _, content in readable(manifest.files, source, lost=loses(findings, "files")):
        yield from parse_files(content)
