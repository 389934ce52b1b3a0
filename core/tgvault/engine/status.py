"""How a vault stands: its archives, what lies in the sink, who can unlock it, and when it was last verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import StoredObject
from tgvault.engine.snapshot_info import SnapshotInfo, snapshot_info, utc
from tgvault.engine.verified import Verified, verified
from tgvault.state.memory import Memory
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.slots import SlotKind, list_slots

__all__ = [
    "ArchiveStatus",
    "Leftover",
    "ObjectTotals",
    "SlotStatus",
    "SourceStatus",
    "Status",
    "find_leftover",
    "status",
]

#: Folders of a sink, in the order in which they are told; everything else is `other`.
_KINDS = ("packs", "index", "snapshots", "keys")


class ArchiveStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An archive."""

    name: Annotated[str, Meta(description="The archive's name.")]
    snapshots: Annotated[int, Meta(description="How many snapshots it has.")]
    newest: Annotated[SnapshotInfo, Meta(description="Its newest snapshot.")]
    age: Annotated[float, Meta(description="Seconds since the newest snapshot was begun.")]
    observed_age: Annotated[float, Meta(description="Seconds since Telegram showed what is in it.")]


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The last run of one sort of source into one archive."""

    archive: Annotated[str, Meta(description="The archive that it went to.")]
    type: Annotated[str, Meta(description="The type of the source.")]
    form: Annotated[str, Meta(description="What the source recognised.")]
    location: Annotated[str, Meta(description="Where the source lay.")]
    snapshot: Annotated[str, Meta(description="The snapshot that the run made.")]
    time: Annotated[datetime, Meta(description="When the run began.")]
    observed_at: Annotated[datetime, Meta(description="When Telegram showed what the source held.")]
    runs: Annotated[int, Meta(description="How many runs there were.")]


class ObjectTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The objects of one kind in the sink."""

    kind: Annotated[str, Meta(description="Their folder: `packs`, `index`, `snapshots`, `keys`, or `other`.")]
    objects: Annotated[int, Meta(description="How many there are.")]
    bytes: Annotated[int, Meta(description="Their size together.")]


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    """Packs that no index object lists: left by a run that was killed, or of a run that is going on."""

    packs: Annotated[int, Meta(description="How many there are.")]
    bytes: Annotated[int, Meta(description="Their size together.")]
    usable: Annotated[int, Meta(description="How many of them the next backup of this machine takes over.")]


class SlotStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A way to unlock the vault."""

    name: Annotated[str, Meta(description="The slot's name.")]
    kind: Annotated[SlotKind, Meta(description="What opens it.")]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a vault stands."""

    vault: Annotated[str, Meta(description="The vault's id.")]
    fingerprint: Annotated[str, Meta(description="The vault's fingerprint.")]
    archives: Annotated[list[ArchiveStatus], Meta(description="The archives, by name.")]
    sources: Annotated[list[SourceStatus], Meta(description="The last runs, the newest first.")]
    objects: Annotated[int, Meta(description="Objects in the sink.")]
    bytes: Annotated[int, Meta(description="Their size together.")]
    kinds: Annotated[list[ObjectTotals], Meta(description="The objects by kind.")]
    packs: Annotated[int, Meta(description="Packs that the index lists.")]
    blobs: Annotated[int, Meta(description="Pieces of content in the packs.")]
    leftover: Annotated[Leftover, Meta(description="Packs that the index does not list.")]
    verified: Annotated[Verified, Meta(description="What was verified with `tgvault verify`.")]
    slots: Annotated[list[SlotStatus], Meta(description="The ways to unlock the vault, by name.")]
    problems: Annotated[list[str], Meta(description="Objects that could not be read, each with what is wrong.")]


def status(
    vault: Vault, snapshots: Sequence[Snapshot], *, now: datetime, since: datetime, memory: Memory | None = None
) -> Status:
    """Tell how a vault stands. Lists the sink once, and reads nothing but the slots.

    `snapshots` are those that `Vault.sync` gives; `now` is aware, and so is `since`: from then on verifications count
    as recent. `memory` is what knows of these, where it is not the vault's.

    Raises:
        SinkError: the sink cannot be read.
    """
    stored = list(vault.sink.list(""))
    packs, _, blobs = vault.places.totals()
    return Status(
        vault=vault.keys.vault_id,
        fingerprint=vault.keys.fingerprint,
        archives=_archives(snapshots, now),
        sources=_sources(snapshots),
        objects=len(stored),
        bytes=sum(each.size for each in stored),
        kinds=_kinds(stored),
        packs=packs,
        blobs=blobs,
        leftover=find_leftover(vault, stored),
        verified=verified(vault.places.packs(), memory or vault.memory, since=since),
        slots=[SlotStatus(name=slot.name, kind=slot.kind) for slot in list_slots(vault.sink)],
        problems=[str(error) for error in (*vault.bad_manifests, *vault.bad_indexes)],
    )


def find_leftover(vault: Vault, stored: Iterable[StoredObject]) -> Leftover:
    """Find the packs among the sink's objects that no index object lists."""
    listed = {pack.digest.hex() for pack in vault.places.packs()}
    known = {pack.digest.hex() for pack in vault.places.packs(listed=False)}
    left = {digest_of(each.name): each.size for each in stored if each.name.startswith("packs/")}
    left = {digest: size for digest, size in left.items() if digest not in listed}
    return Leftover(packs=len(left), bytes=sum(left.values()), usable=len(left.keys() & known))


def _archives(snapshots: Iterable[Snapshot], now: datetime) -> list[ArchiveStatus]:
    by_name: dict[str, list[Snapshot]] = {}
    for each in snapshots:
        by_name.setdefault(each.manifest.archive, []).append(each)
    return [_archive(name, by_name[name], now) for name in sorted(by_name)]


def _archive(name: str, mine: Sequence[Snapshot], now: datetime) -> ArchiveStatus:
    newest = snapshot_info(mine[-1])
    return ArchiveStatus(
        name=name,
        snapshots=len(mine),
        newest=newest,
        age=(now - newest.time).total_seconds(),
        observed_age=(now - newest.source.observed_at).total_seconds(),
    )


def _sources(snapshots: Iterable[Snapshot]) -> list[SourceStatus]:
    """Find the last runs. Where a source lies is no part of what it is: exports lie in a new folder each time."""
    last: dict[tuple[str, str, str], Snapshot] = {}
    runs: Counter[tuple[str, str, str]] = Counter()
    for each in snapshots:
        source = each.manifest.source
        sort = (each.manifest.archive, source.type, source.form)
        runs[sort] += 1
        last[sort] = each
    found = [_source(each, runs[sort]) for sort, each in last.items()]
    return sorted(found, key=lambda source: source.time, reverse=True)


def _source(snapshot: Snapshot, runs: int) -> SourceStatus:
    manifest = snapshot.manifest
    return SourceStatus(
        archive=manifest.archive,
        type=manifest.source.type,
        form=manifest.source.form,
        location=manifest.source.location,
        snapshot=snapshot.id,
        time=utc(manifest.time),
        observed_at=utc(manifest.source.observed_at),
        runs=runs,
    )


def _kinds(stored: Iterable[StoredObject]) -> list[ObjectTotals]:
    objects: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for each in stored:
        folder = each.name.partition("/")[0]
        kind = folder if folder in _KINDS else "other"
        objects[kind] += 1
        sizes[kind] += each.size
    return [ObjectTotals(kind=kind, objects=objects[kind], bytes=sizes[kind]) for kind in (*_KINDS, "other")]
