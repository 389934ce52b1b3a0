"""Index objects: where blobs are, for readers that do not want to open every pack."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import UnsealError, unseal
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError, VaultError
from tgvault.state.places import Places
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import check_name, digest_of
from tgvault.vault.packs import BlobPlace, directory_lines, parse_directory_line, read_directory
from tgvault.vault.sealed import open_text, seal_text

__all__ = ["PURPOSE", "list_packs", "load_index_object", "sync_places"]

PURPOSE = "index"

#: Blobs in one index object at most: about 6 MB of text, so that a reader needs little memory for one.
BLOBS_PER_OBJECT = 60_000


class _PackLine(msgspec.Struct):
    pack: str
    size: int


def sync_places(sink: Sink, places: Places, keys: KeyBundle) -> list[VaultError]:
    """Bring the local cache of places up to date with the index objects of the sink.

    Gives what is wrong with index objects that are not good. What they would have said is then read from the packs'
    own directories, which takes long but loses nothing; the next backup lists these packs again.
    """
    present = {stored.name for stored in sink.list("index/")}
    known = places.index_objects()
    if known - present:
        # Somebody removed index objects: what they said is no longer true.
        places.clear()
        known = set()
    bad = []
    for name in sorted(present - known):
        try:
            load_index_object(name, sink.get(ObjectName(name)), places, keys)
        except VaultError as error:
            bad.append(error)
    if bad:
        _read_directories(sink, places, keys)
    return bad


def _read_directories(sink: Sink, places: Places, keys: KeyBundle) -> None:
    """Open every pack that no good index object lists; one that is damaged itself is left out."""
    assert keys.data is not None
    for stored in sink.list("packs/"):
        digest = bytes.fromhex(digest_of(stored.name))
        if places.size(digest) is not None:
            continue
        try:
            plaintext = unseal(sink.get(stored.name), [keys.data])
            blobs = read_directory(plaintext, where=stored.name)
        except (UnsealError, VaultError):
            continue
        rows = ((b.blob, b.frame_offset, b.frame_length, b.offset, b.length) for b in blobs)
        places.add_pack(digest, stored.size, rows, listed=False)


def load_index_object(name: ObjectName, data: bytes, places: Places, keys: KeyBundle) -> None:
    """Check an index object and take over what it says."""
    check_name(name, data)
    payload = open_text(name, data, purpose=PURPOSE, id_key=keys.id_key, identity=keys.index)
    digests = []
    for digest, size, blobs in _parse(name, payload):
        rows = ((b.blob, b.frame_offset, b.frame_length, b.offset, b.length) for b in blobs)
        places.add_pack(digest, size, rows, listed=True)
        digests.append(digest)
    places.mark_listed(digests, index_object=name)


def list_packs(sink: Sink, places: Places, keys: KeyBundle) -> list[ObjectName]:
    """Write index objects for all packs that are in none yet; gives their names."""
    written = []
    for group in _groups(places):
        lines = b"".join(line for digest in group for line in _pack_lines(digest, places))
        recipient = keys.index.recipient
        data = seal_text(lines, purpose=PURPOSE, id_key=keys.id_key, recipient=recipient)
        name = ObjectName(f"index/{hashlib.sha256(data).hexdigest()}.age")
        sink.put(name, data)
        places.mark_listed(group, index_object=name)
        written.append(name)
    return written


def _groups(places: Places) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    blobs = 0
    for pack in places.packs(listed=False):
        if group and blobs + pack.blobs > BLOBS_PER_OBJECT:
            yield group
            group, blobs = [], 0
        group.append(pack.digest)
        blobs += pack.blobs
    if group:
        yield group


def _pack_lines(digest: bytes, places: Places) -> Iterator[bytes]:
    yield b'{"pack":"%s","size":%d}\n' % (digest.hex().encode(), places.size(digest) or 0)
    yield from directory_lines(
        BlobPlace(BlobId(place.blob), place.frame_offset, place.frame_length, place.offset, place.length)
        for place in places.in_pack(digest)
    )


def _parse(name: ObjectName, payload: bytes) -> Iterable[tuple[bytes, int, list[BlobPlace]]]:
    current: tuple[bytes, int, list[BlobPlace]] | None = None
    for line in payload.splitlines():
        if line.startswith(b"{"):
            if current is not None:
                yield current
            current = _pack_line(name, line)
        elif current is None:
            raise CorruptObjectError(f"`{name}` names a blob before its pack")
        else:
            current[2].append(parse_directory_line(line, where=name))
    if current is not None:
        yield current


def _pack_line(name: ObjectName, line: bytes) -> tuple[bytes, int, list[BlobPlace]]:
    try:
        row = msgspec.json.decode(line, type=_PackLine)
        return bytes.fromhex(row.pack), row.size, []
    except (ValueError, msgspec.MsgspecError):
        raise CorruptObjectError(f"a line of `{name}` is not a pack") from None
