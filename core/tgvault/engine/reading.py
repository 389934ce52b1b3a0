"""Reading spans and files, in whichever process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tgvault.archive.cuts import MESSAGES_PER_SEGMENT, Cuts
from tgvault.archive.segments import Media, message_line
from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform
from tgvault.crypto.keyed import BlobId
from tgvault.engine.ingesting import FileIngest, decode_content, encode_content
from tgvault.engine.segmenting import Segmenter
from tgvault.engine.tasks import FilesDone, FilesTask, SpanDone, SpanTask
from tgvault.errors import HostilePathError, PluginError, SourceChangedError
from tgvault.model.findings import Finding, FindingKind
from tgvault.model.paths import fold_path
from tgvault.model.records import Chat, Document, MediaRef, Message
from tgvault.state.files import KnownFile
from tgvault.vault.opened import Vault
from tgvault.vault.packs import MEDIA_PACK, FrameBuilder
from tgvault.vault.writer import PackWriter, StoredPack

__all__ = ["Reader"]


#: Messages that are cut at once.
BATCH = 2_000


class _Times(msgspec.Struct):
    date_unixtime: str = "0"
    edited_unixtime: str = "0"


_TIMES = msgspec.json.Decoder(_Times)


class Reader:
    """Reads what a source has through the transforms; one in each process."""

    def __init__(self, vault: Vault, source: Source, transforms: Sequence[Transform]) -> None:
        self._vault = vault
        self._source = source
        self._transforms = transforms
        self._cuts = Cuts(vault.keys.id_key, per_leaf=MESSAGES_PER_SEGMENT)

    def files(self, task: FilesTask) -> FilesDone:
        """Read and pack files."""
        done = FilesDone([], [], [], [])
        with _Ingest(self._vault, done.packs, done.listings) as ingest:
            for file in task.files:
                try:
                    known, stamp = self._ingest(ingest, file.name)
                except (FileNotFoundError, HostilePathError, SourceChangedError, OSError) as error:
                    done.findings.append(_file_finding(file.name, error))
                else:
                    done.files.append((known, stamp))
        return done

    def span(self, task: SpanTask) -> SpanDone:
        """Read and cut a run of messages."""
        return self.messages(task.chat, self._source.expand(task.span))

    def messages(self, chat: Chat, items: Iterable[Message | Finding]) -> SpanDone:
        """Cut messages, wherever they come from."""
        done = SpanDone()
        frames = FrameBuilder()
        segmenter = Segmenter(self._cuts, lambda content: self._store(content, frames, done))
        ids: list[int] = []
        lines: list[bytes] = []
        for message in self.transformed(chat, items, done) if self._transforms else self._plain(items, done):
            if message.id is None:
                done.has_ids = False
                continue
            ids.append(message.id)
            lines.append(self._line(message, chat, done) if message.media else message.body)
            if len(ids) == BATCH:
                segmenter.add(ids, lines)
                ids.clear()
                lines.clear()
        segmenter.add(ids, lines)
        segmenter.finish()
        frame = frames.flush()
        if frame is not None:
            done.frames.append(frame)
        done.head, done.refs, done.tail = segmenter.head, segmenter.refs, segmenter.tail
        done.ordered = segmenter.ordered
        return done

    def _line(self, message: Message, chat: Chat, done: SpanDone) -> bytes:
        media = self.media(message.media, done, folder=chat.folder)
        return message_line(0, message.body, media).data[:-1]

    def _plain(self, items: Iterable[Message | Finding], done: SpanDone) -> Iterator[Message]:
        """Give the messages as they are; findings and numbers go to `done`."""
        last, count = None, 0
        for item in items:
            if item.__class__ is Message:
                last = item
                count += 1
                yield item
            else:
                done.findings.append(item)  # type: ignore[arg-type]
        done.messages += count
        done.latest = _latest(last.body) if isinstance(last, Message) else 0

    def transformed(self, chat: Chat, items: Iterable[Message | Finding], done: SpanDone) -> Iterator[Message]:
        """Let messages through the transforms; findings and numbers go to `done`."""
        last: Message | None = None
        for item in items:
            if isinstance(item, Finding):
                done.findings.append(item)
                continue
            message = self._transform(chat, item) if self._transforms else item
            if message is None:
                if item.id is not None:
                    done.dropped.append(item.id)
                continue
            done.messages += 1
            last = message
            yield message
        if last is not None:
            done.latest = _latest(last.body)

    def _transform(self, chat: Chat, message: Message) -> Message | None:
        changed: Message | None = message
        for transform in self._transforms:
            if changed is None:
                return None
            changed = transform.message(chat, changed)
        if changed is not None and (changed.id != message.id or b"\n" in changed.body or not changed.body[:1] == b"{"):
            raise PluginError(f"a transform gave message {message.id} of chat `{chat.key}` another id or form")
        return changed

    def document(self, document: Document) -> Document | None:
        """Let a document through the transforms."""
        changed: Document | None = document
        for transform in self._transforms:
            if changed is not None:
                changed = transform.document(changed)
        return changed

    def media(self, refs: Iterable[MediaRef], done: SpanDone, *, folder: str | None) -> dict[str, Media]:
        """Find the contents of files that a body speaks of; `folder` is the chat's, None for a document."""
        found: dict[str, Media] = {}
        for ref in refs:
            if ref.name is None:
                done.missing[ref.missing or "not told"] += 1
                continue
            known = self._vault.files.by_name(ref.name) or self._unlisted(ref.name, done)
            path = ref.name if folder is None else fold_path(ref.name, folder=folder)
            if known is None:
                done.missing["not in the source"] += 1
                found[ref.field] = Media(path, missing="not in the source")
                continue
            content = decode_content(known.content)
            done.used.append(ref.name)
            found[ref.field] = Media(path, content.size, content.blob, content.pieces)
        return found

    def _unlisted(self, name: str, done: SpanDone) -> KnownFile | None:
        for known, _ in done.files:
            if known.name == name:
                return known
        try:
            with _Ingest(self._vault, done.packs, done.listings) as ingest:
                known, stamp = self._ingest(ingest, name)
        except (FileNotFoundError, HostilePathError, SourceChangedError, OSError) as error:
            done.findings.append(_file_finding(name, error))
            return None
        done.files.append((known, stamp))
        return known

    def _ingest(self, ingest: FileIngest, name: str) -> tuple[KnownFile, bytes]:
        opened = self._source.open_media(name)
        with opened.file:
            content = ingest.add(opened.file, opened.size, name=name)
        return KnownFile(name, opened.size, encode_content(content)), opened.stamp

    def _store(self, content: bytes, frames: FrameBuilder, done: SpanDone) -> BlobId:
        blob = self._vault.keys.id_key.blob_id(content)
        if not self._vault.places.has(blob):
            frame = frames.add(blob, content)
            if frame is not None:
                done.frames.append(frame)
        return blob


