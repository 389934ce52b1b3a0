"""Everything that a plugin may import, besides `tgvault.testing`."""

from tgvault.contracts.sink import OBJECT_NAME, ObjectName, Sink, StoredObject
from tgvault.contracts.source import MediaFile, OpenedMedia, SegmentStarts, Source, SourceInfo
from tgvault.contracts.transform import Transform
from tgvault.errors import (
    AccountMismatchError,
    HostilePathError,
    MissingObjectError,
    PluginError,
    SinkError,
    SinkFullError,
    SinkPermissionError,
    SinkUnavailableError,
    SourceChangedError,
    SourceError,
    TgVaultError,
    UnreadableExportError,
    UnrecognisedExportError,
)
from tgvault.hookspecs import API_VERSION, hookimpl
from tgvault.model.events import Event, RunStarted, SnapshotCommitted, VerifyFinished
from tgvault.model.findings import Finding, FindingKind
from tgvault.model.paths import fold, unfold
from tgvault.model.records import (
    Chat,
    ChatKey,
    ChatKind,
    Coverage,
    Document,
    Literal,
    MediaRef,
    Message,
    Record,
    Span,
    chat_key,
)

__all__ = [
    "API_VERSION",
    "OBJECT_NAME",
    "AccountMismatchError",
    "Chat",
    "ChatKey",
    "ChatKind",
    "Coverage",
    "Document",
    "Event",
    "Finding",
    "FindingKind",
    "HostilePathError",
    "Literal",
    "MediaFile",
    "MediaRef",
    "Message",
    "MissingObjectError",
    "ObjectName",
    "OpenedMedia",
    "PluginError",
    "Record",
    "RunStarted",
    "SegmentStarts",
    "Sink",
    "SinkError",
    "SinkFullError",
    "SinkPermissionError",
    "SinkUnavailableError",
    "SnapshotCommitted",
    "Source",
    "SourceChangedError",
    "SourceError",
    "SourceInfo",
    "Span",
    "StoredObject",
    "TgVaultError",
    "Transform",
    "UnreadableExportError",
    "UnrecognisedExportError",
    "VerifyFinished",
    "chat_key",
    "fold",
    "hookimpl",
    "unfold",
]
