"""Reading blobs: every one is checked against its name before anybody sees it."""

from __future__ import annotations

from collections import OrderedDict

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity, OpeningFailure, UnsealError, unseal
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.errors import CorruptObjectError, MissingBlobError, MissingObjectError, VaultError
from tgvault.state.places import Place, Places
from tgvault.vault.diagnosis import HINT, diagnose
from tgvault.vault.frames import decompress
from tgvault.vault.packs import pack_name

__all__ = ["BlobReader"]

#: Opened packs kept at hand: reading a chat alternates between the pack of its segments and that of its pages.
PACKS_KEPT = 2


class BlobReader:
    """Gives the content of blobs, one process's worth of opened packs at hand."""

    def __init__(self, sink: Sink, places: Places, *, identity: Identity, id_key: IdKey) -> None:
        self._sink = sink
        self._places = places
        self._identity = identity
        self._id_key = id_key
        self._packs: OrderedDict[bytes, bytes] = OrderedDict()
        self._frame: tuple[bytes, int, bytes] | None = None

    def load(self, blob: BlobId) -> bytes:
        """Give a blob's content.

        Raises:
            MissingBlobError: no index object lists it.
            MissingObjectError: its pack is not in the sink.
            VaultError: its pack is cut off, altered, swapped or forged.
        """
        place = self._places.find(blob)
        if place is None:
            raise MissingBlobError(
                f"no index object lists the blob `{blob.hex()[:16]}…`",
                hint="run `tgvault verify`; an index object may be missing from the sink",
            )
        return self.extract(place)

    def extract(self, place: Place) -> bytes:
        """Give the content at a place, checked against its blob id; raises as `load` does."""
        try:
            content = self._frame_content(place)[place.offset : place.offset + place.length]
        except CorruptObjectError:
            raise self._diagnosis(place) from None
        if self._id_key.blob_id(content) != place.blob:
            raise self._diagnosis(place)
        return content

    def _frame_content(self, place: Place) -> bytes:
        if self._frame is not None and self._frame[:2] == (place.digest, place.frame_offset):
            return self._frame[2]
        plaintext = self.open_pack(place.digest, size=place.pack_size)
        frame = memoryview(plaintext)[place.frame_offset : place.frame_offset + place.frame_length]
        content = decompress(frame, where=pack_name(place.digest.hex()))
        self._frame = (place.digest, place.frame_offset, content)
        return content

    def open_pack(self, digest: bytes, *, size: int | None = None) -> bytes:
        """Give a pack's plaintext; raises as `load` does."""
        plaintext = self._packs.get(digest)
        if plaintext is not None:
            self._packs.move_to_end(digest)
            return plaintext
        return self.take_pack(digest, self._get(pack_name(digest.hex())), size=size)

    def take_pack(self, digest: bytes, data: bytes, *, size: int | None = None) -> bytes:
        """Open a pack that somebody has read already, keep it at hand, and give its plaintext; raises as `load`."""
        while len(self._packs) >= PACKS_KEPT:
            self._packs.popitem(last=False)
        try:
            plaintext = unseal(data, [self._identity])
        except UnsealError as error:
            truncated = error.failure is OpeningFailure.TRUNCATED
            name = pack_name(digest.hex())
            raise diagnose(name, data, truncated=truncated, size=size, owner=self.owner) from None
        self._packs[digest] = plaintext
        return plaintext

    def owner(self, digest: str) -> ObjectName | None:
        """Name the pack that has that SHA-256 (hexadecimal), if the vault has one."""
        return pack_name(digest) if self._places.size(bytes.fromhex(digest)) is not None else None

    def _get(self, name: ObjectName) -> bytes:
        try:
            return self._sink.get(name)
        except MissingObjectError:
            raise MissingObjectError(f"`{name}` is not in the sink", hint=HINT) from None

    def _diagnosis(self, place: Place) -> VaultError:
        # It opened, so it was sealed to the vault, and yet it does not hold what the index says.
        name = pack_name(place.digest.hex())
        return diagnose(name, self._get(name), size=place.pack_size, owner=self.owner)
