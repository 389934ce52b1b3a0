"""Everything that an archive holds, in the form of one full account export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tgvault.archive.assembling import Told, Untouched, assemble
from tgvault.archive.entries import ChatEntry, parse_chats, parse_documents
from tgvault.archive.lists import BlobSource, Line, Ref
from tgvault.archive.readable import Lost, readable
from tgvault.archive.segments import Content, Media, parse_segment, parse_stored, without_notes
from tgvault.archive.telling import Placing, place_all, tell, tell_gone
from tgvault.engine.exact import document_body, listed_files, loses
from tgvault.engine.progress import Progress
from tgvault.engine.selecting import EVERYTHING, Selection
from tgvault.errors import VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.model.paths import unfold, unfold_path
from tgvault.vault.manifests import Manifest

__all__ = ["ArchiveWriter"]


class ArchiveWriter:
    """Gives `result.json` in parts and has the files placed, each chat's in a folder of its own."""

    #: There is always something to say, if only that there are no chats.
    has_text = True

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
        self._number = 0
        #: Of the messages that are wanted by id, those that were met.
        self._met: set[int] = set()
        self.chats = 0
        self.messages = 0
        self.gone = 0

    def parts(self) -> Iterator[bytes]:
        """Give the text; what cannot be read is left out of it, and is a finding."""
        yield b"{\n"
        whole = self._selection == EVERYTHING
        if whole:
            yield from self._documents()
        yield b'"chats":{"about":"Restored by tgvault.","list":[\n'
        yield from self._chats()
        yield b"]}\n}\n"
        for number in sorted(self._selection.messages - self._met):
            self._findings.add(Finding(FindingKind.LOST, f"message {number}", "it is in none of the chosen chats"))
        if whole:
            for file in listed_files(self._manifest, self._source, self._findings):
                self._place(file.path, Content(file.size, file.blob, file.pieces))

    def _documents(self) -> Iterator[bytes]:
        lost = loses(self._findings, "documents")
        for _, content in readable(self._manifest.documents, self._source, lost=lost):
            for entry in parse_documents(content):
                body = document_body(entry, self._source, self._findings)
                placed = place_all(body, entry.media, folder=None, place=self._place)
                yield msgspec.json.encode(entry.name) + b":" + placed + b",\n"

    def _chats(self) -> Iterator[bytes]:
        node = self._manifest.chats
        width = len(str(node.count)) if node is not None else 1
        comma = b""
        for _, content in readable(node, self._source, lost=self._lost_chats):
            for entry in parse_chats(content):
                self._number += 1
                if self._selection.takes_chat(entry.key):
                    yield comma
                    yield from self._chat(entry, f"chats/chat_{self._number:0{width}}/")
                    comma = b",\n"

    def _lost_chats(self, lost: Lost) -> None:
        # The chats behind them keep their numbers.
        self._number += lost.count
        loses(self._findings, "chats")(lost)

    def _chat(self, entry: ChatEntry, folder: str) -> Iterator[bytes]:
        self.chats += 1
        opening, closing = _around_messages(entry)
        yield opening
        comma = b""
        try:
            for part in self._messages(entry, folder):
                if part:
                    yield comma + part
                    comma = b",\n"
        except VaultError as error:
            # Whatever stood before is good; where to go on, nobody can say who did not write this.
            self._findings.add(Finding(FindingKind.LOST, f"messages of chat {entry.key}", str(error)))
        yield closing

    def _messages(self, entry: ChatEntry, folder: str) -> Iterator[bytes]:
        of = f"chat {entry.key}"
        lost = loses(self._findings, "messages", of=of)
        if entry.keyed == "position":
            for ref, content in readable(entry.messages, self._source, lost=lost):
                assert isinstance(ref.first, int)
                yield self._lines(parse_segment(content, first=ref.first), folder)
            return
        lost_past = loses(self._findings, "gone messages and earlier texts", of=of)
        ids = self._selection.messages
        between = (min(ids), max(ids)) if ids else None
        for part in assemble(entry, self._source, lost=lost, lost_past=lost_past, between=between):
            match part:
                case Untouched(ref, content):
                    yield self._segment(ref, content, folder)
                case Told():
                    yield self._told(part, folder)

    def _segment(self, ref: Ref, content: bytes, folder: str) -> bytes:
        if self._selection.takes_all_messages:
            bodies, notes = without_notes(content)
            if all(self._fits(media, folder) for media in notes):
                self._count(ref.count)
                return unfold(bodies[:-1].replace(b"\n", b",\n"), folder=folder)
        return self._lines(parse_segment(content), folder)

    def _fits(self, media: dict[str, Media], folder: str) -> bool:
        """Have files placed; tells whether each got the path that the body says."""
        fits = True
        for each in media.values():
            if each.content is not None and each.path is not None:
                path = unfold_path(each.path, folder=folder)
                fits = fits and not each.filled and self._place(path, each.content) in {path, None}
        return fits

    def _lines(self, lines: Iterable[Line], folder: str) -> bytes:
        told = (self._told(Told(line, None), folder) for line in lines)
        return b",\n".join(each for each in told if each)

    def _told(self, told: Told, folder: str) -> bytes:
        if told.line is not None:
            stored = parse_stored(told.line)
            if not self._selection.takes(stored.id, stored.body):
                return b""
            self._count(1, stored.id)
            return tell(stored, told.past, folder=folder, place=self._place)
        past = told.past
        if past is None or past.gone is None:
            return b""
        if not past.versions or not self._selection.takes(past.id, bytes(past.versions[-1].body)):
            return b""
        self._count(1, past.id)
        self.gone += 1
        return tell_gone(past, folder=folder, place=self._place)

    def _count(self, number: int, *ids: int) -> None:
        self.messages += number
        self._met.update(ids if self._selection.messages else ())
        self._progress.advance(items=number)


def _around_messages(entry: ChatEntry) -> tuple[bytes, bytes]:
    """Give a chat's opening and closing; where the source wrote no list of messages, there is one all the same."""
    opening, closing = entry.opening.encode(), entry.closing.encode()
    if opening.endswith(b"["):
        return opening, closing
    return opening + (b"" if opening == b"{" else b",") + b'"messages":[', b"]" + closing
