"""Writing what makes a snapshot exist."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from tgvault import __version__
from tgvault.contracts.sink import ObjectName
from tgvault.engine.report import BackupReport
from tgvault.engine.start import Start, note_loss, note_run
from tgvault.errors import CorruptObjectError, SinkError, TruncatedObjectError, VaultBusyError, VaultError
from tgvault.model.findings import Finding, FindingKind
from tgvault.state.memory import DAMAGED
from tgvault.vault.index import list_packs
from tgvault.vault.leases import HeldLease
from tgvault.vault.manifests import (
    Manifest,
    Node,
    SnapshotName,
    SourceRecord,
    manifest_names,
    read_manifest,
    short_id,
    write_manifest,
)
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.opened import Vault
from tgvault.vault.packs import pack_name

__all__ = [
    "OvertakenError",
    "SnapshotContent",
    "commit",
    "forget_lost_packs",
    "iso",
    "until_sound",
]

#: How often a run is started over at most because another machine was faster. Each time that one has its snapshot.
_OVERTAKEN = 10

_Report = TypeVar("_Report")


class OvertakenError(VaultBusyError):
    """Another machine has continued the archive while the run went on."""


@dataclass(frozen=True, slots=True)
class SnapshotContent:
    """The part of a manifest that says what is in the snapshot."""

    account: int | None
    source: SourceRecord
    policy: str
    chats: Node | None
    documents: Node | None
    layout: Node | None
    files: Node | None

    @classmethod
    def of(cls, manifest: Manifest) -> SnapshotContent:
        """Give a snapshot's."""
        return cls(*(getattr(manifest, name) for name in cls.__slots__))


def commit(
    vault: Vault,
    start: Start,
    content: SnapshotContent,
    report: BackupReport,
    *,
    host: str,
    tags: tuple[str, ...] = (),
    lease: HeldLease | None = None,
) -> BackupReport:
    """List the new packs and write the manifest; gives the report with the snapshot's short id.

    When this returns, nobody has taken the holder of the `lease` for dead, or what was deleted then is not missing.

    Raises:
        OvertakenError: somebody else has continued the archive meanwhile.
        CorruptObjectError: packs turned out to be damaged; the run is to be started over, as `until_sound` does.
    """
    if lease is not None:
        # Who has slept until now is seen to be alive before anything is looked at for the last time. Where that fails,
        # it is found out after the manifest whether anybody took him for dead.
        with suppress(SinkError):
            lease.freshen()
    _check_sound(vault, start)
    list_packs(vault.sink, vault.places, vault.keys)
    _check_alone(vault, start)
    report = _with_unread(vault, start, report)
    manifest = Manifest(
        vault=vault.keys.vault_id,
        archive=start.archive,
        sequence=report.sequence,
        parents=start.parents,
        time=iso(start.time),
        host=host,
        tool=f"tgvault {__version__}",
        report=msgspec.Raw(msgspec.json.encode(report)),
        tags=tags,
        **{name: getattr(content, name) for name in SnapshotContent.__slots__},
    )
    name = write_manifest(vault.sink, manifest, vault.keys)
    if lease is not None and lease.was_lost():
        _check_or_withdraw(vault, start, name, host=host)
    vault.memory.note_seen([(name, manifest.archive, manifest.sequence)])
    vault.memory.note_sightings([name], at=vault.clock())
    note_run(start, vault.memory, name)
    return msgspec.structs.replace(report, snapshot=short_id(name))


