"""Backing up: one run of a source becomes one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from tgvault import __version__
from tgvault.archive.entries import DocumentEntry, FileEntry
from tgvault.contracts.source import Source, SourceInfo
from tgvault.engine.chat_work import GatheredChat
from tgvault.engine.framing import framed
from tgvault.engine.gathering import Gatherer
from tgvault.engine.ingesting import decode_content
from tgvault.engine.numbers import RunNumbers
from tgvault.engine.packing import FilePacker
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.engine.reading import Reader
from tgvault.engine.report import BackupReport, MediaNumbers, MessageNumbers
from tgvault.engine.snapshotting import SnapshotBuilder
from tgvault.errors import AccountMismatchError, MissingObjectError, SourceChangedError, VaultBusyError
from tgvault.model.policy import Policy
from tgvault.model.records import Literal
from tgvault.vault.index import list_packs
from tgvault.vault.manifests import (
    Manifest,
    Node,
    SourceRecord,
    manifest_names,
    read_manifest,
    short_id,
    write_manifest,
)
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.packs import pack_name
from tgvault.vault.writer import TextStore

__all__ = ["Backup", "BackupOptions"]


@dataclass(frozen=True, slots=True)
class BackupOptions:
    """How a run is to be kept: archive, policy, the source's type, the host's name, and the clock (aware, UTC).

    `settings` is anything else that changes what the run would keep, such as its transforms: an unchanged source is
    skipped only if the settings are those of the last run.
    """

    archive: str
    policy: Policy
    source_type: str
    host: str
    now: Callable[[], datetime]
    settings: bytes = b""


class _LastRun(msgspec.Struct, frozen=True):
    """What the local state remembers of an archive's last run here."""

    snapshot: str
    fingerprint: str
    settings: str


@dataclass(frozen=True, slots=True)
class _Start:
    """What a run knows when it begins."""

    info: SourceInfo
    known: frozenset[str]
    parent: Snapshot | None
    parents: tuple[str, ...]
    time: datetime


