"""Reading a source to its end, as the engine does, and putting together what it yielded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tgvault.api import Chat, Coverage, Document, Finding, FindingKind, Literal, Message, Record, Source, Span, unfold
from tgvault.testing.contracts.source import every_seventh
from tgvault_plugins.desktop_export.source import DesktopExport, DesktopExportConfig

__all__ = ["SAMPLES", "Reading", "opened", "read", "read_text"]

SAMPLES = Path(__file__).parent


@dataclass
class Reading:
    """What came out of a source."""

    chats: list[Chat] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    coverage: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    text: bytes = b""

    def of(self, kind: FindingKind) -> list[Finding]:
        """The findings of a kind."""
        return [found for found in self.findings if found.kind is kind]

    def ids(self, key: str) -> list[int | None]:
        """The ids of a chat's messages, in order."""
        return [message.id for message in self.messages[key]]

    def all_ids(self) -> list[int | None]:
        """The ids of all messages, in order."""
        return [message.id for messages in self.messages.values() for message in messages]


def opened(path: Path, **settings: str) -> DesktopExport:
    """The source for what lies at a path."""
    return DesktopExport(DesktopExportConfig(path=path, **settings))


def read_text(folder: Path, text: str | bytes) -> Reading:
    """Write a `result.json` and read it."""
    (folder / "result.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(opened(folder))


def read(source: Source) -> Reading:
    """Read everything, in the order in which the engine asks."""
    try:
        return _read(source)
    finally:
        source.close()


def _read(source: Source) -> Reading:
    source.info()
    list(source.media())
    reading, out = Reading(), bytearray()
    chat: Chat | None = None
    for record in source.records(every_seventh):
        if isinstance(record, Finding):
            reading.findings.append(record)
            continue
        if chat is not None and isinstance(record, Chat | Document | Literal):
            out += chat.closing
            chat = None
        if isinstance(record, Chat):
            chat = record
            reading.chats.append(record)
            out += record.opening
            key = _unused(record.key, reading.messages)
            reading.messages[key], reading.spans[key], reading.coverage[key] = [], [], []
        elif isinstance(record, Literal):
            out += record.data
        elif isinstance(record, Document):
            reading.documents.append(record)
            out += record.body
        else:
            assert chat is not None
            out += _inside(source, reading, key, record, chat.folder)
    out += chat.closing if chat is not None else b""
    reading.text = bytes(out)
    return reading


def _inside(source: Source, reading: Reading, key: str, record: Record, folder: str) -> bytes:
    if isinstance(record, Coverage):
        reading.coverage[key].append((record.first, record.last))
        return b""
    assert isinstance(record, Span)
    reading.spans[key].append(record)
    messages = list(_told(source.expand(record), reading))
    bodies = [unfold(message.body, folder=folder) for message in messages]
    first = b"" if not reading.messages[key] or not bodies else b","
    reading.messages[key] += messages
    return first + b",".join(bodies)


def _told(records: Iterable[Message | Finding], reading: Reading) -> Iterable[Message]:
    for record in records:
        if isinstance(record, Finding):
            reading.findings.append(record)
        else:
            yield record


def _unused(key: str, keys: Iterable[str]) -> str:
    return key if key not in keys else _unused(key + "'", keys)
