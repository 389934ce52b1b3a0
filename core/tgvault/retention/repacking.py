"""Writing anew what is needed of packs of which much is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from tgvault.crypto.keyed import BlobId
from tgvault.state.places import Place
from tgvault.vault.opened import Vault
from tgvault.vault.packs import MEDIA_PACK, TEXT_PACK, Frame, FrameBuilder
from tgvault.vault.writer import PackWriter, StoredPack

__all__ = ["Repacker"]


class Repacker:
    """Copies needed blobs into new packs, text and media apart; each blob is checked against its id on the way."""

    def __init__(self, vault: Vault) -> None:
        assert vault.keys.data is not None
        self._vault = vault
        recipient = vault.keys.data.recipient
        self._writers = {
            True: PackWriter(vault.sink, recipient, self._note, size=TEXT_PACK),
            False: PackWriter(vault.sink, recipient, self._note, size=MEDIA_PACK),
        }
        self._frames = {True: FrameBuilder(), False: FrameBuilder()}
        #: Bytes of new packs.
        self.stored = 0

    def copy(self, packs: Iterable[tuple[bytes, Mapping[bytes, bool]]], *, done: Callable[[bytes], None]) -> None:
        """Copy of each pack (by its digest) these blobs, each said to be text or not; `done` is told of each pack.

        When this returns, the new packs are safe in the sink and in no index object yet.

        Raises:
            VaultError: a pack cannot be read, or holds something else than it should.
            SinkError: the sink cannot be read or written.
        """
        try:
            for digest, blobs in packs:
                self._copy_pack(digest, blobs)
                self._vault.reader.release(digest)
                done(digest)
            for is_text, frames in self._frames.items():
                self._write(is_text, frames.flush())
            for writer in self._writers.values():
                writer.flush()
        finally:
            for writer in self._writers.values():
                writer.close()

    def _copy_pack(self, digest: bytes, blobs: Mapping[bytes, bool]) -> None:
        for _, group in groupby(self._vault.places.in_pack(digest), key=lambda place: place.frame_offset):
            frame = list(group)
            wanted = [place for place in frame if place.blob in blobs]
            if not wanted:
                continue
            is_text = blobs[wanted[0].blob]
            contents = [b"".join(self._vault.reader.extract(place)) for place in wanted]
            if len(wanted) == len(frame):
                self._write(is_text, self._whole(frame))
                continue
            for place, content in zip(wanted, contents, strict=True):
                self._write(is_text, self._frames[is_text].add(BlobId(place.blob), content))

    def _whole(self, places: list[Place]) -> Frame:
        """Give a frame as it is: all that is in it is needed."""
        first = places[0]
        plaintext = self._vault.reader.open_pack(first.digest, size=first.pack_size)
        data = plaintext[first.frame_offset : first.frame_offset + first.frame_length]
        return Frame(data, [(BlobId(place.blob), place.offset, place.length) for place in places])

    def _write(self, is_text: bool, frame: Frame | None) -> None:
        if frame is not None:
            self._writers[is_text].add_frame(frame)

    def _note(self, pack: StoredPack) -> None:
        self._vault.places.add_pack(pack.digest, pack.size, pack.blobs, listed=False)
        self.stored += pack.size
