"""Backing up: one run of a source becomes one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from tgvault.archive.entries import DocumentEntry, FileEntry
from tgvault.contracts.source import Attached, Committing, MediaFile, Source
from tgvault.engine.chat_work import GatheredChat
from tgvault.engine.committing import SnapshotContent, commit, forget_lost_packs, iso
from tgvault.engine.framing import framed
from tgvault.engine.gathering import Gatherer
from tgvault.engine.ingesting import decode_content
from tgvault.engine.numbers import RunNumbers
from tgvault.engine.packing import FilePacker
from tgvault.engine.pool import Pool
from tgvault.engine.progress import NullProgress, Progress
from tgvault.engine.reading import Reader
from tgvault.engine.report import BackupReport, MediaNumbers, MessageNumbers
from tgvault.engine.snapshotting import SnapshotBuilder
from tgvault.engine.start import Start, is_unchanged, start_run
from tgvault.errors import SourceChangedError, TgVaultError
from tgvault.model.policy import Policy
from tgvault.model.records import Literal
from tgvault.state.spans import Spans
from tgvault.vault.leases import HeldLease
from tgvault.vault.manifests import SourceRecord
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.writer import TextStore

__all__ = ["Backup", "BackupOptions"]


@dataclass(frozen=True, slots=True)
class BackupOptions:
    """How a run is to be kept: archive, policy, the source's type, the host's name, and the clock (aware, UTC).

    `settings` is anything else that changes what the run would keep, such as its transforms: an unchanged source is
    skipped only if the settings are those of the last run. `tags` are those of the snapshot.
    """

    archive: str
    policy: Policy
    source_type: str
    host: str
    now: Callable[[], datetime]
    settings: bytes = b""
    tags: tuple[str, ...] = ()


class Backup:
    """One run; used once. `lease` is the one of whoever carries it out."""

    def __init__(
        self,
        vault: Vault,
        source: Source,
        reader: Reader,
        options: BackupOptions,
        *,
        progress: Progress,
        lease: HeldLease | None = None,
    ) -> None:
        self._vault = vault
        self._source = source
        self._reader = reader
        self._options = options
        self._progress = progress
        self._lease = lease
        self._numbers = RunNumbers()
        #: What the source had to stop for, when it could not tell everything.
        self.ended: TgVaultError | None = None

    def run(self, snapshots: list[Snapshot], *, pool: Callable[[], Pool]) -> BackupReport:
        """Make a snapshot. `snapshots` are those of the vault as the run begins; `pool` starts the workers if needed.

        Raises:
            AccountMismatchError: the source belongs to another account than the archive.
            VaultBusyError: somebody else wrote to the archive meanwhile.
            SourceError, SinkError, VaultError: as the parts raise them.
        """
        time = self._options.now()
        self._progress.phase("looking at the source")
        damaged = forget_lost_packs(self._vault)
        setbacks = self._vault.places.setbacks()
        info, archive = self._source.info(), self._options.archive
        past = self._vault.past()
        start = start_run(
            info, snapshots, archive=archive, time=time, settings=self._settings(), past=past, setbacks=setbacks
        )
        if start.parent is not None and not damaged and is_unchanged(start, self._vault.memory):
            return self._repeat(start, start.parent)
        return self._read(start, pool)

    def _repeat(self, start: Start, parent: Snapshot) -> BackupReport:
        """Commit the parent's state again: the run found the source as the last one left it."""
        before = msgspec.json.decode(parent.manifest.report, type=BackupReport)
        messages = MessageNumbers(total=before.messages.total, seen=before.messages.seen)
        media = MediaNumbers(files=before.media.files, missing=before.media.missing)
        report = msgspec.structs.replace(
            before,
            sequence=start.sequence,
            unchanged=True,
            chats_new=0,
            messages=messages,
            media=media,
            bytes_read=0,
            bytes_stored=0,
            duration=self._seconds_since(start),
        )
        return self._commit(start, SnapshotContent.of(parent.manifest), report)

    def _commit(self, start: Start, content: SnapshotContent, report: BackupReport) -> BackupReport:
        host, tags = self._options.host, self._options.tags
        return commit(self._vault, start, content, report, host=host, tags=tags, lease=self._lease)

    def _read(self, start: Start, pool: Callable[[], Pool]) -> BackupReport:
        vault = self._vault
        assert vault.keys.data is not None
        run = vault.memory.next_run()
        vault.files.start_run()
        vault.database.run("DELETE FROM sorting")
        recipient = vault.keys.data.recipient
        store = TextStore(vault.sink, recipient, id_key=vault.keys.id_key, places=vault.places, reader=vault.reader)
        # A source that fetches its files tells how far it is with that; packing them is no progress of its own.
        progress = NullProgress() if isinstance(self._source, Attached) else self._progress
        packer = FilePacker(vault.files, vault.places, store=store, numbers=self._numbers, progress=progress, run=run)
        try:
            gathered = self._gather(start, store, packer, pool, run=run)
            report = self._write(start, gathered, store)
        finally:
            store.close()
        vault.files.forget_old(run=run)
        Spans(vault.database).forget_old(run=run)
        return report

    def _gather(
        self, start: Start, store: TextStore, packer: FilePacker, pool: Callable[[], Pool], *, run: int
    ) -> list[GatheredChat | DocumentEntry | Literal]:
        """Read everything that the source has."""
        workers = pool()
        try:
            self._progress.phase("reading", start.info.bytes_total or None)
            gatherer = Gatherer(
                self._source,
                self._reader,
                self._vault,
                store=store,
                packer=packer,
                numbers=self._numbers,
                progress=self._progress,
                run=run,
            )
            records = gatherer.records()
            packer.pack(self._media(), workers, meanwhile=records.fetch)
            return list(gatherer.gather(records, workers))
        finally:
            workers.close()
            packer.collect()

    def _media(self) -> Iterator[MediaFile]:
        yield from self._source.media()
        if isinstance(self._source, Attached):
            self._progress.phase("adding to the vault")

    def _write(
        self, start: Start, gathered: list[GatheredChat | DocumentEntry | Literal], store: TextStore
    ) -> BackupReport:
        self._check_source(start)
        self._progress.phase("merging")
        at = self._observed_at(start)
        parent = start.parent.manifest if start.parent else None
        builder = SnapshotBuilder(
            start.line,
            store,
            self._vault.keys.id_key,
            policy=self._options.policy,
            at=at,
            findings=self._numbers.findings,
            same_account=start.same_account,
        )
        for other in start.beside:
            builder.join(other.manifest)
        for item in framed(gathered):
            _feed(builder, item)
        nodes = builder.nodes(self._unreferenced())
        self._progress.phase("writing the snapshot")
        store.flush()
        self._numbers.stored += store.stored
        account = start.info.account
        if account is None and parent is not None:
            account = parent.account
        content = SnapshotContent(account, self._source_record(start, at), self._options.policy.value, **nodes)
        report = self._commit(start, content, self._report(start, builder))
        if isinstance(self._source, Committing):
            self.ended = self._source.committed(report.snapshot)
        return report

    def _check_source(self, start: Start) -> None:
        if start.info.fingerprint is not None and self._source.info().fingerprint != start.info.fingerprint:
            raise SourceChangedError(
                f"`{start.info.location}` changed while it was read",
                hint="wait until the export is complete, then run the backup again",
            )

    def _report(self, start: Start, builder: SnapshotBuilder) -> BackupReport:
        totals, numbers = builder.totals, self._numbers
        return BackupReport(
            snapshot="",
            archive=self._options.archive,
            sequence=start.sequence,
            unchanged=False,
            chats=builder.chats,
            chats_new=totals.chats_new,
            messages=MessageNumbers(
                total=builder.messages,
                seen=numbers.messages,
                new=totals.new,
                edited=totals.edited,
                updated=totals.updated,
                gone=totals.gone,
                back=totals.back,
            ),
            media=MediaNumbers(
                files=self._vault.files.count()[0],
                new=numbers.new_files,
                filled=totals.filled,
                missing=dict(sorted(numbers.missing.items())),
            ),
            documents=builder.documents,
            bytes_read=numbers.read,
            bytes_stored=numbers.stored,
            duration=self._seconds_since(start),
            findings=numbers.findings.listed(),
        )

    def _source_record(self, start: Start, at: str) -> SourceRecord:
        info = start.info
        fingerprint = info.fingerprint.hex() if info.fingerprint is not None else None
        return SourceRecord(self._options.source_type, info.form, info.location, at, fingerprint)

    def _observed_at(self, start: Start) -> str:
        """When Telegram showed what was read: not before the latest message and not in the future, whatever a file's
        times say.
        """
        latest = datetime.fromtimestamp(min(self._numbers.latest, start.time.timestamp()), UTC)
        return iso(min(start.time, max(start.info.observed_at or start.time, latest)))

    def _unreferenced(self) -> Iterator[FileEntry]:
        for file in self._vault.files.unused():
            content = decode_content(file.content)
            yield FileEntry(file.name, content.size, content.blob, content.pieces)

    def _settings(self) -> bytes:
        options = self._options
        return b"\n".join((options.source_type.encode(), options.policy.encode(), options.settings))

    def _seconds_since(self, start: Start) -> float:
        return round((self._options.now() - start.time).total_seconds(), 3)


def _feed(builder: SnapshotBuilder, item: GatheredChat | DocumentEntry | Literal) -> None:
    match item:
        case Literal():
            builder.literal(item.data)
        case DocumentEntry():
            builder.document(item)
        case GatheredChat(regular=True):
            builder.chat(item.chat, item.refs, covered=item.covered, dropped=item.dropped, removed=item.removed)
        case GatheredChat(rounds=None):
            builder.chat_without_ids(item.chat, item.refs)
        case GatheredChat(rounds=tuple() as rounds):
            builder.irregular_chat(item.chat, item.refs, rounds)
