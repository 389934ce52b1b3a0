"""What the engine asks of a source, and what a source may rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, BinaryIO, ClassVar, Protocol, TypeAlias, runtime_checkable

import msgspec
from msgspec import Meta

from tgvault.contracts.context import SourceContext, StoreContext
from tgvault.errors import TgVaultError
from tgvault.model.findings import Finding
from tgvault.model.records import Message, Record, Span

__all__ = [
    "Attached",
    "ChatEstimate",
    "Committing",
    "Estimate",
    "Estimating",
    "MediaFile",
    "OpenedMedia",
    "SegmentStarts",
    "Source",
    "SourceInfo",
]

#: Gives the places, in a list of message ids, of those before which the archive starts a new segment: about one in a
#: hundred, always the same ones in one vault.
SegmentStarts: TypeAlias = Callable[[Sequence[int]], Sequence[int]]


class SourceInfo(msgspec.Struct, frozen=True):
    """What a source is about to read, found out without reading all of it.

    `form` names what was recognised (`telegram desktop json, full account`). `account` is the user id of the account
    whose data it is, or None when the source cannot tell. `observed_at` is when Telegram said what the source holds
    (aware, UTC). `fingerprint` changes whenever anything in the source may have changed: an equal one lets the engine
    skip reading altogether; None means that the source has to be read to know.
    """

    form: str
    location: str
    account: int | None = None
    observed_at: datetime | None = None
    fingerprint: bytes | None = None
    bytes_total: int = 0


class MediaFile(msgspec.Struct, frozen=True):
    """A file that the source has.

    `stamp` is equal as long as the content is certainly the same (for a local file: device, inode, size, times); an
    empty stamp means that the file has to be read to know. One that begins with
    `LASTING_STAMP` names the content for ever.
    """

    name: str
    size: int
    stamp: bytes = b""


class OpenedMedia(msgspec.Struct, frozen=True):
    """An open file and its size in bytes at the moment of opening; the engine closes it."""

    file: BinaryIO
    size: int
    stamp: bytes = b""


class Source(Protocol):
    """Reads one place in which Telegram data lies, and yields it as records.

    An instance is made from its checked configuration, in the main process and again in each worker process;
    making one MUST NOT touch the network or read files. The engine calls `info` first, then `media`, then `records`,
    each once a run and from the main process; `info` once more at the end. `expand` and `open_media` are called from
    any process and in any order. Everything a source reads is hostile until checked: a source MUST NOT follow a path
    out of its folder.
    """

    config: ClassVar[type[msgspec.Struct]]

    def info(self) -> SourceInfo:
        """Recognise the source.

        Raises:
            UnrecognisedExportError: it is nothing that this source knows.
            UnreadableExportError: it is, but cannot be read at all.
        """

    def media(self) -> Iterator[MediaFile]:
        """List the files that the source has, ahead of the records, so that they are packed in parallel.

        Files not listed may still be named by a message. Files listed that no record refers to are kept as files of
        the snapshot.
        """

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        """Yield everything in the source's own order.

        Each `Chat` is followed by its messages or spans, in ascending id where the source has ids, and by the
        coverage of what was seen. A finding stands where it was found.

        A source that begins its spans with messages of `starts`, some hundred kilobytes apart, tells their first ids
        and gives their `raw` bytes lets the next run pass over every span that did not change.
        """

    def raw(self, span: Span) -> bytes | None:
        """Give the bytes from which a span's messages are made, and nothing that changes when the messages do not.

        Spans of equal `Chat`s with equal bytes MUST expand to the same. None where the source cannot promise that.
        Called from any process and in any order.
        """

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        """Read the messages of a span that `records` yielded, perhaps in another process."""

    def open_media(self, name: str) -> OpenedMedia:
        """Open a file for reading.

        Raises:
            FileNotFoundError: the source does not have it.
            HostilePathError: the name leads out of the source's folder or to something that is not a plain file.
        """

    def close(self) -> None:
        """Let go of files and connections; called once, also after an error."""


@runtime_checkable
class Attached(Protocol):
    """What a source may have besides: a use for secrets, for a store of its own, for knowing what the archive has.

    It tells itself how far it is with its files (`SourceContext.progress`); the engine counts them for other sources.
    """

    def attach(self, context: SourceContext) -> None:
        """Take the context; called once in the main process, before any other method."""

    def attach_worker(self, context: StoreContext) -> None:
        """Take what may be used in a worker process: a store that is only read there. Called once, before the rest."""


@runtime_checkable
class Committing(Protocol):
    """What a source may have besides: a use for knowing that what it told is safe."""

    def committed(self, snapshot: str) -> TgVaultError | None:
        """Take note that everything yielded in this run is part of the snapshot of that id.

        A source that had to stop early gives what it stopped for. It has told all that it had, with a finding of kind
        `TRUNCATED`; the run ends with that error after the snapshot was made.
        """


class ChatEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would read of one chat: new messages, and the files that the vault does not have yet."""

    title: Annotated[str, Meta(description="The chat's title.")]
    type: Annotated[str, Meta(description="Its type, as in an export of Telegram Desktop.")]
    messages: Annotated[int, Meta(description="Messages that are new.")]
    files: Annotated[int, Meta(description="Files that would be read.")]
    bytes: Annotated[int, Meta(description="Their size.")]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would do."""

    chats: Annotated[tuple[ChatEstimate, ...], Meta(description="The chats that would be read.")]
    disk: Annotated[int, Meta(description="Bytes that the run needs on this machine until it ends.")] = 0
    free: Annotated[int | None, Meta(description="Bytes that are free there, or null where nobody knows.")] = None
    seconds: Annotated[float | None, Meta(description="How long it may take, or null where nobody knows.")] = None
    exact: Annotated[
        bool, Meta(description="Whether everything was counted; else files and bytes are reckoned from samples.")
    ] = False
    notes: Annotated[tuple[str, ...], Meta(description="What the numbers leave out.")] = ()


@runtime_checkable
class Estimating(Protocol):
    """What a source may have besides: a quicker way to tell what a run would do than to read everything."""

    def estimate(self) -> Estimate:
        """Tell what a run would do. Called after `info`, in place of `media` and `records`; MUST change nothing."""
