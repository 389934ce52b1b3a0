"""Packs: many blobs in one sealed object, with a directory of their places at the end."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Recipient, seal_parts
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError
from tgvault.vault.frames import DIRECTORY_MAGIC, compressed, padding, raw_parts, skippable

__all__ = [
    "MAX_BLOB",
    "MEDIA_PACK",
    "TEXT_PACK",
    "BlobPlace",
    "Frame",
    "FrameBuilder",
    "PackBuilder",
    "SealedPack",
    "directory_lines",
    "pack_name",
    "parse_directory_line",
    "read_directory",
]

#: The largest blob, in bytes. A pack is opened whole, so larger blobs would only raise the memory that one takes.
MAX_BLOB = 4 << 20

#: Packs are closed at about this size (bytes of plaintext). Smaller media packs make more objects for a store to list,
#: larger ones cost memory in every worker, since sealing holds a pack twice. Text packs are smaller: a chat lies in
#: those of many runs, and each has to be opened for a few segments.
MEDIA_PACK = 16 << 20
TEXT_PACK = 4 << 20

#: Blobs below this share frames: a segment of 256 messages alone compresses 5.5 : 1, in 1 MiB with others 6.4 : 1.
SHARED_FRAME = 1 << 20

#: Bytes of a line of the directory, about; with tiny blobs it is larger than they are.
_DIRECTORY_LINE = 90

_FOOTER = struct.Struct("<I4s")
_FOOTER_MAGIC = b"TGV1"


class BlobPlace(msgspec.Struct, frozen=True, gc=False):
    """Where in a pack's plaintext a blob is: its frame, and its place in the frame's content. All in bytes."""

    blob: BlobId
    frame_offset: int
    frame_length: int
    offset: int
    length: int


class Frame(msgspec.Struct, frozen=True):
    """A finished frame and the (blob, offset, length) of each blob in its content."""

    data: bytes
    blobs: list[tuple[BlobId, int, int]]


class FrameBuilder:
    """Gathers small blobs into shared compressed frames."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._blobs: list[tuple[BlobId, int, int]] = []
        self._size = 0

    def add(self, blob: BlobId, content: bytes) -> Frame | None:
        """Add a blob; gives a frame when one is full."""
        self._blobs.append((blob, self._size, len(content)))
        self._parts.append(content)
        self._size += len(content)
        return self.flush() if self._size >= SHARED_FRAME else None

    def flush(self) -> Frame | None:
        """Give what is there as a frame; None if nothing is."""
        if not self._blobs:
            return None
        frame = Frame(compressed(b"".join(self._parts)), self._blobs)
        self._parts, self._blobs, self._size = [], [], 0
        return frame


@dataclass(frozen=True, slots=True)
class SealedPack:
    """A pack as it goes to the sink."""

    name: ObjectName
    data: bytes = field(repr=False)
    places: list[BlobPlace] = field(repr=False)


class PackBuilder:
    """Gathers a pack's frames, which are not put together before they are sealed."""

    def __init__(self) -> None:
        self._parts: list[bytes | memoryview] = []
        self._length = 0
        self._places: list[BlobPlace] = []

    @property
    def size(self) -> int:
        """Bytes of plaintext so far, with about what the directory takes."""
        return self._length + _DIRECTORY_LINE * len(self._places)

    def add_frame(self, frame: Frame) -> None:
        """Append a finished frame."""
        start, length = self._length, len(frame.data)
        self._add(frame.data)
        self._places.extend(BlobPlace(blob, start, length, offset, size) for blob, offset, size in frame.blobs)

    def add_incompressible(self, blob: BlobId, content: bytes) -> None:
        """Append a blob in a frame of its own, of raw blocks."""
        start = self._length
        for part in raw_parts(content):
            self._add(part)
        self._places.append(BlobPlace(blob, start, self._length - start, 0, len(content)))

    def seal(self, recipient: Recipient) -> SealedPack:
        """Close the pack with padding and directory, and seal it. The builder is used up."""
        lines = b"".join(directory_lines(self._places))
        directory = skippable(DIRECTORY_MAGIC, lines + _FOOTER.pack(len(lines), _FOOTER_MAGIC))
        self._add(padding(self._length + len(directory)))
        self._add(directory)
        data = seal_parts(self._parts, [recipient])
        self._parts.clear()
        return SealedPack(pack_name(hashlib.sha256(data).hexdigest()), data, self._places)

    def _add(self, part: bytes | memoryview) -> None:
        self._parts.append(part)
        self._length += len(part)


def pack_name(digest: str) -> ObjectName:
    """Name the pack whose bytes have that SHA-256 (hexadecimal)."""
    return ObjectName(f"packs/{digest[:2]}/{digest}.age")


def directory_lines(places: Iterable[BlobPlace]) -> Iterator[bytes]:
    """Write places as the JSON lines of directories and index objects."""
    for place in places:
        row = (place.blob.hex(), place.frame_offset, place.frame_length, place.offset, place.length)
        yield b'["%s",%d,%d,%d,%d]\n' % (row[0].encode(), *row[1:])


def parse_directory_line(line: bytes, *, where: str) -> BlobPlace:
    """Read one line of a directory or an index object.

    Raises:
        CorruptObjectError: it is not one.
    """
    try:
        blob, *place = _LINE.decode(line)
        return BlobPlace(BlobId(bytes.fromhex(blob)), *place)
    except (ValueError, msgspec.MsgspecError):
        raise CorruptObjectError(f"a line of the directory in `{where}` is not a blob's place") from None


_HexId = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_Bytes = Annotated[int, Meta(ge=0, le=1 << 40)]
_LINE = msgspec.json.Decoder(tuple[_HexId, _Bytes, _Bytes, _Bytes, _Bytes])


def read_directory(plaintext: bytes, *, where: str) -> list[BlobPlace]:
    """Find the directory at the end of a pack's plaintext.

    Raises:
        CorruptObjectError: there is none.
    """
    end = len(plaintext) - _FOOTER.size
    length, magic = _FOOTER.unpack_from(plaintext, end) if end >= 0 else (0, b"")
    if magic != _FOOTER_MAGIC or length > end:
        raise CorruptObjectError(f"`{where}` has no directory")
    lines = plaintext[end - length : end].splitlines()
    return [parse_directory_line(line, where=where) for line in lines]
