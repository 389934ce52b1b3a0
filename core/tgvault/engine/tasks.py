"""What is sent to workers and comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tgvault.archive.lists import Line, Ref, less
from tgvault.contracts.sink import Sink
from tgvault.contracts.source import MediaFile, Source
from tgvault.contracts.transform import Transform
from tgvault.engine.attaching import StorePlace
from tgvault.host.spec import PluginSpec
from tgvault.model.findings import Finding
from tgvault.model.records import Chat, Span
from tgvault.state.files import KnownFile
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.packs import Frame
from tgvault.vault.writer import StoredPack

__all__ = ["NOT_THERE", "FilesDone", "FilesTask", "SpanDone", "SpanTask", "WorkerSetup"]


#: Why a file is missing that a message names, when the source does not say why.
NOT_THERE = "not in the source"


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker process needs to be made; goes through a pipe, never through arguments or the environment."""

    sink: Callable[[], Sink]
    source: PluginSpec[Source] | None
    transforms: tuple[PluginSpec[Transform], ...]
    keys: KeyBundle = field(repr=False)
    state: str
    store: StorePlace | None = None


@dataclass(frozen=True, slots=True)
class FilesTask:
    """Files to be read and packed."""

    files: tuple[MediaFile, ...]


@dataclass(slots=True)
class FilesDone:
    """What became of the files: references by name and stamp, names of those that could not be read, packs that are in
    the sink, and lists of pieces that are not stored yet.
    """

    files: list[tuple[KnownFile, bytes]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    packs: list[StoredPack] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    listings: list[bytes] = field(default_factory=list)
    #: Number of files of which the vault lacked something.
    new_files: int = 0


@dataclass(frozen=True, slots=True)
class SpanTask:
    """Runs of a chat's messages, one behind the other, to be read and cut.

    `whole` says that a segment starts with the first message of each span, and one behind the last span; without it
    there is only one span.
    """

    chat: Chat
    spans: tuple[Span, ...]
    whole: bool = False


@dataclass(slots=True)
class SpanDone:
    """What a run of messages became; see `Segmenter` for head, refs and tail."""

    head: list[Line] = field(default_factory=list)
    refs: list[Ref] = field(default_factory=list)
    tail: list[Line] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    packs: list[StoredPack] = field(default_factory=list)
    listings: list[bytes] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    #: Files that the messages refer to, by name.
    used: list[str] = field(default_factory=list)
    #: Files met for the first time here, not listed by the source beforehand.
    files: list[tuple[KnownFile, bytes]] = field(default_factory=list)
    #: Files met for the first time here that cannot be read.
    failed: list[str] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    #: Reasons for which files are not there, with their numbers.
    missing: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    #: Number of files of which the vault lacked something.
    new_files: int = 0
    #: The latest time, in seconds since 1970, that a message of the run bears.
    latest: int = 0
    #: Name and value of each span that was read anew, for the local state, and names of those that were as before.
    spans: list[tuple[bytes, bytes]] = field(default_factory=list)
    spans_met: list[bytes] = field(default_factory=list)
    ordered: bool = True
    has_ids: bool = True

    def add_stored(self, other: SpanDone) -> None:
        """Add what another part stored, and what it learned of files."""
        self.packs += other.packs
        self.listings += other.listings
        self.files += other.files
        self.failed += other.failed
        self.new_files += other.new_files
        self.spans += other.spans
        self.spans_met += other.spans_met

    def append(self, other: SpanDone) -> None:
        """Put a part of whole segments behind this one, which is of whole segments too."""
        self.ordered = self.ordered and other.ordered and _ascend(self.refs[-1:], other.refs[:1])
        self.has_ids = self.has_ids and other.has_ids
        self.refs += other.refs
        self.frames += other.frames
        self.add_numbers(other)

    def add_numbers(self, other: SpanDone) -> None:
        """Add everything of another part but its lines, segments and frames."""
        self.add_stored(other)
        self.findings += other.findings
        self.used += other.used
        self.dropped += other.dropped
        self.missing += other.missing
        self.messages += other.messages
        self.latest = max(self.latest, other.latest)


def _ascend(before: list[Ref], behind: list[Ref]) -> bool:
    return not before or not behind or less(before[0].last, behind[0].first)