class Backup:
    """One run; used once."""

    def __init__(
        self, vault: Vault, source: Source, reader: Reader, options: BackupOptions, *, progress: Progress
    ) -> None:
        self._vault = vault
        self._source = source
        self._reader = reader
        self._options = options
        self._progress = progress
        self._numbers = RunNumbers()

    def run(self, snapshots: list[Snapshot], *, pool: Callable[[], Pool]) -> BackupReport:
        """Make a snapshot. `snapshots` are those of the vault as the run begins; `pool` starts the workers if needed.

        Raises:
            AccountMismatchError: the source belongs to another account than the archive.
            VaultBusyError: somebody else wrote to the archive meanwhile.
            SourceError, SinkError, VaultError: as the parts raise them.
        """
        time = self._options.now()
        self._progress.phase("looking at the source")
        start = self._start(snapshots, time)
        if self._is_unchanged(start):
            assert start.parent is not None
            return self._repeat(start, start.parent)
        return self._read(start, pool)

    def _start(self, snapshots: list[Snapshot], time: datetime) -> _Start:
        info = self._source.info()
        mine = [each for each in snapshots if each.manifest.archive == self._options.archive]
        inner = {parent for each in mine for parent in each.manifest.parents}
        heads = tuple(each.name for each in mine if each.name not in inner)
        parent = mine[-1] if mine else None
        _check_account(info, parent, self._options.archive)
        return _Start(info, frozenset(each.name for each in snapshots), parent, heads, time)

    def _is_unchanged(self, start: _Start) -> bool:
        fact = self._vault.memory.fact(self._fact_name)
        if start.parent is None or start.info.fingerprint is None or fact is None:
            return False
        last = msgspec.json.decode(fact, type=_LastRun)
        return last == self._last_run(start.parent.name, start.info.fingerprint)

    def _repeat(self, start: _Start, parent: Snapshot) -> BackupReport:
        """Commit the parent's state again: the run found the source as the last one left it."""
        before = msgspec.json.decode(parent.manifest.report, type=BackupReport)
        messages = MessageNumbers(total=before.messages.total, seen=before.messages.seen)
        media = MediaNumbers(files=before.media.files, missing=before.media.missing)
        report = msgspec.structs.replace(
            before,
            sequence=parent.manifest.sequence + 1,
            unchanged=True,
            chats_new=0,
            messages=messages,
            media=media,
            bytes_read=0,
            bytes_stored=0,
            duration=self._seconds_since(start),
        )
        return self._commit(start, _Content.of(parent.manifest), report)

    def _read(self, start: _Start, pool: Callable[[], Pool]) -> BackupReport:
        vault = self._vault
        assert vault.keys.data is not None
        run = vault.memory.next_run()
        self._forget_lost_packs()
        vault.files.start_run()
        recipient = vault.keys.data.recipient
        store = TextStore(vault.sink, recipient, id_key=vault.keys.id_key, places=vault.places, reader=vault.reader)
        packer = FilePacker(
            vault.files, vault.places, store=store, numbers=self._numbers, progress=self._progress, run=run
        )
        workers = pool()
        try:
            packer.pack(self._source.media(), workers)
            gatherer = Gatherer(
                self._source,
                self._reader,
                vault,
                store=store,
                packer=packer,
                numbers=self._numbers,
                progress=self._progress,
            )
            self._progress.phase("reading messages", start.info.bytes_total or None)
            gathered = list(gatherer.gather(workers))
        finally:
            workers.close()
        try:
            report = self._write(start, gathered, store)
        finally:
            store.close()
        vault.files.forget_old(run=run)
        return report

    def _write(
        self, start: _Start, gathered: list[GatheredChat | DocumentEntry | Literal], store: TextStore
    ) -> BackupReport:
        self._check_source(start)
        self._progress.phase("merging")
        at = self._observed_at(start)
        parent = start.parent.manifest if start.parent else None
        builder = SnapshotBuilder(
            parent,
            store,
            self._vault.keys.id_key,
            policy=self._options.policy,
            at=at,
            same_account=parent is not None and parent.account is not None and start.info.account == parent.account,
        )
        for item in framed(gathered):
            _feed(builder, item)
        nodes = builder.nodes(self._unreferenced())
        self._progress.phase("writing the snapshot")
        store.flush()
        self._numbers.stored += store.stored
        account = start.info.account
        if account is None and parent is not None:
            account = parent.account
        content = _Content(account, self._source_record(start, at), self._options.policy.value, **nodes)
        return self._commit(start, content, self._report(start, builder))

    def _commit(self, start: _Start, content: _Content, report: BackupReport) -> BackupReport:
        """Write what makes the snapshot exist."""
        list_packs(self._vault.sink, self._vault.places, self._vault.keys)
        self._check_alone(start)
        manifest = Manifest(
            vault=self._vault.keys.vault_id,
            archive=self._options.archive,
            sequence=report.sequence,
            parents=start.parents,
            time=iso(start.time),
            host=self._options.host,
            tool=f"tgvault {__version__}",
            report=msgspec.Raw(msgspec.json.encode(report)),
            **{name: getattr(content, name) for name in _Content.__slots__},
        )
        name = write_manifest(self._vault.sink, manifest, self._vault.keys)
        self._vault.memory.note_seen([(name, manifest.archive, manifest.sequence)])
        if start.info.fingerprint is not None:
            fact = self._last_run(name, start.info.fingerprint)
            self._vault.memory.set_fact(self._fact_name, msgspec.json.encode(fact))
        return msgspec.structs.replace(report, snapshot=short_id(name))

    def _check_alone(self, start: _Start) -> None:
        """Nobody else may have continued the archive: their snapshot would be missing from ours."""
        vault = self._vault
        for name in manifest_names(vault.sink):
            if name in start.known:
                continue
            other = read_manifest(name, vault.sink, vault.memory, vault.keys)
            if other.archive == self._options.archive:
                raise VaultBusyError(
                    f"`{other.host}` has backed up into archive `{other.archive}` at the same time",
                    hint="run the backup again; what this run has packed is not packed again",
                )

    def _check_source(self, start: _Start) -> None:
        if start.info.fingerprint is not None and self._source.info().fingerprint != start.info.fingerprint:
            raise SourceChangedError(
                f"`{start.info.location}` changed while it was read",
                hint="wait until the export is complete, then run the backup again",
            )

    def _report(self, start: _Start, builder: SnapshotBuilder) -> BackupReport:
        totals, numbers = builder.totals, self._numbers
        return BackupReport(
            snapshot="",
            archive=self._options.archive,
            sequence=_next_sequence(start.parent),
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

    def _source_record(self, start: _Start, at: str) -> SourceRecord:
        info = start.info
        fingerprint = info.fingerprint.hex() if info.fingerprint is not None else None
        return SourceRecord(self._options.source_type, info.form, info.location, at, fingerprint)

    def _observed_at(self, start: _Start) -> str:
        """When Telegram showed what was read: not before the latest message, whatever a file's times say."""
        latest = datetime.fromtimestamp(min(self._numbers.latest, start.time.timestamp()), UTC)
        return iso(max(start.info.observed_at or start.time, latest))

    def _unreferenced(self) -> Iterator[FileEntry]:
        for file in self._vault.files.unused():
            content = decode_content(file.content)
            yield FileEntry(file.name, content.size, content.blob, content.pieces)

    def _forget_lost_packs(self) -> None:
        """Packs of a run that was killed serve this one, if they really reached the sink."""
        for pack in list(self._vault.places.packs(listed=False)):
            try:
                size = self._vault.sink.size(pack_name(pack.digest.hex()))
            except MissingObjectError:
                size = -1
            if size != pack.size:
                self._vault.places.forget_pack(pack.digest)

    def _last_run(self, snapshot: str, fingerprint: bytes) -> _LastRun:
        options = self._options
        settings = b"\n".join((options.source_type.encode(), options.policy.encode(), options.settings))
        return _LastRun(snapshot, fingerprint.hex(), settings.hex())

    @property
    def _fact_name(self) -> str:
        return f"last run of {self._options.archive}"

    def _seconds_since(self, start: _Start) -> float:
        return round((self._options.now() - start.time).total_seconds(), 3)


@dataclass(frozen=True, slots=True)
class _Content:
    """The part of a manifest that says what is in the snapshot."""

    account: int | None
    source: SourceRecord
    policy: str
    chats: Node | None
    documents: Node | None
    layout: Node | None
    files: Node | None

    @classmethod
    def of(cls, manifest: Manifest) -> _Content:
        """Give a snapshot's."""
        return cls(*(getattr(manifest, name) for name in cls.__slots__))


def iso(time: datetime) -> str:
    """Write a time as manifests do: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _next_sequence(parent: Snapshot | None) -> int:
    return parent.manifest.sequence + 1 if parent is not None else 1


def _check_account(info: SourceInfo, parent: Snapshot | None, archive: str) -> None:
    known = parent.manifest.account if parent is not None else None
    if known is not None and info.account is not None and known != info.account:
        raise AccountMismatchError(
            f"`{info.location}` belongs to account {info.account}, archive `{archive}` to account {known}",
            hint="keep it in an archive of its own with `--archive NAME`",
        )


def _feed(builder: SnapshotBuilder, item: GatheredChat | DocumentEntry | Literal) -> None:
    match item:
        case Literal():
            builder.literal(item.data)
        case DocumentEntry():
            builder.document(item)
        case GatheredChat(regular=True):
            builder.chat(item.chat, item.refs, covered=item.covered, dropped=item.dropped)
        case GatheredChat(rounds=None):
            builder.chat_without_ids(item.chat, item.refs)
        case GatheredChat(rounds=tuple() as rounds):
            builder.irregular_chat(item.chat, item.refs, rounds)
