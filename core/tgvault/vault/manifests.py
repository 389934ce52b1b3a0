"""Manifests: what a snapshot is, and writing one is the only commit."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import CorruptObjectError, SwappedObjectError, UnsupportedFormatError
from tgvault.state.memory import Memory
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import HINT, Owner, nobody
from tgvault.vault.elsewhere import read_checked
from tgvault.vault.sealed import open_text, seal_text

__all__ = [
    "FORMAT",
    "Manifest",
    "Node",
    "SnapshotName",
    "SourceRecord",
    "check_manifest",
    "decode_manifest",
    "manifest_names",
    "read_manifest",
    "short_id",
    "sort_key",
    "write_manifest",
]

FORMAT = 1
PURPOSE = "manifest"

#: The object name of a manifest.
SnapshotName = ObjectName

_NAME = re.compile(r"snapshots/\d{8}T\d{6}Z-[0-9a-f]{64}\.age")


class Node(msgspec.Struct, frozen=True):
    """A list that is cut into blobs: the blob id (hexadecimal) of its root, the root's level, the keys in all, and the
    first and the last key.
    """

    blob: str
    level: int
    count: int
    first: int | str
    last: int | str


class SourceRecord(msgspec.Struct, frozen=True):
    """What a snapshot was made from."""

    type: str
    form: str
    location: str
    observed_at: str
    fingerprint: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot; see docs/internals/vault-format.md for each member. `report` is the run's own JSON.

    Manifests of tgvault 0.1 have no `tags`, and it passes over those of others.
    """

    format: int = FORMAT
    vault: str
    archive: str
    account: int | None
    sequence: int
    parents: tuple[str, ...]
    time: str
    host: str
    tool: str
    source: SourceRecord
    policy: str
    chats: Node | None
    documents: Node | None
    layout: Node | None
    files: Node | None
    report: msgspec.Raw
    tags: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The lists that it names."""
        return tuple(each for each in (self.chats, self.documents, self.layout, self.files) if each is not None)


class _FormatOnly(msgspec.Struct):
    format: int
    vault: str


def short_id(name: SnapshotName) -> str:
    """Give the first eight digits of a manifest's SHA-256, by which people call a snapshot."""
    return name.rpartition("-")[2][:8]


def manifest_names(sink: Sink) -> list[SnapshotName]:
    """List the manifests in the sink, in the order of their names."""
    return sorted(stored.name for stored in sink.list("snapshots/") if _NAME.fullmatch(stored.name))


def write_manifest(sink: Sink, manifest: Manifest, keys: KeyBundle) -> SnapshotName:
    """Seal and store a manifest: from here on the snapshot exists."""
    payload = msgspec.json.encode(manifest)
    assert keys.data is not None
    data = seal_text(payload, purpose=PURPOSE, id_key=keys.id_key, recipient=keys.data.recipient)
    name = _name(manifest, data)
    sink.put(name, data)
    return name


def read_manifest(
    name: SnapshotName, sink: Sink, memory: Memory, keys: KeyBundle, *, owner: Owner = nobody
) -> Manifest:
    """Read and check a manifest; what was checked once is taken from the local state.

    Raises:
        SwappedObjectError, TruncatedObjectError, CorruptObjectError, ForgedObjectError: it is not good.
        UnsupportedFormatError: a newer tgvault wrote it.
    """
    payload = memory.manifest(name)
    if payload is None:
        payload = read_checked(sink, name, lambda data: check_manifest(name, data, keys, owner=owner))
        memory.keep_manifest(name, payload)
    return decode_manifest(name, payload, keys)


def check_manifest(name: SnapshotName, data: bytes, keys: KeyBundle, *, owner: Owner = nobody) -> bytes:
    """Check a manifest's bytes and give its payload; raises as `read_manifest` does."""
    assert keys.data is not None
    payload = open_text(name, data, purpose=PURPOSE, id_key=keys.id_key, identity=keys.data, owner=owner)
    own = _name(decode_manifest(name, payload, keys), data)
    if name != own:
        # The same snapshot once more, under another time.
        raise SwappedObjectError(f"`{name}` holds the bytes of `{own}`", hint=HINT)
    return payload


def decode_manifest(name: SnapshotName, payload: bytes, keys: KeyBundle) -> Manifest:
    """Read a manifest's checked payload; raises as `read_manifest` does."""
    try:
        head = msgspec.json.decode(payload, type=_FormatOnly)
        if head.format > FORMAT:
            raise UnsupportedFormatError(
                f"`{name}` has format {head.format}; this tgvault reads up to {FORMAT}", hint="install a newer tgvault"
            )
        if head.vault != keys.vault_id:
            raise CorruptObjectError(f"`{name}` belongs to another vault")
        return msgspec.json.decode(payload, type=Manifest)
    except msgspec.MsgspecError as error:
        raise CorruptObjectError(f"`{name}` is not a manifest: {error}") from None


def _name(manifest: Manifest, data: bytes) -> SnapshotName:
    try:
        time = datetime.fromisoformat(manifest.time).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (OverflowError, ValueError):
        raise CorruptObjectError(f"`{manifest.time[:40]}` is not the time of a manifest") from None
    return SnapshotName(f"snapshots/{time}-{hashlib.sha256(data).hexdigest()}.age")


def sort_key(manifest: Manifest) -> tuple[int, str]:
    """Order manifests of one archive: by sequence number, then by the writer's clock."""
    return manifest.sequence, manifest.time
