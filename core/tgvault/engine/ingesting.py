"""Turning files into blobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import msgspec
import zstandard

from tgvault.archive.segments import Content
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.errors import SourceChangedError
from tgvault.vault.frames import compressed
from tgvault.vault.packs import MAX_BLOB, SHARED_FRAME, Frame, FrameBuilder
from tgvault.vault.writer import PackWriter

__all__ = ["FileIngest", "decode_content", "encode_content"]

#: Kinds of files that are compressed already: their bytes are not compressed again. Taken from what Telegram stores.
_DENSE = frozenset(
    [
        "7z",
        "aac",
        "apk",
        "avi",
        "avif",
        "bz2",
        "docx",
        "epub",
        "flac",
        "gif",
        "gz",
        "heic",
        "ipa",
        "jar",
        "jpeg",
        "jpg",
        "m4a",
        "m4v",
        "mkv",
        "mov",
        "mp3",
        "mp4",
        "oga",
        "ogg",
        "opus",
        "pdf",
        "png",
        "pptx",
        "rar",
        "tgs",
        "webm",
        "webp",
        "wma",
        "wmv",
        "xlsx",
        "xz",
        "zip",
        "zst",
    ]
)

#: How much of a file of another kind is compressed to see whether it is worth it.
_SAMPLE = 64 << 10

_CONTENT = msgspec.json.Decoder(Content)


def encode_content(content: Content) -> bytes:
    """Write a reference as the local state keeps it."""
    return msgspec.json.encode(content)


def decode_content(data: bytes) -> Content:
    """Read what `encode_content` wrote."""
    return _CONTENT.decode(data)


class FileIngest:
    """Cuts files into pieces, names them, and hands those that the vault lacks to a pack writer."""

    def __init__(self, *, id_key: IdKey, has: Callable[[bytes], bool], writer: PackWriter) -> None:
        self._id_key = id_key
        self._has = has
        self._writer = writer
        self._frames = FrameBuilder()
        self._taken: set[bytes] = set()
        #: Lists of pieces that the caller has to store with the text: who restores reads them before any media.
        self.listings: list[bytes] = []

    def add(self, file: BinaryIO, size: int, *, name: str) -> Content:
        """Read a file of that size and store what is new of it.

        Raises:
            SourceChangedError: the file has another size than when it was opened.
        """
        dense = name.rpartition(".")[2].lower() in _DENSE
        pieces: list[BlobId] = []
        total = 0
        while True:
            piece = _read(file)
            total += len(piece)
            if total > size or (len(piece) < MAX_BLOB and total < size):
                raise SourceChangedError(f"`{name}` changed while it was read")
            if piece or not pieces:
                pieces.append(self._store(piece, dense=dense))
            if len(piece) < MAX_BLOB:
                break
        if len(pieces) == 1:
            return Content(size, blob=pieces[0].hex())
        listing = b"".join(piece.hex().encode() + b"\n" for piece in pieces)
        self.listings.append(listing)
        return Content(size, pieces=self._id_key.blob_id(listing).hex())

    @property
    def new_blobs(self) -> int:
        """Number of blobs taken that the vault did not have."""
        return len(self._taken)

    def flush(self) -> None:
        """Give everything to the writer and wait until it is safe."""
        self._add_frame(self._frames.flush())
        self._writer.flush()

    def _store(self, piece: bytes, *, dense: bool) -> BlobId:
        blob = self._id_key.blob_id(piece)
        if blob in self._taken or self._has(blob):
            return blob
        self._taken.add(blob)
        if dense or not _compressible(piece):
            self._writer.add_incompressible(blob, piece)
        elif len(piece) < SHARED_FRAME:
            self._add_frame(self._frames.add(blob, piece))
        else:
            self._add_frame(Frame(compressed(piece), [(blob, 0, len(piece))]))
        return blob

    def _add_frame(self, frame: Frame | None) -> None:
        if frame is not None:
            self._writer.add_frame(frame)


def _read(file: BinaryIO) -> bytes:
    """Read a piece whole: a file need not give as much at once as it is asked for."""
    piece = file.read(MAX_BLOB)
    while 0 < len(piece) < MAX_BLOB and (more := file.read(MAX_BLOB - len(piece))):
        piece += more
    return piece


def _compressible(piece: bytes) -> bool:
    sample = piece[:_SAMPLE]
    return len(zstandard.ZstdCompressor(level=1).compress(sample)) < len(sample) * 0.95
