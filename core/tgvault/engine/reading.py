"""Reading spans and files, in whichever process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

import msgspec

from tgvault.archive.cuts import MESSAGES_PER_SEGMENT, Cuts
from tgvault.archive.segments import Media, message_line
from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform
from tgvault.crypto.keyed import BlobId
from tgvault.engine.filing import MetFiles, pack_listed
from tgvault.engine.ingesting import decode_content
from tgvault.engine.remembering import SpanMemory
from tgvault.engine.segmenting import Segmenter
from tgvault.engine.soundness import MAX_BODY, lost, unsound
from tgvault.engine.tasks import NOT_THERE, FilesDone, FilesTask, SpanDone, SpanTask
from tgvault.errors import PluginError
from tgvault.model.findings import Finding
from tgvault.model.paths import fold_path
from tgvault.model.records import Chat, Document, MediaRef, Message, Span
from tgvault.vault.opened import Vault
from tgvault.vault.packs import MAX_BLOB, FrameBuilder

__all__ = ["Reader"]


#: Messages that are looked at and cut at once.
BATCH = 2_000


#: Ids beyond this are looked at closely.
_LARGE = 1 << 62


#: What stands in a body that names a file in the chat's folder.
_MARK = b'":"{chat}'


class _Times(msgspec.Struct):
    date_unixtime: str = "0"
    edited_unixtime: str = "0"


_TIMES = msgspec.json.Decoder(_Times)


class Reader:
    """Reads what a source has through the transforms; one in each process."""

    def __init__(self, vault: Vault, source: Source, transforms: Sequence[Transform], *, settings: bytes) -> None:
        self._vault = vault
        self._source = source
        self._transforms = transforms
        self._memory = SpanMemory(vault, settings)
        self._cuts = Cuts(vault.keys.id_key, per_leaf=MESSAGES_PER_SEGMENT)

    def files(self, task: FilesTask) -> FilesDone:
        """Read and pack files."""
        return pack_listed(self._vault, self._source, task)

    def spans(self, task: SpanTask) -> SpanDone:
        """Read and cut runs of messages; what did not change since it was read last is not read again."""
        if not task.whole:
            return self.messages(task.chat, self._source.expand(task.spans[0]))
        done = SpanDone()
        frames = FrameBuilder()
        with self.met(done) as met:
            for span in task.spans:
                done.append(self._whole(task.chat, span, frames, met))
        frame = frames.flush()
        if frame is not None:
            done.frames.append(frame)
        return done

    def _whole(self, chat: Chat, span: Span, frames: FrameBuilder, met: MetFiles) -> SpanDone:
        raw = self._source.raw(span)
        name = self._memory.name(chat, raw) if raw is not None else None
        known = self._memory.recall(name, met) if name is not None else None
        if known is not None:
            return known
        done = SpanDone()
        segmenter = Segmenter(self._cuts, lambda content: self._store(content, frames, done), whole=True)
        self._cut(chat, self._source.expand(span), segmenter, done, met)
        segmenter.finish()
        done.refs, done.ordered = segmenter.refs, segmenter.ordered
        if name is not None:
            self._memory.note(name, done, met)
        return done

    def messages(self, chat: Chat, items: Iterable[Message | Finding]) -> SpanDone:
        """Cut messages, wherever they come from."""
        done = SpanDone()
        frames = FrameBuilder()
        segmenter = Segmenter(self._cuts, lambda content: self._store(content, frames, done))
        with self.met(done) as met:
            self._cut(chat, items, segmenter, done, met)
        segmenter.finish()
        frame = frames.flush()
        if frame is not None:
            done.frames.append(frame)
        done.head, done.refs, done.tail = segmenter.head, segmenter.refs, segmenter.tail
        done.ordered = segmenter.ordered
        return done

    def _cut(
        self, chat: Chat, items: Iterable[Message | Finding], segmenter: Segmenter, done: SpanDone, met: MetFiles
    ) -> None:
        for batch in self.transformed(chat, items, done):
            known = [each for each in batch if each.id is not None] if None in [each.id for each in batch] else batch
            done.has_ids = done.has_ids and known is batch
            ids = [each.id for each in known if each.id is not None]
            lines = [self.line(chat, each, done, met) if each.media else each.body for each in known]
            segmenter.add(ids, lines)

    def met(self, done: SpanDone) -> MetFiles:
        """Give what packs files that the source did not list, as long as a part is read."""
        return MetFiles(self._vault, self._source, done)

    def line(self, chat: Chat, message: Message, done: SpanDone, met: MetFiles) -> bytes:
        """Give what stands for a message in a segment, without the last line feed."""
        # A source may write a path in another way than `fold` looks for (`chats\/chat_1\/a.jpg`): then it is no
        # path into the chat's own folder, and the file goes where the body says.
        folder = chat.folder if _MARK in message.body else None
        media = self.media(message.media, done, met, folder=folder)
        line = message_line(0, message.body, media).data[:-1]
        if len(line) < MAX_BLOB:
            return line
        done.findings.append(lost(chat, message, f"it names {len(media)} files, too many to note where they are"))
        return message.body

    def transformed(self, chat: Chat, items: Iterable[Message | Finding], done: SpanDone) -> Iterator[list[Message]]:
        """Let messages through the transforms, and give them in batches; findings and numbers go to `done`, and what
        cannot be kept.

        Messages come in hundreds of thousands: what every one of a full account goes through takes 0.3 µs of each in
        batches, and 0.6 µs one by one.
        """
        rest = iter(items)
        while batch := list(islice(rest, BATCH)):
            if self._transforms or not _all_plain(batch):
                kept = [message for item in batch if (message := self._checked(chat, item, done)) is not None]
            else:
                kept = cast("list[Message]", batch)
            done.messages += len(kept)
            done.latest = max(done.latest, _latest(kept[-1].body) if kept else 0)
            yield kept

    def _checked(self, chat: Chat, item: Message | Finding, done: SpanDone) -> Message | None:
        """Let one message through the transforms and look at it closely; None if it is not to be kept, or is none."""
        if isinstance(item, Finding):
            done.findings.append(item)
            return None
        message = self._transform(chat, item) if self._transforms else item
        reason = unsound(message) if message is not None else None
        if message is not None and reason is None:
            return message
        if item.id is not None:
            done.dropped.append(item.id)
        if reason is not None:
            done.findings.append(lost(chat, item, reason))
        return None

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

    def media(self, refs: Iterable[MediaRef], done: SpanDone, met: MetFiles, *, folder: str | None) -> dict[str, Media]:
        """Find the contents of files that a body speaks of; `folder` is the chat's, None for a document."""
        found: dict[str, Media] = {}
        for ref in refs:
            if ref.name is None:
                done.missing[ref.missing or "not told"] += 1
                continue
            known = met.find(ref.name)
            if known is None:
                done.missing[NOT_THERE] += 1
                found[ref.field] = Media(_path(ref, ref.name, folder), missing=NOT_THERE)
                continue
            content = decode_content(known.content)
            done.used.append(ref.name)
            found[ref.field] = Media(_path(ref, ref.name, folder), content.size, content.blob, content.pieces)
        return found

    def _store(self, content: bytes, frames: FrameBuilder, done: SpanDone) -> BlobId:
        blob = self._vault.keys.id_key.blob_id(content)
        if not self._vault.places.has(blob):
            frame = frames.add(blob, content)
            if frame is not None:
                done.frames.append(frame)
        return blob


def _all_plain(items: Sequence[Message | Finding]) -> bool:
    """Tell whether these are messages, and none of them has to be looked at closely."""
    if {type(item) for item in items} != {Message}:
        return False
    messages = cast("Sequence[Message]", items)
    ids = [each.id for each in messages if each.id is not None]
    if len(ids) < len(messages) or min(ids) <= -_LARGE or max(ids) >= _LARGE:
        return False
    bodies = [each.body for each in messages]
    return not [body for body in bodies if body[:1] != b"{" or b"\n" in body or len(body) > MAX_BODY]


def _path(ref: MediaRef, name: str, folder: str | None) -> str:
    path = ref.path
    if path is None:
        path = name if folder is None else fold_path(name, folder=folder)
    return path.encode("utf-8", "replace").decode()


def _latest(body: bytes) -> int:
    try:
        times = _TIMES.decode(body)
        return max(int(times.date_unixtime), int(times.edited_unixtime))
    except (msgspec.MsgspecError, ValueError):
        return 0
