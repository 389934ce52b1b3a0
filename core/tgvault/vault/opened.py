"""An unlocked vault: its sink, its keys, and what this machine knows of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    HiddenSnapshotError,
    MissingObjectError,
    RolledBackError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.state.database import Database
from tgvault.state.files import Files
from tgvault.state.memory import Memory
from tgvault.state.places import Places
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import owner_among
from tgvault.vault.elsewhere import lists_everything
from tgvault.vault.index import LIST_AGAIN, read_directories, sync_places
from tgvault.vault.manifests import (
    Manifest,
    SnapshotName,
    decode_manifest,
    manifest_names,
    read_manifest,
    short_id,
    sort_key,
)
from tgvault.vault.marks import MarkKind, Marks, read_marks
from tgvault.vault.reader import BlobReader

__all__ = ["Snapshot", "Vault", "check_lineage", "is_indexed", "not_indexed"]


#: How often to look at most, while objects go away between the list and the reading: somebody is pruning.
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot: the name of its manifest, and what that says."""

    name: SnapshotName
    manifest: Manifest

    @property
    def id(self) -> str:
        """The short id, by which people call it."""
        return short_id(self.name)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Vault:
    """Everything that reading and writing needs; one in each process."""

    sink: Sink
    keys: KeyBundle = field(repr=False)
    database: Database
    #: Tells the time of this machine, aware.
    clock: Callable[[], datetime] = _now
    places: Places = field(init=False)
    files: Files = field(init=False)
    memory: Memory = field(init=False)
    reader: BlobReader = field(init=False)
    #: What is wrong with the index, as the last `sync` found; it worked around it.
    bad_indexes: list[VaultError] = field(default_factory=list, init=False)
    #: What is wrong with marks, as the last look at them found; these mark nothing.
    bad_marks: list[VaultError] = field(default_factory=list, init=False)
    #: What is marked in the vault, as the last `sync` or `look_at_marks` found.
    marks: Marks = field(default=Marks(), init=False)
    #: Snapshots that are forgotten and still there, as the last `sync` found; they are not among those it gave.
    forgotten: list[Snapshot] = field(default_factory=list, init=False)
    #: Snapshots whose manifests are not good, as the last `sync` found; they are not among those it gave.
    unread: dict[SnapshotName, VaultError] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.keys.check_complete()
        assert self.keys.data is not None
        places = Places(self.database)
        reader = BlobReader(
            self.sink,
            places,
            identity=self.keys.data,
            id_key=self.keys.id_key,
            search=self.read_directories,
            renew=self.renew_places,
        )
        for name, value in (("places", places), ("files", Files(self.database)), ("memory", Memory(self.database))):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "reader", reader)

    @property
    def bad_manifests(self) -> list[VaultError]:
        """What is wrong with manifests, as the last `sync` found."""
        return list(self.unread.values())

    def sync(self, *, accept_missing: bool = False) -> list[Snapshot]:
        """Read what is new in the sink and give all snapshots that are not forgotten, oldest first in each archive.

        What is not good is noted in `bad_indexes` and `bad_manifests`: one damaged object must not bar the way to all
        others. Who relies on the newest snapshot calls `require_manifests` first.

        With `accept_missing` snapshots that are gone from the sink are forgotten instead of reported.

        Raises:
            HiddenSnapshotError, RolledBackError: the sink lacks snapshots that it had.
        """
        for _ in range(_LOOKS):
            begun = self.clock()
            names = manifest_names(self.sink)
            ended = self.clock()
            self.bad_indexes[:] = self._sync_places()
            deleted = self.marks.objects(MarkKind.DELETED)
            snapshots = list(self._read_manifests([name for name in names if name not in deleted]))
            if not any(isinstance(error, MissingObjectError) for error in (*self.bad_indexes, *self.bad_manifests)):
                break
        snapshots.sort(key=lambda each: (each.manifest.archive, *sort_key(each.manifest)))
        present = {*names, *deleted}
        if accept_missing:
            self.memory.forget_seen(self.memory.seen().keys() - present)
            self.memory.accept_parents(_missing_parents(snapshots, present))
        else:
            check_lineage(snapshots, self.memory, present=present)
        # Not before: what lacks something that was there is no look at the vault as it is.
        self.memory.note_look(names, begun=begun, ended=ended)
        self.memory.note_seen((each.name, each.manifest.archive, each.manifest.sequence) for each in snapshots)
        if not self.bad_indexes and not is_indexed(snapshots, self.places):
            if lists_everything(self.sink):
                self.read_directories()
            self.bad_indexes.append(not_indexed())
        return self._remembered(snapshots)

    def look_at_marks(self) -> Marks:
        """Read the marks anew. One that was taken back and is there again is none: somebody has put it back."""
        marks = read_marks(self.sink, self.memory, self.keys)
        again = self.memory.note_marks(each.name for each in marks.of(MarkKind.FORGET))
        object.__setattr__(self, "marks", marks.without(again))
        self.bad_marks[:] = [*marks.bad, *(_put_back(name) for name in again)]
        return self.marks

    def past(self) -> list[Snapshot]:
        """Give the snapshots that are the vault's no more and of which this machine knows what they said.

        They tell which of those that are left were made from which others.
        """
        found = {each.name: each for each in self.forgotten}
        for name in sorted(self.marks.objects(MarkKind.DELETED) - found.keys()):
            payload = self.memory.manifest(name) if name.startswith("snapshots/") else None
            if payload is not None:
                found[name] = Snapshot(name, decode_manifest(name, payload, self.keys))
        return list(found.values())

    def _remembered(self, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
        hidden = self.marks.objects(MarkKind.FORGET)
        self.forgotten[:] = [each for each in snapshots if each.name in hidden]
        return [each for each in snapshots if each.name not in hidden]

    def renew_places(self) -> None:
        """Read anew where blobs are: somebody may have pruned the vault since the last `sync`."""
        self._sync_places()

    def _sync_places(self) -> list[VaultError]:
        def deleted() -> Collection[ObjectName]:
            return self.look_at_marks().objects(MarkKind.DELETED)

        return sync_places(self.sink, self.places, self.keys, look_at_deleted=deleted)

    def read_directories(self) -> None:
        """Find what lies in packs that no index object lists, in the packs' own directories."""
        read_directories(self.sink, self.places, self.keys)

    def require_manifests(self) -> None:
        """Make sure that no snapshot is unreadable, so that the newest one is known.

        A manifest that is cut off is no snapshot that was lost: writing it is what would have made it one.

        Raises:
            VaultError: what is wrong with a manifest.
        """
        for error in self.bad_manifests:
            if not isinstance(error, TruncatedObjectError):
                raise error

    def require_writable(self) -> None:
        """Make sure that a new snapshot may stand beside what is there.

        It may stand beside damage: what a damaged manifest said is joined when the manifest is good again, and a
        backup that stops until then loses more.

        Raises:
            VaultError: somebody put up a manifest that is not the vault's, or a newer tgvault writes to it.
        """
        for error in self.bad_manifests:
            if not isinstance(error, TruncatedObjectError | CorruptObjectError):
                raise error

    def _read_manifests(self, names: Sequence[SnapshotName]) -> Iterator[Snapshot]:
        self.unread.clear()
        owner = owner_among(names)
        for name in names:
            try:
                yield Snapshot(name, read_manifest(name, self.sink, self.memory, self.keys, owner=owner))
            except VaultError as error:
                self.unread[name] = error

    def close(self) -> None:
        """Let go of sink and database."""
        self.database.close()
        self.sink.close()


def _put_back(name: str) -> VaultError:
    return ForgedObjectError(
        f"`{name}` was taken back and is in the sink again", hint="somebody has put it there; delete it there"
    )


def _missing_parents(snapshots: Iterable[Snapshot], present: Iterable[str]) -> dict[str, str]:
    there = set(present)
    return {parent: each.id for each in snapshots for parent in each.manifest.parents if parent not in there}


def check_lineage(snapshots: Sequence[Snapshot], memory: Memory, *, present: Iterable[str]) -> None:
    """Make sure that no snapshot is missing that this machine has seen or that another one builds on.

    `present` are the names of all manifests in the sink, those that cannot be read as well.

    Raises:
        HiddenSnapshotError, RolledBackError: one is.
    """
    there = set(present)
    newest = {each.manifest.archive: each.manifest.sequence for each in snapshots}
    for name, (archive, sequence) in sorted(memory.seen().items(), key=lambda row: row[1][1]):
        if name in there:
            continue
        known = f"snapshot `{short_id(SnapshotName(name))}` of archive `{archive}`"
        if sequence > newest.get(archive, 0):
            raise RolledBackError(f"{known} is not in the sink any more: it shows an older state", hint=_ACCEPT)
        raise HiddenSnapshotError(f"{known} is not in the sink any more", hint=_ACCEPT)
    accepted = memory.accepted_parents()
    for parent, child in _missing_parents(snapshots, there).items():
        if parent not in accepted:
            known = f"snapshot `{short_id(SnapshotName(parent))}`"
            raise HiddenSnapshotError(f"{known}, on which `{child}` builds, is not in the sink", hint=_ACCEPT)


def is_indexed(snapshots: Iterable[Snapshot], places: Places) -> bool:
    """Tell whether index objects list the beginnings of everything that the snapshots hold.

    A run writes these last, so they are in its own index object: where that is gone, they are in none.
    """
    nodes = (node for each in snapshots for node in each.manifest.nodes)
    return all(places.is_listed(blob) for blob in {bytes.fromhex(node.blob) for node in nodes})


def not_indexed() -> VaultError:
    """Say that `is_indexed` does not hold."""
    return MissingObjectError("snapshots need packs that no index object in the sink lists", hint=LIST_AGAIN)


_ACCEPT = (
    "bring it back from a copy of the vault: `tgvault verify --repair`; if you removed it yourself, run the command"
    " once with `--accept-missing-snapshots`"
)
