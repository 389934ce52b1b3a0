"""Everything that an archive holds, in the form of one full account export."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tgvault.archive.assembling import Told, Untouched, assemble
from tgvault.archive.entries import ChatEntry, parse_chats, parse_documents
from tgvault.archive.lists import BlobSource, Line, Ref, leaves, read_leaf
from tgvault.archive.segments import Media, parse_segment, parse_stored, positional, without_notes
from tgvault.archive.telling import Placing, tell, tell_gone
from tgvault.engine.exact import document_body, file_contents, place_media
from tgvault.engine.progress import Progress
from tgvault.engine.selecting import EVERYTHING, Selection
from tgvault.errors import VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.model.paths import unfold, unfold_path
from tgvault.vault.manifests import Manifest

__all__ = ["ArchiveWriter"]


class ArchiveWriter:
    """Gives `result.json` in parts and has the files placed, each chat's in a folder of its own."""

    def __init__(
        self,
        manifest: Manifest,
        source: BlobSource,
        selection: Selection,
        *,
        place: Placing,
        findings: Findings,
        progress: Progress,
    ) -> None:
        self._manifest = manifest
        self._source = source
        self._selection = selection
        self._place = place
        self._findings = findings
        self._progress = progress
        self.chats = 0
        self.messages = 0
        self.gone = 0

    def parts(self) -> Iterator[bytes]:
        """Give the text."""
        yield b"{\n"
        whole = self._selection == EVERYTHING
        if whole:
            yield from self._documents()
        yield b'"chats":{"about":"Restored by tgvault.","list":[\n'
        yield from self._chats()
        yield b"]}\n}\n"
        if whole:
            for path, content in file_contents(self._manifest, self._source):
                self._place(path, content)

    def _documents(self) -> Iterator[bytes]:
        for leaf in leaves(self._manifest.documents, self._source):
            for entry in parse_documents(read_leaf(leaf, self._source)):
                name = msgspec.json.encode(entry.name)
                yield name + b":" + document_body(entry, self._source, self._findings) + b",\n"
                place_media(entry.media, None, self._place)

    def _chats(self) -> Iterator[bytes]:
        node = self._manifest.chats
        width = len(str(node.count)) if node is not None else 1
        comma, number = b"", 0
        for leaf in leaves(node, self._source):
            for entry in parse_chats(read_leaf(leaf, self._source)):
                number += 1
                if self._selection.takes_chat(entry.key):
                    yield comma
                    yield from self._chat(entry, f"chats/chat_{number:0{width}}/")
                    comma = b",\n"

    def _chat(self, entry: ChatEntry, folder: str) -> Iterator[bytes]:
        self.chats += 1
        yield entry.opening.encode()
        comma = b""
        try:
            for part in self._messages(entry, folder):
                if part:
                    yield comma + part
                    comma = b",\n"
        except VaultError as error:
            # Whatever stood before is good; what follows in this chat cannot be found without the damaged part.
            self._findings.add(Finding(FindingKind.LOST, f"messages of chat {entry.key}", str(error)))
        yield entry.closing.encode()

    def _messages(self, entry: ChatEntry, folder: str) -> Iterator[bytes]:
        if entry.keyed == "position":
            yield from self._positional(entry, folder)
            return
        for part in assemble(entry, self._source):
            match part:
                case Untouched(ref, content):
                    yield self._segment(ref, content, folder)
                case Told():
                    yield self._told(part, folder)

    def _segment(self, ref: Ref, content: bytes, folder: str) -> bytes:
        if self._selection.takes_all_messages:
            bodies, notes = without_notes(content)
            if all(self._placed(media, folder) for media in notes):
                self._count(ref.count)
                return unfold(bodies[:-1].replace(b"\n", b",\n"), folder=folder)
        return self._lines(parse_segment(content), folder)

    def _placed(self, media: dict[str, Media], folder: str) -> bool:
        """Have files placed; tells whether each got the path that the body says."""
        fits = True
        for each in media.values():
            if each.content is not None and each.path is not None:
                path = unfold_path(each.path, folder=folder)
                fits = fits and not each.filled and self._place(path, each.content) in {path, None}
        return fits

    def _positional(self, entry: ChatEntry, folder: str) -> Iterator[bytes]:
        for leaf in leaves(entry.messages, self._source):
            yield self._lines(positional(read_leaf(leaf, self._source)), folder)

    def _lines(self, lines: Iterator[Line], folder: str) -> bytes:
        told = (self._told(Told(line, None), folder) for line in lines)
        return b",\n".join(each for each in told if each)

    def _told(self, told: Told, folder: str) -> bytes:
        if told.line is not None:
            stored = parse_stored(told.line)
            if not self._selection.takes(stored.id, stored.body):
                return b""
            self._count(1)
            return tell(stored, told.past, folder=folder, place=self._place)
        past = told.past
        if past is None or past.gone is None or not self._selection.takes(past.id, bytes(past.versions[-1].body)):
            return b""
        self._count(1)
        self.gone += 1
        return tell_gone(past, folder=folder, place=self._place)

    def _count(self, number: int) -> None:
        self.messages += number
        self._progress.advance(items=number)
