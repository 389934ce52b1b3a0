"""What tests of the engine need: a source made of Python values, backed up into a vault that lives in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import msgspec

from tgvault.archive.reading import ArchiveReader
from tgvault.contracts.source import MediaFile, OpenedMedia, SegmentStarts, Source, SourceInfo
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.engine.backup import Backup, BackupOptions
from tgvault.engine.context import WorkContext
from tgvault.engine.pool import InlinePool
from tgvault.engine.progress import NullProgress
from tgvault.engine.report import BackupReport
from tgvault.engine.snapshot_info import report_of
from tgvault.model.findings import Finding
from tgvault.model.policy import Policy
from tgvault.model.records import (
    Chat,
    ChatKind,
    Coverage,
    Document,
    MediaRef,
    Message,
    Record,
    Span,
    chat_key,
)
from tgvault.state.database import Database
from tgvault.testing import MemorySink, NoConfig
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.opened import Snapshot, Vault

#: When the first observation was made; each later one is a day after it unless a test says otherwise.
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@cache
def a_bundle() -> KeyBundle:
    """The keys of a vault; always the same, since making them takes longer than most tests.

    Where lists are cut hangs on the id key, so that is the same in every run: no test may pass or fail by chance.
    """
    return replace(KeyBundle.generate(), id_key=IdKey(bytes(range(32))))


def said(number: int, text: str, **fields: Any) -> Message:
    """A message with an id and a text; it was written as many seconds after 1970 as its id says."""
    body = {"id": number, "type": "message", "date_unixtime": str(number), "from": "Ada", "text": text, **fields}
    return Message(number, compact(body))


def pictured(number: int, name: str | None, **fields: Any) -> Message:
    """A message with a photo in the chat's folder; with no name the source says that it is not included."""
    sentinel = "(File not included. Change data exporting settings to download.)"
    path = f"{{chat}}/photos/{name}" if name is not None else sentinel
    message = said(number, "", photo=path, **fields)
    ref = MediaRef("photo", f"chats/photos/{name}") if name is not None else MediaRef("photo", None, "not included")
    return Message(number, message.body, (ref,))


def compact(value: object) -> bytes:
    """JSON as bodies have it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class FakeChat:
    """A chat as a run sees it; `covered` is None where everything from the first to the last id was seen."""

    messages: Sequence[Message]
    id: int | None = 1
    kind: ChatKind = ChatKind.USER
    title: str | None = "Ben"
    type: str | None = "personal_chat"
    username: str | None = None
    covered: Sequence[tuple[int, int]] | None = None
    key: str | None = None

    def chat(self) -> Chat:
        key = self.key or (chat_key(self.kind, self.id) if self.id is not None else f"weak:1:{self.title}")
        opening = compact({"name": self.title, "type": self.type, "id": self.id})[:-1] + b',"messages":['
        return Chat(key, self.kind, self.id, self.type, self.title, self.username, opening, b"]}", "chats/")  # type: ignore[arg-type]

    def coverage(self) -> Iterator[Coverage]:
        numbers = [message.id for message in self.messages if message.id is not None]
        if self.covered is not None:
            yield from (Coverage(first, last) for first, last in self.covered)
        elif numbers:
            yield Coverage(numbers[0], numbers[-1])


@dataclass
class FakeSource:
    """A source that a test makes up."""

    chats: Sequence[FakeChat] = ()
    documents: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    at: datetime = START
    account: int | None = 1
    form: str = "made up"
    location: str = "/export"
    fingerprint: bytes | None = None
    findings: Sequence[Finding] = ()

    config: ClassVar[type[msgspec.Struct]] = NoConfig

    def info(self) -> SourceInfo:
        return SourceInfo(self.form, self.location, self.account, self.at, self.fingerprint)

    def media(self) -> Iterator[MediaFile]:
        return (MediaFile(name, len(data)) for name, data in self.files.items())

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        yield from self.findings
        for name, value in self.documents.items():
            yield Document(name, compact(value))
        for chat in self.chats:
            yield chat.chat()
            if chat.messages and chat.messages[0].id is None:
                yield Span(str(id(chat)).encode(), 0)
            else:
                yield from chat.messages
            yield from chat.coverage()

    def raw(self, span: Span) -> bytes | None:
        return None

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        return (message for chat in self.chats if str(id(chat)).encode() == span.token for message in chat.messages)

    def open_media(self, name: str) -> OpenedMedia:
        if name not in self.files:
            raise FileNotFoundError(name)
        return OpenedMedia(io.BytesIO(self.files[name]), len(self.files[name]))

    def close(self) -> None:
        """Nothing is held open."""


class MemoryVault:
    """A vault in memory, and backing up into it."""

    def __init__(self) -> None:
        self.sink = MemorySink()
        #: What the clock of this machine shows.
        self.now = START
        self.vault = Vault(self.sink, a_bundle(), Database.in_memory(), lambda: self.now)
        self.report: BackupReport | None = None
        self._clock = START

    def back_up(
        self, source: Source, *, archive: str = "main", policy: Policy = Policy.KEEP, time: datetime | None = None
    ) -> Snapshot:
        """Make a snapshot; without a time each run is a day after the one before."""
        # Nothing can be seen before it happens: the run is not before what it reads.
        now = time or max(self._clock, source.info().observed_at or self._clock)
        self._clock = now + timedelta(days=1)
        self.now = now
        context = WorkContext.of(self.vault, source, [], settings=b"")
        assert context.reader is not None
        options = BackupOptions(archive, policy, "fake", "laptop", lambda: now)
        run = Backup(self.vault, source, context.reader, options, progress=NullProgress())
        self.report = run.run(self.vault.sync(), pool=lambda: InlinePool(context))
        return next(each for each in self.snapshots() if each.id == self.report.snapshot)

    def observe(self, *runs: Sequence[Message] | FakeChat, archive: str = "main") -> list[Snapshot]:
        """Back up one chat as it was on one day after another."""
        chats = [run if isinstance(run, FakeChat) else FakeChat(run) for run in runs]
        days = [START + timedelta(days=number) for number in range(len(chats))]
        return [
            self.back_up(FakeSource([chat], at=day), archive=archive) for chat, day in zip(chats, days, strict=True)
        ]

    def snapshots(self) -> list[Snapshot]:
        """All snapshots, as commands get them."""
        return self.vault.sync()

    def reader(self, snapshot: Snapshot) -> ArchiveReader:
        """Read a snapshot."""
        return ArchiveReader(snapshot.manifest, self.vault.reader)

    def report_of(self, snapshot: Snapshot) -> BackupReport:
        """What the run said that made the snapshot."""
        return report_of(snapshot)


class CountingBlobs:
    """Gives blobs of a vault and remembers which."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.loaded: list[BlobId] = []

    def load(self, blob: BlobId) -> bytes:
        self.loaded.append(blob)
        return self._vault.reader.load(blob)


def texts(messages: Iterable[Any]) -> dict[int, str]:
    """The text of each message by id, of whatever has an id and a body."""
    return {each.id: json.loads(bytes(each.body))["text"] for each in messages}
