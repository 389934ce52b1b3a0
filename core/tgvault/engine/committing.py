"""Writing what makes a snapshot exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from tgvault import __version__
from tgvault.engine.report import BackupReport
from tgvault.engine.start import Start, note_run
from tgvault.errors import CorruptObjectError, TruncatedObjectError, VaultBusyError
from tgvault.state.memory import DAMAGED
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
from tgvault.vault.opened import Vault
from tgvault.vault.packs import pack_name

__all__ = ["SnapshotContent", "commit", "forget_lost_packs", "iso"]


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


def commit(vault: Vault, start: Start, content: SnapshotContent, report: BackupReport, *, host: str) -> BackupReport:
    """List the new packs and write the manifest; gives the report with the snapshot's short id.

    Raises:
        VaultBusyError: somebody else has continued the archive meanwhile.
    """
    list_packs(vault.sink, vault.places, vault.keys)
    _check_alone(vault, start)
    manifest = Manifest(
        vault=vault.keys.vault_id,
        archive=start.archive,
        sequence=report.sequence,
        parents=start.parents,
        time=iso(start.time),
        host=host,
        tool=f"tgvault {__version__}",
        report=msgspec.Raw(msgspec.json.encode(report)),
        **{name: getattr(content, name) for name in SnapshotContent.__slots__},
    )
    name = write_manifest(vault.sink, manifest, vault.keys)
    vault.memory.note_seen([(name, manifest.archive, manifest.sequence)])
    note_run(start, vault.memory, name)
    return msgspec.structs.replace(report, snapshot=short_id(name))


def forget_lost_packs(vault: Vault) -> bool:
    """Forget packs that are not in the sink as they should be, and tell whether there were any.

    Those that a killed run stored are used if they really got there. Of those that an index object lists, one that is
    gone, has another size, or was found damaged by the last verification holds nothing that a backup may rely on: what
    the source still has of it is stored again.
    """
    stored = {each.name: each.size for each in vault.sink.list("packs/")}
    damaged = vault.memory.verified(DAMAGED)
    packs = [*vault.places.packs(listed=False), *vault.places.packs(listed=True)]
    lost = [each for each in packs if stored.get(pack_name(each.digest.hex())) != each.size or each.digest in damaged]
    for pack in lost:
        vault.places.forget_pack(pack.digest)
    return bool(lost)


def iso(time: datetime) -> str:
    """Write a time as manifests do: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_alone(vault: Vault, start: Start) -> None:
    """Nobody else may have continued the archive: their snapshot would be missing from ours."""
    for name in manifest_names(vault.sink):
        if name in start.known:
            continue
        try:
            other = read_manifest(name, vault.sink, vault.memory, vault.keys)
        except (CorruptObjectError, TruncatedObjectError):
            # What a killed writer left: nobody can have continued the archive with it.
            continue
        if other.archive == start.archive:
            raise VaultBusyError(
                f"`{other.host}` has backed up into archive `{other.archive}` at the same time",
                hint="run the backup again; what this run has packed is not packed again",
            )
