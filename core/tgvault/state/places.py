"""Which pack holds a blob: the cache of the vault's index objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from tgvault.state.database import Database

__all__ = ["Pack", "Place", "PlaceRow", "Places"]


class Place(msgspec.Struct, frozen=True, gc=False):
    """A blob's place; all lengths in bytes. `digest` is the SHA-256 that names the pack."""

    blob: bytes
    digest: bytes
    pack_size: int
    frame_offset: int
    frame_length: int
    offset: int
    length: int


class Pack(msgspec.Struct, frozen=True, gc=False):
    """A pack object's digest and size, and the number of blobs that lie in it by the index.

    One that is `lost` is gone from the sink or was found damaged: nothing new may rely on it.
    """

    digest: bytes
    size: int
    blobs: int
    lost: bool = False


PlaceRow = tuple[bytes, int, int, int, int]

_PLACE = """SELECT blob.id, pack.digest, pack.size, frame_offset, frame_length, offset, length
            FROM blob JOIN pack ON pack.number = blob.pack """

#: A pack that is gone or not yet in an index object may be no help; the first of the others is the one most read.
_BEST_FIRST = "ORDER BY lost, listed DESC, number"

_PLACES = "SELECT count(*) FROM blob JOIN pack ON pack.number = blob.pack WHERE blob.id = ? AND "


#: Under this name the local state counts how often packs were lost on which something may rely.
_SETBACKS = "setbacks"

_ID = re.compile(rb"[0-9a-f]{64}")


def _ids(content: bytes) -> list[bytes]:
    return [bytes.fromhex(each.decode()) for each in _ID.findall(content)]


