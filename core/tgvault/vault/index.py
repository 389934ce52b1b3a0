"""Index objects: where blobs are, for readers that do not want to open every pack."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import UnsealError, unseal
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError, ForgedObjectError, MissingObjectError, VaultError
from tgvault.state.places import Pack, Places
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import Owner, check_name, diagnose, digest_of, nobody, owner_among
from tgvault.vault.elsewhere import lists_everything, read_checked
from tgvault.vault.frames import decompress
from tgvault.vault.packs import BlobPlace, directory_lines, parse_directory_line, read_directory
from tgvault.vault.sealed import open_text, seal_text

__all__ = [
    "LIST_AGAIN",
    "PURPOSE",
    "list_packs",
    "list_packs_anew",
    "load_index_object",
    "read_directories",
    "sync_places",
]

PURPOSE = "index"

#: The way out where packs are in no good index object.
LIST_AGAIN = (
    "bring it back from a copy of the vault: `tgvault verify --repair`; or go on: the packs themselves say what is in "
    "them, and the next backup lists them again"
)

#: Blobs in one index object at most: about 6 MB of text, so that a reader needs little memory for one.
BLOBS_PER_OBJECT = 60_000


_NAME = re.compile(r"index/[0-9a-f]{64}\.age")
_PACK = re.compile(r"packs/[0-9a-f]{2}/[0-9a-f]{64}\.age")


class _PackLine(msgspec.Struct):
    pack: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=0, le=1 << 40)]


def sync_places(
    sink: Sink, places: Places, keys: KeyBundle, *, look_at_deleted: Callable[[], Collection[ObjectName]] = tuple
) -> list[VaultError]:
    """Bring the local cache of places up to date with the index objects of the sink.

    Gives what is wrong with index objects that are not good. What these, and those that are gone, would have said is
    then read from the packs' own directories, which takes long but loses nothing; the next backup lists these packs
    again. Where there are other places to look for index objects, that is left to whoever looks there.
    `look_at_deleted` gives the objects that are gone on purpose, or about to be: nothing is lost with them.
    """
    deleted = look_at_deleted()
    present = {stored.name for stored in sink.list("index/") if _NAME.fullmatch(stored.name)}
    known = places.index_objects()
    if known - present - set(deleted):
        # Somebody may have pruned the vault between the two looks, and has said so before.
        deleted = look_at_deleted()
    replaced = known & set(deleted)
    gone = bool(known - present - replaced)
    if gone and not lists_everything(sink):
        # They may be elsewhere: what they said holds until somebody has looked there.
        return [MissingObjectError("index objects that this machine has read are not in the sink", hint=LIST_AGAIN)]
    if gone:
        # Somebody removed index objects: what they said is no longer true.
        places.clear()
        known = set()
    bad: list[VaultError] = []
    owner = owner_among(present)
    for name in sorted(present - known - set(deleted)):
        try:
            read_checked(sink, name, partial(_load, name, places, keys, owner))
        except VaultError as error:
            bad.append(error)
    if not bad:
        # What takes their place has been read.
        places.forget_index_objects(replaced - present)
    places.remove(bytes.fromhex(digest_of(name)) for name in deleted if _PACK.fullmatch(name))
    if gone or (bad and lists_everything(sink)):
        read_directories(sink, places, keys)
    return bad


def read_directories(sink: Sink, places: Places, keys: KeyBundle) -> None:
    """Open every pack that no good index object lists, and remember what is in it.

    One that is not good itself is left out, and left alone the next time: opening it costs as much as reading it.
    """
    for stored in sink.list("packs/"):
        digest = bytes.fromhex(digest_of(stored.name)) if _PACK.fullmatch(stored.name) else b""
        if not digest or places.size(digest) is not None or places.is_passed_over(digest, stored.size):
            continue
        try:
            size, blobs = read_checked(sink, stored.name, partial(_checked_directory, stored.name, keys))
        except (UnsealError, VaultError):
            places.pass_over(digest, stored.size)
            continue
        rows = ((b.blob, b.frame_offset, b.frame_length, b.offset, b.length) for b in blobs)
        places.add_pack(digest, size, rows, listed=False)


def _checked_directory(name: ObjectName, keys: KeyBundle, data: bytes) -> tuple[int, list[BlobPlace]]:
    """Read a pack's size and its directory, and every blob in it: a directory says nothing about who wrote it."""
    assert keys.data is not None
    check_name(name, data)
    plaintext = unseal(data, [keys.data])
    blobs = read_directory(plaintext, where=name)
    at, content = -1, b""
    for place in blobs:
        if place.frame_offset != at:
            frame = memoryview(plaintext)[place.frame_offset : place.frame_offset + place.frame_length]
            at, content = place.frame_offset, decompress(frame, where=name)
        if keys.id_key.blob_id(content[place.offset : place.offset + place.length]) != place.blob:
            raise diagnose(name, data, opened=True)
    return len(data), blobs


def _load(name: ObjectName, places: Places, keys: KeyBundle, owner: Owner, data: bytes) -> None:
    load_index_object(name, data, places, keys, owner=owner)


def load_index_object(name: ObjectName, data: bytes, places: Places, keys: KeyBundle, *, owner: Owner = nobody) -> None:
    """Check an index object and take over what it says; nothing of it if it is not good.

    Raises:
        SwappedObjectError, TruncatedObjectError, CorruptObjectError, ForgedObjectError: it is not good.
    """
    try:
        payload = open_text(name, data, purpose=PURPOSE, id_key=keys.id_key, identity=keys.index, owner=owner)
    except ForgedObjectError:
        raise
    except VaultError as error:
        raise type(error)(str(error), hint=f"{LIST_AGAIN}; then this one may be deleted") from None
    packs = list(_parse(name, payload))
    for digest, size, blobs in packs:
        rows = ((b.blob, b.frame_offset, b.frame_length, b.offset, b.length) for b in blobs)
        places.add_pack(digest, size, rows, listed=True)
    places.mark_listed((digest for digest, _, _ in packs), index_object=name)


def list_packs(sink: Sink, places: Places, keys: KeyBundle) -> list[ObjectName]:
    """Write index objects for all packs that are in none yet; gives their names."""
    return _write(sink, places, keys, (pack for pack in places.packs(listed=False) if not pack.lost))


def list_packs_anew(sink: Sink, places: Places, keys: KeyBundle, *, without: Collection[bytes]) -> list[ObjectName]:
    """Write index objects for all packs that are in any, but for those `without`; gives their names."""
    return _write(sink, places, keys, (pack for pack in places.packs() if pack.digest not in without))


def _write(sink: Sink, places: Places, keys: KeyBundle, packs: Iterable[Pack]) -> list[ObjectName]:
    written = []
    for group in _groups(packs):
        lines = b"".join(line for digest in group for line in _pack_lines(digest, places))
        recipient = keys.index.recipient
        data = seal_text(lines, purpose=PURPOSE, id_key=keys.id_key, recipient=recipient)
        name = ObjectName(f"index/{hashlib.sha256(data).hexdigest()}.age")
        sink.put(name, data)
        places.mark_listed(group, index_object=name)
        written.append(name)
    return written


def _groups(packs: Iterable[Pack]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    blobs = 0
    for pack in packs:
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
