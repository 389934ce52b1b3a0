"""Backups in tests: a source that follows a script, here or in a worker process, and everything a snapshot holds."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import msgspec

from tgvault.api import (
    Chat,
    ChatKind,
    Coverage,
    Document,
    Finding,
    FindingKind,
    MediaFile,
    MediaRef,
    Message,
    OpenedMedia,
    Record,
    SegmentStarts,
    Sink,
    Source,
    SourceInfo,
    Span,
    Transform,
    chat_key,
    hookimpl,
)
from tgvault.archive.entries import DocumentEntry, LayoutChat
from tgvault.archive.layout import read_layout
from tgvault.archive.lists import leaves, read_leaf
from tgvault.archive.reading import ArchiveReader
from tgvault.archive.segments import positional
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.keyed import BlobId
from tgvault.engine.backup import Backup, BackupOptions
from tgvault.engine.context import WorkContext
from tgvault.engine.pool import InlinePool, Pool
from tgvault.engine.progress import NullProgress
from tgvault.engine.report import BackupReport
from tgvault.host.discovery import Candidate
from tgvault.host.kinds import Kind
from tgvault.host.spec import PluginSpec
from tgvault.model.policy import Policy
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.leases import HeldLease
from tgvault.vault.opened import Snapshot, Vault

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def body(number: int | None, text: str, **fields: object) -> bytes:
    head = {} if number is None else {"id": number, "date_unixtime": str(1000 + number)}
    return json.dumps({**head, "text": text, **fields}, ensure_ascii=False, separators=(",", ":")).encode()


def said(number: int | None, text: str) -> Message:
    return Message(number, body(number, text))


def shown(number: int, name: str) -> Message:
    """A message with a photo."""
    return Message(number, body(number, "", photo="{chat}/" + name.rpartition("/")[2]), (MediaRef("photo", name),))


@dataclass
class Talk:
    """A chat as a source has it. With `split` its messages come in spans of so many."""

    messages: Sequence[Message | Finding]
    number: int | None = 1
    kind: ChatKind = ChatKind.USER
    covered: Sequence[tuple[int, int]] = ()
    split: int | None = None
    ordered: bool = True
    title: str = "Ben"
    key: str | None = None

    @property
    def chat(self) -> Chat:
        key = self.key or (chat_key(self.kind, self.number) if self.number is not None else f"weak:1:{self.title}")
        opening = b'{"name":"%s","messages":[' % self.title.encode()
        return Chat(key, self.kind, self.number, "personal_chat", self.title, None, opening, b"]}", "c/")

    def records(self, place: int) -> Iterator[Record | Finding]:
        yield self.chat
        if self.split is None:
            yield from self.messages
        else:
            for at in range(0, len(self.messages), self.split):
                head = self.messages[at]
                first = head.id if isinstance(head, Message) else None
                yield Span(b"%d %d" % (place, at), 10, self.ordered, first)
        yield from (Coverage(*each) for each in self.covered)


def talk(texts: dict[int, str], *, covered: bool = True, **more: object) -> Talk:
    """A chat with these texts, of which by default everything from the first id to the last was seen."""
    numbers = sorted(texts)
    ranges = [(numbers[0], numbers[-1])] if covered and numbers else []
    return Talk([said(number, texts[number]) for number in numbers], covered=ranges, **more)


@dataclass
class Script:
    """What a source is to say."""

    talks: Sequence[Talk] = ()
    documents: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    unlisted: dict[str, bytes] = field(default_factory=dict)
    at: datetime | None = NOON
    account: int | None = 1
    fingerprint: bytes | None = None
    stamped: bool = False
    more: Sequence[Record | Finding] = ()


class ScriptConfig(msgspec.Struct, frozen=True):
    """Where the script lies."""

    path: Path


class ScriptedSource:
    """Follows a script. `on_open` is asked before a file is opened, and may change or refuse it."""

    config: ClassVar[type[msgspec.Struct]] = ScriptConfig

    def __init__(self, config: ScriptConfig) -> None:
        self._path = config.path
        self._script: Script | None = None
        self.on_open: Callable[[str, bytes], OpenedMedia] | None = None
        self.opened: list[str] = []
        self.expanded = 0

    @classmethod
    def of(cls, script: Script) -> ScriptedSource:
        source = cls(ScriptConfig(Path()))
        source._script = script
        return source

    @property
    def script(self) -> Script:
        if self._script is None:
            self._script = pickle.loads(self._path.read_bytes())
        return self._script

    def info(self) -> SourceInfo:
        script = self.script
        return SourceInfo("scripted", "/export", script.account, script.at, script.fingerprint)

    def media(self) -> Iterator[MediaFile]:
        for name, data in self.script.files.items():
            stamp = b"%s %d" % (name.encode(), hash(data)) if self.script.stamped else b""
            yield MediaFile(name, len(data), stamp)

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        yield from (Document(name, data) for name, data in self.script.documents.items())
        for place, each in enumerate(self.script.talks):
            yield from each.records(place)
        yield from self.script.more

    def raw(self, span: Span) -> bytes | None:
        return pickle.dumps(self._messages(span))

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        self.expanded += 1
        yield from self._messages(span)

    def _messages(self, span: Span) -> Sequence[Message | Finding]:
        place, at = map(int, span.token.split())
        each = self.script.talks[place]
        assert each.split is not None
        return each.messages[at : at + each.split]

    def open_media(self, name: str) -> OpenedMedia:
        self.opened.append(name)
        script = self.script
        data = script.files.get(name, script.unlisted.get(name))
        if data is None:
            raise FileNotFoundError(name)
        if self.on_open is not None:
            return self.on_open(name, data)
        stamp = b"%s %d" % (name.encode(), hash(data)) if script.stamped else b""
        return OpenedMedia(io.BytesIO(data), len(data), stamp)

    def close(self) -> None:
        """Nothing is held open."""


@hookimpl
def tgvault_sources() -> dict[str, type[Source]]:
    return {"scripted": ScriptedSource}


def scripted_spec(path: Path) -> PluginSpec[Source]:
    """How a worker makes the source of a script that lies at the path."""
    settings = msgspec.msgpack.encode({"path": str(path).encode()})
    return PluginSpec(Kind.SOURCE, "scripted", Candidate("run_support", "run_support", "tests"), settings)


class Machine:
    """A machine that makes backups: a sink, and a local state of its own."""

    def __init__(
        self, keys: KeyBundle, sink: Sink | None = None, database: Database | None = None, *, clock: datetime = NOON
    ) -> None:
        self.sink = sink if sink is not None else MemorySink()
        self.now = clock
        self.vault = Vault(self.sink, keys, database or Database.in_memory(), lambda: self.now)
        self.report: BackupReport | None = None

    def back_up(
        self,
        script: Script | ScriptedSource,
        *,
        archive: str = "main",
        policy: Policy = Policy.KEEP,
        transforms: Sequence[Transform] = (),
        settings: bytes = b"",
        tags: tuple[str, ...] = (),
        pool: Callable[[WorkContext], Pool] = InlinePool,
        lease: HeldLease | None = None,
    ) -> BackupReport:
        """Make a snapshot; each run is an hour after the one before."""
        source = script if isinstance(script, ScriptedSource) else ScriptedSource.of(script)
        self.now += timedelta(hours=1)
        kinds = repr([type(each) for each in transforms]).encode()
        context = WorkContext.of(self.vault, source, transforms, settings=kinds)
        assert context.reader is not None
        options = BackupOptions(archive, policy, "scripted", "laptop", lambda: self.now, settings, tags)
        run = Backup(self.vault, source, context.reader, options, progress=NullProgress(), lease=lease)
        self.report = run.run(self.vault.sync(), pool=lambda: pool(context))
        return self.report

    def latest(self, archive: str = "main") -> Snapshot:
        return [each for each in self.vault.sync() if each.manifest.archive == archive][-1]


@dataclass(frozen=True)
class Held:
    """Everything that a snapshot holds."""

    live: dict[str, dict[int, bytes]]
    gone: dict[str, dict[int, bytes]]
    earlier: dict[str, dict[int, list[bytes]]]
    media: dict[str, dict[int, dict[str, bytes]]]
    documents: dict[str, bytes]
    files: dict[str, bytes]

    def texts(self, key: str = "user:1") -> dict[int, str]:
        return {number: json.loads(each)["text"] for number, each in self.live.get(key, {}).items()}


def held(vault: Vault, snapshot: Snapshot) -> Held:
    """Read all of a snapshot; whatever is damaged raises."""
    reader = ArchiveReader(snapshot.manifest, vault.reader)
    found = Held({}, {}, {}, {}, {}, {})
    for chat in reader.chats():
        for side in (found.live, found.gone, found.earlier, found.media):
            side[chat.key] = {}
        for message in reader.messages(chat):
            side = found.gone if message.gone else found.live
            assert message.id not in side[chat.key]
            side[chat.key][message.id] = message.body
            if message.earlier:
                found.earlier[chat.key][message.id] = [bytes(each.body) for each in message.earlier]
            contents = {name: media.content for name, media in message.media.items() if media.content is not None}
            if contents:
                found.media[chat.key][message.id] = {
                    name: content_of(vault, each.blob, each.pieces) for name, each in contents.items()
                }
        assert len(found.live[chat.key]) == chat.count
        assert len(found.gone[chat.key]) == chat.gone
    for document in reader.documents():
        found.documents[document.name] = reader.document_body(document)
    for file in reader.files():
        found.files[file.path] = content_of(vault, file.blob, file.pieces)
    return found


def read(machine: Machine, archive: str = "main") -> Held:
    """What the newest snapshot holds, read by a machine that knows nothing."""
    vault = Vault(machine.sink, machine.vault.keys, Database.in_memory())
    return held(vault, [each for each in vault.sync() if each.manifest.archive == archive][-1])


def findings(machine: Machine) -> list[tuple[FindingKind, str]]:
    """Kind and subject of what the last run found."""
    assert machine.report is not None
    return [(found.kind, found.subject) for found in machine.report.findings]


def opened(data: bytes, *, size: int | None = None) -> OpenedMedia:
    return OpenedMedia(io.BytesIO(data), len(data) if size is None else size)


def content_of(vault: Vault, blob: str | None, pieces: str | None) -> bytes:
    """Read a file."""
    if blob is not None:
        return vault.reader.load(BlobId(bytes.fromhex(blob)))
    listing = vault.reader.load(BlobId(bytes.fromhex(pieces or "")))
    return b"".join(vault.reader.load(BlobId(bytes.fromhex(piece.decode()))) for piece in listing.split())


def said_exactly(vault: Vault, snapshot: Snapshot) -> list[str]:
    """The rows of the layout: texts as they are, documents and chats with their bodies."""
    out = []
    for row in read_layout(snapshot.manifest.layout, vault.reader):
        match row:
            case str():
                out.append(row)
            case DocumentEntry():
                out.append(row.name)
            case LayoutChat():
                refs = leaves(row.messages, vault.reader)
                lines = [line.data for ref in refs for line in positional(read_leaf(ref, vault.reader))]
                out += [row.opening, *(line.split(b"\n")[0].decode() for line in lines), row.closing]
    return out


def exact_bodies(vault: Vault, snapshot: Snapshot) -> list[str]:
    """The bodies of the messages as the source gave them."""
    chats = (row for row in read_layout(snapshot.manifest.layout, vault.reader) if isinstance(row, LayoutChat))
    refs = (ref for chat in chats for ref in leaves(chat.messages, vault.reader))
    return [line.data.split(b"\n")[0].decode() for ref in refs for line in positional(read_leaf(ref, vault.reader))]


def objects(sink: Sink, prefix: str = "") -> dict[ObjectName, int]:
    return {each.name: each.size for each in sink.list(prefix)}
