"""What a snapshot's manifest says of it, for people and for programs that read JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.engine.report import BackupReport
from tgvault.errors import CorruptObjectError
from tgvault.vault.opened import Snapshot

__all__ = ["SnapshotInfo", "SnapshotRun", "SnapshotSource", "report_of", "snapshot_info", "utc"]


class SnapshotSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot was made from."""

    type: Annotated[str, Meta(description="The type of the source.")]
    form: Annotated[str, Meta(description="What the source recognised.")]
    location: Annotated[str, Meta(description="Where the source lay.")]
    observed_at: Annotated[datetime, Meta(description="When Telegram showed what the source holds.")]


class SnapshotRun(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the run that made a snapshot."""

    unchanged: Annotated[bool, Meta(description="Whether the source was as the run before had left it.")]
    seen: Annotated[int, Meta(description="Messages that the source had.")]
    new: Annotated[int, Meta(description="Messages that the run added.")]
    edited: Annotated[int, Meta(description="Messages of which the run brought another text.")]
    updated: Annotated[int, Meta(description="Messages of which something besides the content changed.")]
    gone: Annotated[int, Meta(description="Messages that the run found to be gone.")]
    back: Annotated[int, Meta(description="Messages that were gone and are there again.")]
    files: Annotated[int, Meta(description="Files that the source had.")]
    files_new: Annotated[int, Meta(description="Files of which the vault had no copy.")]
    files_missing: Annotated[int, Meta(description="Files that messages speak of and the source did not have.")]
    bytes_read: Annotated[int, Meta(description="Bytes that the run read.")]
    bytes_stored: Annotated[int, Meta(description="Bytes that the run added to the sink.")]
    duration: Annotated[float, Meta(description="How long the run took, in seconds.")]
    losses: Annotated[int, Meta(description="Things that the source should have had and that are not in the snapshot.")]


class SnapshotInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot."""

    id: Annotated[str, Meta(description="The first eight digits of its name, by which it is called.")]
    name: Annotated[str, Meta(description="The name of its object in the sink.")]
    archive: Annotated[str, Meta(description="The archive that it belongs to.")]
    account: Annotated[int | None, Meta(description="The Telegram user id of the archive's account, once known.")]
    sequence: Annotated[int, Meta(description="Its number in the archive, counted from 1.")]
    time: Annotated[datetime, Meta(description="When the run began, by the clock of the machine that made it.")]
    host: Annotated[str, Meta(description="The machine that made it.")]
    tool: Annotated[str, Meta(description="The program that made it, with its version.")]
    tags: Annotated[list[str], Meta(description="The tags that it was given.")]
    policy: Annotated[str, Meta(description="What becomes of messages that are gone: `keep` or `mirror`.")]
    chats: Annotated[int, Meta(description="Chats in the archive.")]
    messages: Annotated[int, Meta(description="Messages in the archive that are not gone.")]
    source: Annotated[SnapshotSource, Meta(description="What it was made from.")]
    run: Annotated[SnapshotRun, Meta(description="What the run did that made it.")]


def snapshot_info(snapshot: Snapshot) -> SnapshotInfo:
    """Describe a snapshot.

    Raises:
        CorruptObjectError: its manifest does not say what it should.
    """
    manifest, report = snapshot.manifest, report_of(snapshot)
    return SnapshotInfo(
        id=snapshot.id,
        name=snapshot.name,
        archive=manifest.archive,
        account=manifest.account,
        sequence=manifest.sequence,
        time=utc(manifest.time),
        host=manifest.host,
        tool=manifest.tool,
        tags=list(manifest.tags),
        policy=manifest.policy,
        chats=report.chats,
        messages=report.messages.total,
        source=_source(snapshot),
        run=_run(report),
    )


def report_of(snapshot: Snapshot) -> BackupReport:
    """Read the record of the run that made a snapshot.

    Raises:
        CorruptObjectError: it is none.
    """
    try:
        return msgspec.json.decode(snapshot.manifest.report, type=BackupReport)
    except msgspec.MsgspecError as error:
        raise CorruptObjectError(f"the report in `{snapshot.name}` cannot be read: {error}") from None


def utc(text: str) -> datetime:
    """Read a time as manifests write it.

    Raises:
        CorruptObjectError: it is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise CorruptObjectError(f"`{text[:40]}` is no time") from None
    return time.astimezone(UTC) if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _source(snapshot: Snapshot) -> SnapshotSource:
    source = snapshot.manifest.source
    return SnapshotSource(
        type=source.type, form=source.form, location=source.location, observed_at=utc(source.observed_at)
    )


def _run(report: BackupReport) -> SnapshotRun:
    messages, media = report.messages, report.media
    return SnapshotRun(
        unchanged=report.unchanged,
        seen=messages.seen,
        new=messages.new,
        edited=messages.edited,
        updated=messages.updated,
        gone=messages.gone,
        back=messages.back,
        files=media.files,
        files_new=media.new,
        files_missing=sum(media.missing.values()),
        bytes_read=report.bytes_read,
        bytes_stored=report.bytes_stored,
        duration=report.duration,
        losses=report.losses,
    )