def forget_lost_packs(vault: Vault, *, marked: Collection[ObjectName] | None = None) -> bool:
    """Let nothing rely on packs that are not in the sink as they should be; tells whether there are any new ones.

    Those that a killed run stored are used if they really got there. Of those that an index object lists, one that is
    gone, has another size, or was found damaged, by the last verification or since, holds nothing that a backup may
    rely on: what the source still has of it is stored again. The same holds for one that is marked as unneeded: it is
    about to be deleted, or was while this machine slept, which is no loss. `marked` are these, where they are others
    than the last look at the marks found.
    """
    stored = {each.name: each.size for each in vault.sink.list("packs/")}
    failed = [digest for digest in vault.reader.failed if pack_name(digest.hex()) in stored]
    vault.memory.note_verified(failed, time="", level=DAMAGED)
    vault.reader.failed.clear()
    damaged = vault.memory.verified(DAMAGED)
    marks = vault.marks
    unneeded = marks.objects(MarkKind.UNNEEDED) | marks.objects(MarkKind.DELETED) if marked is None else marked
    lost, set_aside = False, []
    for pack in [*vault.places.packs(listed=False), *vault.places.packs(listed=True)]:
        name = pack_name(pack.digest.hex())
        is_good = stored.get(name) == pack.size and pack.digest not in damaged
        if name in unneeded and (is_good or name not in stored):
            set_aside += [] if pack.lost else [pack.digest]
        elif is_good == pack.lost:
            (vault.places.mark_found if is_good else vault.places.mark_lost)(pack.digest)
            lost = lost or not is_good
    vault.places.set_aside(set_aside)
    if lost:
        note_loss(vault.memory)
    return lost or bool(set_aside)


def until_sound(vault: Vault, run: Callable[[], _Report]) -> _Report:
    """Carry out a run, and start it over as long as it finds packs gone bad that it has relied on.

    Each time there are other packs that nothing relies on any more, so this ends. A run that another machine has
    overtaken is started over as well, now from what that one has written. Raises what the run raises for any other
    reason.
    """
    overtaken = 0
    while True:
        before = vault.places.setbacks()
        try:
            return run()
        except OvertakenError:
            overtaken += 1
            if overtaken > _OVERTAKEN:
                raise
        except VaultError:
            vault.look_at_marks()
            forget_lost_packs(vault)
            if vault.places.setbacks() == before:
                raise


def iso(time: datetime) -> str:
    """Write a time as manifests do: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_sound(vault: Vault, start: Start) -> None:
    """Make sure that the run has relied on nothing that is gone, damaged or about to be deleted.

    What this process knows of packs is not enough for that: whoever reads the vault meanwhile, in this process or in
    another one of this machine, forgets those that were deleted.
    """
    vault.look_at_marks()
    forget_lost_packs(vault)
    if vault.places.setbacks() != start.setbacks:
        raise CorruptObjectError(
            "packs that the vault relied on turned out to be damaged, or are gone or about to be deleted",
            hint="run the backup again: what the source still has of them is then stored again",
        )


def _check_or_withdraw(vault: Vault, start: Start, name: SnapshotName, *, host: str) -> None:
    """Make sure that a snapshot has all that it needs although somebody has taken its writer for dead.

    A machine that slept for an hour may have slept between the last look at the marks and this. What the snapshot
    lacks cannot be told from what it has, so nobody may build on it.
    """
    try:
        _check_sound(vault, start)
    except CorruptObjectError:
        put_mark(vault.sink, MarkKind.DELETED, [name], keys=vault.keys, time=vault.clock(), host=host)
        vault.sink.delete(name)
        raise


def _with_unread(vault: Vault, start: Start, report: BackupReport) -> BackupReport:
    """Tell of snapshots of the archive that cannot be read at all, besides what a killed writer left."""
    seen = vault.memory.seen()
    found = []
    for name, error in vault.unread.items():
        archive = seen[name][0] if name in seen else start.archive
        if archive == start.archive and not isinstance(error, TruncatedObjectError):
            subject = f"what only snapshot {short_id(name)} has"
            found.append(Finding(FindingKind.LOST, subject, f"it is not taken over, for it cannot be read: {error}"))
    new = [each for each in found if each not in report.findings]
    return msgspec.structs.replace(report, findings=[*report.findings, *new])


def _check_alone(vault: Vault, start: Start) -> None:
    """Nobody else may have continued the archive: their snapshot would be missing from ours.

    What is forgotten or deleted need not be in ours.
    """
    gone = vault.marks.objects(MarkKind.FORGET) | vault.marks.objects(MarkKind.DELETED)
    for name in manifest_names(vault.sink):
        if name in start.known or name in gone:
            continue
        try:
            other = read_manifest(name, vault.sink, vault.memory, vault.keys)
        except (CorruptObjectError, TruncatedObjectError):
            # What a killed writer left: nobody can have continued the archive with it.
            continue
        if other.archive == start.archive:
            raise OvertakenError(
                f"`{other.host}` has backed up into archive `{other.archive}` at the same time",
                hint="run the backup again; what this run has packed is not packed again",
            )
