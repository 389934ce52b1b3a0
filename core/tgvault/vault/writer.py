"""Storing blobs: gathered into frames and packs, sealed, and put while the next pack is being filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Recipient
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.errors import SinkError, SourceError
from tgvault.state.places import PlaceRow, Places
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.frames import decompress
from tgvault.vault.packs import MAX_BLOB, SHARED_FRAME, TEXT_PACK, Frame, FrameBuilder, PackBuilder, SealedPack
from tgvault.vault.reader import BlobReader

__all__ = ["PackWriter", "StoredPack", "TextStore"]


class StoredPack(msgspec.Struct, frozen=True):
    """A pack that is safe in the sink and in no index object yet."""

    digest: bytes
    size: int
    blobs: list[PlaceRow]


class PackWriter:
    """Fills packs and puts them into the sink from a thread of its own: while one is written, the next is sealed.

    A pack is closed at `size` bytes of plaintext. `stored` is told of every pack that is safe, from the caller's
    thread.
    """

    def __init__(self, sink: Sink, recipient: Recipient, stored: Callable[[StoredPack], None], *, size: int) -> None:
        self._sink = sink
        self._recipient = recipient
        self._stored = stored
        self._size = size
        self._builder = PackBuilder()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._under_way: tuple[Future[None], StoredPack] | None = None

    def add_frame(self, frame: Frame) -> None:
        """Add a finished frame."""
        self._builder.add_frame(frame)
        self._seal_if_full()

    def add_incompressible(self, blob: BlobId, content: bytes) -> None:
        """Add a blob that compression would not make smaller."""
        self._builder.add_incompressible(blob, content)
        self._seal_if_full()

    def flush(self) -> None:
        """Put what is there; when this returns everything added is safe in the sink."""
        if self._builder.size:
            self._seal()
        self._wait()

    def close(self) -> None:
        """Let go of the thread, also after an error."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _seal_if_full(self) -> None:
        if self._builder.size >= self._size:
            self._seal()

    def _seal(self) -> None:
        pack = self._builder.seal(self._recipient)
        self._builder = PackBuilder()
        self._wait()
        put = self._thread.submit(self._sink.put, pack.name, pack.data)
        self._under_way = put, _stored_pack(pack)

    def _wait(self) -> None:
        if self._under_way is not None:
            put, pack = self._under_way
            self._under_way = None
            try:
                put.result()
            except OSError as error:
                # Not what a sink may raise, and it would be taken for a file of the source that cannot be read.
                raise SinkError(
                    f"the sink could not store a pack: {error}", hint="see what is wrong with the store, then run again"
                ) from error
            self._stored(pack)


def _stored_pack(pack: SealedPack) -> StoredPack:
    rows: list[PlaceRow] = [(p.blob, p.frame_offset, p.frame_length, p.offset, p.length) for p in pack.places]
    return StoredPack(bytes.fromhex(digest_of(pack.name)), len(pack.data), rows)


class TextStore:
    """Takes and gives text blobs: what is not yet in the sink is read from where it waits."""

    def __init__(self, sink: Sink, recipient: Recipient, *, id_key: IdKey, places: Places, reader: BlobReader) -> None:
        self._id_key = id_key
        self._places = places
        self._reader = reader
        self._writer = PackWriter(sink, recipient, self._note, size=TEXT_PACK)
        self._frames = FrameBuilder()
        self._loose: dict[BlobId, bytes] = {}
        self._waiting: dict[BlobId, tuple[Frame, int, int]] = {}
        #: Bytes of packs stored so far.
        self.stored = 0

    def store(self, content: bytes) -> BlobId:
        """Store content unless the vault has it, and name it.

        Raises:
            SourceError: it is more than readers take.
        """
        if len(content) > MAX_BLOB:
            raise SourceError(
                f"the source has a text of {len(content)} bytes, which is more than a vault keeps in one piece",
                hint="nothing that Telegram shows is that long: look at the source, or leave the text out",
            )
        blob = self._id_key.blob_id(content)
        if self._has(blob):
            return blob
        if len(content) >= SHARED_FRAME:
            self._take_whole(blob, content)
            return blob
        self._loose[blob] = content
        frame = self._frames.add(blob, content)
        if frame is not None:
            self._loose.clear()
            self._take(frame)
        return blob

    def take(self, frames: Iterable[Frame]) -> None:
        """Store frames that a worker made, unless the vault has all that is in them."""
        for frame in frames:
            if not all(self._has(blob) for blob, _, _ in frame.blobs):
                self._take(frame)

    def load(self, blob: BlobId) -> bytes:
        """Give a blob's content, wherever it is."""
        if blob in self._loose:
            return self._loose[blob]
        if blob in self._waiting:
            frame, offset, length = self._waiting[blob]
            return decompress(frame.data, where="a pack being written")[offset : offset + length]
        return self._reader.load(blob)

    def flush(self) -> None:
        """Put everything into the sink."""
        frame = self._frames.flush()
        self._loose.clear()
        if frame is not None:
            self._take(frame)
        self._writer.flush()

    def close(self) -> None:
        """Let go of the writer's thread."""
        self._writer.close()

    def _has(self, blob: BlobId) -> bool:
        return blob in self._loose or blob in self._waiting or self._places.has(blob)

    def _take_whole(self, blob: BlobId, content: bytes) -> None:
        frames = FrameBuilder()
        frame = frames.add(blob, content)
        assert frame is not None
        self._take(frame)

    def _take(self, frame: Frame) -> None:
        for blob, offset, length in frame.blobs:
            self._waiting[blob] = (frame, offset, length)
        self._writer.add_frame(frame)

    def _note(self, pack: StoredPack) -> None:
        self._places.add_pack(pack.digest, pack.size, pack.blobs, listed=False)
        self.stored += pack.size
        for row in pack.blobs:
            self._waiting.pop(BlobId(row[0]), None)
