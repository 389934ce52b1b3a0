"""Reading blobs: every one is checked against its name before anybody sees it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeAlias, TypeVar

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity, OpeningFailure, UnsealError, unseal
from tgvault.crypto.keyed import BlobId, IdKey
from tgvault.errors import (
    CorruptObjectError,
    MissingBlobError,
    MissingObjectError,
    VaultError,
)
from tgvault.state.places import Place, Places
from tgvault.vault.diagnosis import HINT, as_damage, diagnose
from tgvault.vault.elsewhere import another_reading
from tgvault.vault.frames import decompress, raw_blocks
from tgvault.vault.packs import pack_name

__all__ = ["BlobReader", "Parts"]

#: Content in the parts in which it lies in a pack: what is not compressed is not copied before it is used.
Parts: TypeAlias = Sequence[bytes | memoryview]

#: Plaintext of opened packs that is kept at hand, in bytes. A chat lies in the packs of all runs that changed it, and
#: reading it goes to and fro between them.
PACKS_KEPT = 32 << 20

#: Content of frames kept at hand, in bytes, for the same reason.
FRAMES_KEPT = 8 << 20


#: How often the index is looked at anew at most, for packs that are gone. A vault is pruned once in the time of a read,
#: or twice; where many packs are missing, looking again for each would take for ever.
RENEWALS = 4

#: Packs of which it is remembered what lies where: a chat's segments lie side by side, and asking the local state for
#: each took a tenth of the time of walking over a snapshot.
NEAR = 8


class BlobReader:
    """Gives the content of blobs, one process's worth of opened packs at hand.

    `search` is called, once, when no index object lists a blob: it may bring places of blobs that it finds elsewhere.
    `renew` is called when a pack is gone: somebody may have pruned the vault, and the index say by now where its blobs
    are.
    """

    def __init__(
        self,
        sink: Sink,
        places: Places,
        *,
        identity: Identity,
        id_key: IdKey,
        search: Callable[[], object] = lambda: None,
        renew: Callable[[], object] = lambda: None,
    ) -> None:
        self._sink = sink
        self._places = places
        self._identity = identity
        self._id_key = id_key
        self._search: Callable[[], object] | None = search
        self._renew = renew
        self._renewals = RENEWALS
        self._packs = _Recent[bytes](PACKS_KEPT)
        self._frames = _Recent[tuple[bytes, int]](FRAMES_KEPT)
        self._near: OrderedDict[bytes, dict[bytes, Place]] = OrderedDict()
        #: Packs (by digest) that turned out to be gone or damaged.
        self.failed: set[bytes] = set()

    def load(self, blob: BlobId) -> bytes:
        """Give a blob's content, from wherever it is whole.

        Raises:
            MissingBlobError: no index object lists it.
            MissingObjectError: its pack is not in the sink.
            VaultError: its pack is cut off, altered, swapped or forged.
        """
        parts = self._from_near(blob) or self._first_there(blob, self._find(blob))
        return b"".join(parts) if len(parts) > 1 else bytes(parts[0])

    def fetch(self, place: Place) -> Parts:
        """Give the content at a place or, where that is not good, what another pack has of it; raises as `load`."""
        try:
            return self.extract(place)
        except VaultError:
            others = (each for each in self._places.find_all(place.blob) if each.digest != place.digest)
            return self._first_there(place.blob, (place, *others))

    def extract(self, place: Place) -> Parts:
        """Give the content at a place and nowhere else, checked against its blob id; raises as `load` does.

        A pack that is not good is read once more: from another place, where the sink reads from several.
        """
        try:
            return self._checked(place)
        except VaultError as error:
            with suppress(VaultError):
                if place.digest not in self.failed and self._take_again(place, error):
                    return self._checked(place)
            self.failed.add(place.digest)
            raise

    def _checked(self, place: Place) -> Parts:
        parts = self._parts(place)
        if self._id_key.blob_id_of(parts) != place.blob:
            raise self._diagnosis(place)
        return parts

    def _take_again(self, place: Place, error: VaultError) -> bool:
        data = another_reading(self._sink, pack_name(place.digest.hex()), error)
        if data is None:
            return False
        self._frames.drop((place.digest, place.frame_offset))
        self.take_pack(place.digest, data, size=place.pack_size)
        return True

    def _from_near(self, blob: BlobId) -> Parts | None:
        """Give the content of a blob that lies in a pack from which others were asked for; None if that cannot be had
        so, whatever the reason.
        """
        place = next((found for near in self._near.values() if (found := near.get(blob))), None)
        if place is None:
            return None
        self._near.move_to_end(place.digest)
        with suppress(VaultError):
            return self.extract(place)
        del self._near[place.digest]
        return None

    def _stay_near(self, digest: bytes) -> None:
        self._near[digest] = {each.blob: each for each in self._places.in_pack(digest)}
        if len(self._near) > NEAR:
            self._near.popitem(last=False)

    def _find(self, blob: BlobId) -> Sequence[Place]:
        places = self._places.find_all(blob)
        if not places and self._search is not None:
            search, self._search = self._search, None
            search()
            places = self._places.find_all(blob)
        if not places:
            raise MissingBlobError(
                f"no index object lists the blob `{blob.hex()[:16]}…`",
                hint="run `tgvault verify`; an index object or a pack may be missing from the sink",
            )
        self._stay_near(places[0].digest)
        return places

    def _first_there(self, blob: bytes, places: Sequence[Place]) -> Parts:
        """Give the content that several places have; where the packs are gone, from where it lies by now."""
        try:
            return self._first_good(places)
        except MissingObjectError:
            if self._renewals == 0:
                raise
            self._renewals -= 1
            self._near.clear()
            self._renew()
            newer = [each for each in self._places.find_all(blob) if each not in places]
            if not newer:
                raise
        return self._first_good(newer)

    def _first_good(self, places: Sequence[Place]) -> Parts:
        """Give the content that several places have; if none is good, what is wrong with the first is raised."""
        try:
            return self.extract(places[0])
        except VaultError:
            for place in places[1:]:
                with suppress(VaultError):
                    return self.extract(place)
            raise

    def _parts(self, place: Place) -> Parts:
        key = place.digest, place.frame_offset
        content = self._frames.get(key)
        if content is None:
            plaintext = self.open_pack(place.digest, size=place.pack_size)
            frame = memoryview(plaintext)[place.frame_offset : place.frame_offset + place.frame_length]
            blocks = raw_blocks(frame) if place.offset == 0 else None
            if blocks and sum(map(len, blocks)) == place.length:
                return blocks
            content = self._content(frame, place)
            self._frames.add(key, content)
        return (content[place.offset : place.offset + place.length],)

    def _content(self, frame: memoryview, place: Place) -> bytes:
        try:
            return decompress(frame, where=pack_name(place.digest.hex()))
        except CorruptObjectError:
            raise self._diagnosis(place) from None

    def open_pack(self, digest: bytes, *, size: int | None = None) -> bytes:
        """Give a pack's plaintext; raises as `load` does."""
        plaintext = self._packs.get(digest)
        if plaintext is None:
            plaintext = self.take_pack(digest, self._get(pack_name(digest.hex())), size=size)
        return plaintext

    def take_pack(self, digest: bytes, data: bytes, *, size: int | None = None) -> bytes:
        """Open a pack that somebody has read already, keep it at hand, and give its plaintext; raises as `load`."""
        self._packs.make_room(len(data))
        try:
            plaintext = unseal(data, [self._identity])
        except UnsealError as error:
            truncated = error.failure is OpeningFailure.TRUNCATED
            name = pack_name(digest.hex())
            raise diagnose(name, data, truncated=truncated, size=size, owner=self.owner) from None
        self._packs.add(digest, plaintext)
        return plaintext

    def release(self, digest: bytes) -> None:
        """Let go of an opened pack that nobody will ask for again."""
        self._packs.drop(digest)

    def owner(self, digest: str) -> ObjectName | None:
        """Name the pack that has that SHA-256 (hexadecimal), if the vault has one."""
        return pack_name(digest) if self._places.size(bytes.fromhex(digest)) is not None else None

    def _get(self, name: ObjectName) -> bytes:
        try:
            with as_damage(name):
                return self._sink.get(name)
        except MissingObjectError:
            raise MissingObjectError(f"`{name}` is not in the sink", hint=HINT) from None

    def _diagnosis(self, place: Place) -> VaultError:
        name = pack_name(place.digest.hex())
        return diagnose(name, self._get(name), opened=True, size=place.pack_size, owner=self.owner)


_Key = TypeVar("_Key")


class _Recent(Generic[_Key]):
    """The contents that were used last, up to a number of bytes; the newest one always."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: _Key) -> bytes | None:
        content = self._kept.get(key)
        if content is not None:
            self._kept.move_to_end(key)
        return content

    def drop(self, key: _Key) -> None:
        self._size -= len(self._kept.pop(key, b""))

    def add(self, key: _Key, content: bytes) -> None:
        self.drop(key)
        self.make_room(len(content))
        self._kept[key] = content
        self._size += len(content)

    def make_room(self, size: int) -> None:
        """Drop what was used longest ago until this many bytes fit."""
        while self._kept and self._size + size > self._limit:
            self._size -= len(self._kept.popitem(last=False)[1])