class Places:
    """Knows every blob that the vault has; the rows lie in the database, so memory does not grow with the vault."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, blob: bytes) -> bool:
        """Tell whether the vault has the blob, in a pack that is not lost."""
        return self._database.run(_PLACES + "NOT lost", blob)[0][0] != 0

    def is_listed(self, blob: bytes) -> bool:
        """Tell whether an index object says where the blob is, be its pack lost or not."""
        return self._database.run(_PLACES + "listed", blob)[0][0] != 0

    def find(self, blob: bytes) -> Place | None:
        """Give the blob's place; of several the one to be tried first."""
        return next(iter(self.find_all(blob)), None)

    def find_all(self, blob: bytes) -> list[Place]:
        """Give all places of the blob, in the order in which to try them; those in lost packs come last."""
        return self._places(f"WHERE blob.id = ? {_BEST_FIRST}", blob)

    def whole(self, blob: bytes) -> list[Place]:
        """Give the places of the blob in packs that are not lost, those first that an index object lists."""
        return self._places("WHERE blob.id = ? AND NOT lost ORDER BY listed DESC, number", blob)

    def listed_whole(self, blob: bytes) -> list[bytes]:
        """Give the digests of the packs that have the blob, are not lost, and are in an index object."""
        return [each.digest for each in self._places("WHERE blob.id = ? AND NOT lost AND listed ORDER BY number", blob)]

    def in_pack(self, digest: bytes) -> list[Place]:
        """Give the places of all blobs in that pack, in its order."""
        return self._places("WHERE pack.digest = ? ORDER BY frame_offset, offset", digest)

    def _places(self, condition: str, value: bytes) -> list[Place]:
        rows = self._database.run(_PLACE + condition, value)
        return [Place(*cast("tuple[bytes, bytes, int, int, int, int, int]", row)) for row in rows]

    def add_pack(self, digest: bytes, size: int, blobs: Iterable[PlaceRow], *, listed: bool) -> None:
        """Remember a pack and its blobs (id, frame offset, frame length, offset, length).

        A pack that is not `listed` is in the sink, but in no index object yet.
        """
        with self._database.transaction():
            self._database.run("INSERT OR IGNORE INTO pack (digest, size, listed) VALUES (?, ?, 0)", digest, size)
            if listed:
                self._database.run("UPDATE pack SET listed = 1 WHERE digest = ?", digest)
            number = self._database.run("SELECT number FROM pack WHERE digest = ?", digest)[0][0]
            rows = ((row[0], number, *row[1:]) for row in blobs)
            self._database.many("INSERT OR IGNORE INTO blob VALUES (?, ?, ?, ?, ?, ?)", rows)

    def packs(self, *, listed: bool = True) -> Iterator[Pack]:
        """Give the packs that are in an index object, or those that are in none yet; lost ones as well."""
        sql = """SELECT digest, size, (SELECT count(*) FROM blob WHERE pack = number), lost
                 FROM pack WHERE listed = ? ORDER BY number"""
        for digest, size, blobs, lost in self._database.run(sql, int(listed)):
            yield Pack(*cast("tuple[bytes, int, int]", (digest, size, blobs)), lost != 0)

    def contents(self) -> Iterator[tuple[bytes, int, int]]:
        """Give digest, size and bytes of content of the packs that an index object lists."""
        sql = """SELECT digest, size, (SELECT coalesce(sum(length), 0) FROM blob WHERE pack = number)
                 FROM pack WHERE listed ORDER BY number"""
        yield from cast("list[tuple[bytes, int, int]]", self._database.run(sql))

    def size(self, digest: bytes) -> int | None:
        """Give the size in bytes of a pack object, None if it is unknown."""
        rows = self._database.run("SELECT size FROM pack WHERE digest = ?", digest)
        return cast("int", rows[0][0]) if rows else None

    def mark_listed(self, digests: Iterable[bytes], *, index_object: str) -> None:
        """Remember that an index object lists these packs."""
        with self._database.transaction():
            self._database.many("UPDATE pack SET listed = 1 WHERE digest = ?", ((digest,) for digest in digests))
            self._database.run("INSERT OR IGNORE INTO index_object VALUES (?)", index_object)

    def setbacks(self) -> int:
        """Tell how often packs were lost on which something may rely, by whatever process of this machine.

        Who finds that it has risen may have relied on one that is gone by now.
        """
        rows = self._database.run("SELECT value FROM fact WHERE name = ?", _SETBACKS)
        return cast("int", rows[0][0]) if rows else 0

    def mark_lost(self, digest: bytes) -> None:
        """Let nothing new rely on a pack, and forget what was read of files: some of it may lie there."""
        with self._database.transaction():
            self._give_up([digest])
            self._database.run("DELETE FROM file")

    def set_aside(self, digests: Iterable[bytes]) -> None:
        """Let nothing new rely on packs that are there still, and are about to be deleted."""
        lost = list(digests)
        with self._database.transaction():
            self._give_up(lost)
            self._forget_files(lost)

    def remove(self, digests: Iterable[bytes]) -> None:
        """Forget packs that were deleted on purpose, since no snapshot needs them."""
        known = {row[0] for row in self._database.run("SELECT digest FROM pack")}
        gone = [digest for digest in digests if digest in known]
        if not gone:
            return
        with self._database.transaction():
            # First all of them: what lies in two of them, and in no other, is gone as well.
            self._give_up(gone)
            self._forget_files(gone)
            number = "(SELECT number FROM pack WHERE digest = ?)"
            self._database.many(f"DELETE FROM blob WHERE pack = {number}", ((digest,) for digest in gone))  # noqa: S608
            self._database.many("DELETE FROM pack WHERE digest = ?", ((digest,) for digest in gone))

    def _give_up(self, digests: Iterable[bytes]) -> None:
        sql = "UPDATE pack SET lost = 1 WHERE digest = ? AND NOT lost RETURNING 1"
        if sum(len(self._database.run(sql, digest)) for digest in digests):
            self._note_setback()

    def _note_setback(self) -> None:
        sql = "INSERT INTO fact VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        self._database.run(sql, _SETBACKS)

    def _forget_files(self, digests: Iterable[bytes]) -> None:
        """Forget what was read of files whose content may lie in these packs and in no other.

        Of a file in several pieces only the list is named in the cache: any of these may have lost one.
        """
        lost = {blob for digest in digests for blob in self._only_in(digest)}
        if not lost:
            return
        rows = cast("list[tuple[bytes, bytes]]", self._database.run("SELECT stamp, content FROM file"))
        doubtful = [
            (stamp,) for stamp, content in rows if b'"pieces":"' in content or not lost.isdisjoint(_ids(content))
        ]
        self._database.many("DELETE FROM file WHERE stamp = ?", iter(doubtful))

    def _only_in(self, digest: bytes) -> list[bytes]:
        sql = """SELECT id FROM blob AS mine WHERE pack = (SELECT number FROM pack WHERE digest = ?) AND NOT EXISTS
                 (SELECT 1 FROM blob JOIN pack ON pack.number = blob.pack
                  WHERE blob.id = mine.id AND blob.pack != mine.pack AND NOT lost)"""
        return [cast("bytes", row[0]) for row in self._database.run(sql, digest)]

    def lost(self) -> frozenset[bytes]:
        """Give the digests of the packs on which nothing new may rely."""
        return frozenset(cast("bytes", row[0]) for row in self._database.run("SELECT digest FROM pack WHERE lost"))

    def mark_found(self, digest: bytes) -> None:
        """Take back what `mark_lost` said of a pack."""
        self._database.run("UPDATE pack SET lost = 0 WHERE digest = ?", digest)

    def forget_pack(self, digest: bytes) -> None:
        """Forget a pack that never reached an index object, and what was read of files: some of it may lie there."""
        with self._database.transaction():
            self._give_up([digest])
            self._database.run("DELETE FROM blob WHERE pack = (SELECT number FROM pack WHERE digest = ?)", digest)
            self._database.run("DELETE FROM pack WHERE digest = ?", digest)
            self._database.run("DELETE FROM file")

    def pass_over(self, digest: bytes, size: int) -> None:
        """Remember that a pack object of that size is in no index object and tells nothing about itself either."""
        self._database.run("INSERT OR REPLACE INTO passed_over VALUES (?, ?)", digest, size)

    def is_passed_over(self, digest: bytes, size: int) -> bool:
        """Tell whether that is known of the pack object, and it still has this size."""
        return bool(self._database.run("SELECT 1 FROM passed_over WHERE digest = ? AND size = ?", digest, size))

    def look_again(self) -> None:
        """Forget what `pass_over` said."""
        self._database.run("DELETE FROM passed_over")

    def index_objects(self) -> set[str]:
        """Give the names of the index objects whose content is here."""
        return {cast("str", row[0]) for row in self._database.run("SELECT name FROM index_object")}

    def forget_index_objects(self, names: Iterable[str]) -> None:
        """Forget that these were read; what they said of packs that are there holds."""
        self._database.many("DELETE FROM index_object WHERE name = ?", ((name,) for name in names))

    def clear(self) -> None:
        """Forget everything that came from index objects, and what was read of files: some of it may be gone."""
        with self._database.transaction():
            self._note_setback()
            self._database.run("DELETE FROM blob WHERE pack IN (SELECT number FROM pack WHERE listed = 1)")
            self._database.run("DELETE FROM pack WHERE listed = 1")
            self._database.run("DELETE FROM index_object")
            self._database.run("DELETE FROM passed_over")
            self._database.run("DELETE FROM file")

    def totals(self) -> tuple[int, int, int]:
        """Give the number of listed packs, their bytes, and the number of blobs in all packs."""
        packs, size = self._database.run("SELECT count(*), coalesce(sum(size), 0) FROM pack WHERE listed = 1")[0]
        blobs = self._database.run("SELECT count(*) FROM blob")[0][0]
        return cast("tuple[int, int, int]", (packs, size, blobs))