class _Ingest:
    """A pack writer for as long as one task lasts."""

    def __init__(self, vault: Vault, packs: list[StoredPack], listings: list[bytes]) -> None:
        assert vault.keys.data is not None
        self._writer = PackWriter(vault.sink, vault.keys.data.recipient, packs.append, size=MEDIA_PACK)
        self._ingest = FileIngest(id_key=vault.keys.id_key, has=vault.places.has, writer=self._writer)
        self._listings = listings

    def __enter__(self) -> FileIngest:
        return self._ingest

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._ingest.flush()
                self._listings += self._ingest.listings
        finally:
            self._writer.close()


def _file_finding(name: str, error: Exception) -> Finding:
    if isinstance(error, FileNotFoundError):
        return Finding(FindingKind.MISSING_FILE, name, "the source names it and does not have it")
    if isinstance(error, HostilePathError):
        return Finding(FindingKind.REFUSED_PATH, name, str(error))
    if isinstance(error, OSError):
        return Finding(FindingKind.MISSING_FILE, name, f"cannot be read: {error.strerror or error}")
    return Finding(FindingKind.LOST, name, str(error))


def _latest(body: bytes) -> int:
    try:
        times = _TIMES.decode(body)
        return max(int(times.date_unixtime), int(times.edited_unixtime))
    except (msgspec.MsgspecError, ValueError):
        return 0
