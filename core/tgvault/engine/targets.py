"""Having files written: which blobs they need, and when a pack may be opened."""

from __future__ import annotations

import os
from concurrent.futures import Future
from itertools import chain
from pathlib import Path
from typing import cast

from tgvault.archive.segments import Content
from tgvault.contracts.sink import Sink, expect
from tgvault.crypto.keyed import BlobId
from tgvault.engine.extracting import ExtractDone, ExtractTask, Write, extract, place_part, refused_name
from tgvault.engine.ingesting import encode_content
from tgvault.engine.naming import Names, check_path
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.errors import CorruptObjectError, HostilePathError, MissingBlobError, SinkError, VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.state.database import Database
from tgvault.state.places import Place, Places
from tgvault.vault.elsewhere import lists_everything
from tgvault.vault.packs import pack_name
from tgvault.vault.reader import BlobReader

__all__ = ["Targets"]

#: Writes that wait for the rest of their pack at most, over all packs; each takes about 500 bytes of memory.
MAX_WAITING = 50_000

#: Packs in a task at most, and tasks under way.
PACKS_A_TASK = 3
UNDER_WAY = 4

#: So few packs are read here if they are all: they take less time than starting a worker.
FEW = 2


class Targets:
    """Takes contents for paths and has them written; a pack is opened when everything in it is wanted, or at the end.

    Memory does not grow with the number of files: what stands where is kept in a database of the restore's own.
    """

    def __init__(
        self,
        root: str,
        names: Names,
        *,
        places: Places,
        reader: BlobReader,
        sink: Sink,
        database: Database,
        pool: Pool,
        here: Pool,
        findings: Findings,
        progress: Progress,
    ) -> None:
        self._root = root
        self._names = names
        self._places = places
        self._reader = reader
        self._sink = sink
        self._database = database
        database.run("CREATE TABLE rest (path TEXT PRIMARY KEY, pieces INTEGER, size INTEGER) WITHOUT ROWID")
        self._pool = pool
        self._here = here
        self._sent = False
        self._findings = findings
        self._progress = progress
        self._waiting: dict[bytes, dict[tuple[bytes, str, int], Write]] = {}
        self._wanted: dict[bytes, set[bytes]] = {}
        self._size: dict[bytes, int] = {}
        self._count = 0
        self._parts = 0
        self._ready: list[tuple[Write, ...]] = []
        self._under_way: list[tuple[Future[ExtractDone], ExtractTask]] = []
        self.files = 0
        self.bytes = 0

    def add(self, path: str, content: Content, *, rename: bool) -> str | None:
        """Have content written at the path, and give the path; None if it cannot be written, which is then a finding.

        With `rename` it gets a number where another content has the path.
        """
        try:
            check_path(path)
        except HostilePathError as error:
            self._findings.add(Finding(FindingKind.REFUSED_PATH, path, str(error)))
            return None
        taken = self._names.take(path, encode_content(content), rename=rename)
        if taken is None:
            self._lost(path, "something else has this path")
            return None
        name, is_new = taken
        return name if not is_new or self._plan(name, content) else None

    def finish(self) -> None:
        """Have everything written that is still waiting."""
        if not self._sent and len(self._waiting) <= FEW:
            self._pool = self._here
        for digest in list(self._waiting):
            self._send(digest)
        self._submit()
        while self._under_way:
            self._take(*self._under_way.pop(0))

    def _plan(self, path: str, content: Content) -> bool:
        try:
            places = [self._place(blob) for blob in self._blobs(content)]
            if sum(place.length for place in places) != content.size:
                raise CorruptObjectError(f"the pieces of `{path}` do not have its size")
        except VaultError as error:
            self._lost(path, str(error))
            return False
        if len(places) > 1:
            self._database.run("INSERT INTO rest VALUES (?, ?, ?)", path, len(places), content.size)
        self._parts += 1
        at = 0
        for place in places:
            self._want(Write(place, path, str(self._parts), at, whole=len(places) == 1))
            at += place.length
        return True

    def _blobs(self, content: Content) -> list[BlobId]:
        if content.blob is not None:
            return [BlobId(bytes.fromhex(content.blob))]
        listing = self._reader.load(BlobId(bytes.fromhex(content.pieces or "")))
        return [BlobId(bytes.fromhex(line.decode("ascii"))) for line in listing.split()]

    def _place(self, blob: BlobId) -> Place:
        place = self._places.find(blob)
        if place is None:
            raise MissingBlobError(f"no index object lists the blob `{blob.hex()[:16]}…`")
        return place

    def _want(self, write: Write) -> None:
        digest = write.place.digest
        if digest not in self._size:
            self._size[digest] = len(self._places.in_pack(digest))
        self._waiting.setdefault(digest, {})[write.place.blob, write.path, write.at] = write
        wanted = self._wanted.setdefault(digest, set())
        wanted.add(write.place.blob)
        self._count += 1
        if len(wanted) == self._size[digest]:
            self._send(digest)
        elif self._count > MAX_WAITING:
            self._send(max(self._waiting, key=lambda each: len(self._waiting[each])))

    def _send(self, digest: bytes) -> None:
        writes = self._waiting.pop(digest, {})
        self._wanted.pop(digest, None)
        self._count -= len(writes)
        if writes:
            self._sent = True
            expect(self._sink, pack_name(digest.hex()))
            self._ready.append(tuple(writes.values()))
        if len(self._ready) == PACKS_A_TASK:
            self._submit()

    def _submit(self) -> None:
        """Have a worker write what is wanted of a few packs: while it works on one, the next one is read."""
        task = ExtractTask(self._root, tuple(chain.from_iterable(self._ready)))
        self._ready.clear()
        if task.writes:
            self._under_way.append((self._pool.submit(extract, task), task))
        while len(self._under_way) > UNDER_WAY:
            self._take(*self._under_way.pop(0))

    def _take(self, future: Future[ExtractDone], task: ExtractTask) -> None:
        done = self._done(future, task)
        for path, reason in done.failures:
            self._failed(path, reason)
        for write in done.writes:
            self._progress.advance(write.place.length)
            if write.whole:
                self._written(write.place.length)
            else:
                self._piece_written(write)

    def _done(self, future: Future[ExtractDone], task: ExtractTask) -> ExtractDone:
        """Give what became of a task; what a worker could not read from the one place it knows is read here."""
        if lists_everything(self._sink):
            return future.result()
        try:
            done = future.result()
        except SinkError:
            # Each worker would wait for that place anew. What this one had written has its name already.
            self._pool = self._here
            done = ExtractDone([write for write in task.writes if write.whole and self._is_placed(write)], [])
        made = frozenset(done.writes)
        if len(made) == len(task.writes):
            return done
        rest = tuple(write for write in task.writes if write not in made)
        again = self._here.submit(extract, ExtractTask(task.root, rest)).result()
        return ExtractDone(done.writes + again.writes, again.failures)

    def _is_placed(self, write: Write) -> bool:
        return os.path.lexists(Path(self._root, write.path))

    def _piece_written(self, write: Write) -> None:
        sql = "UPDATE rest SET pieces = pieces - 1 WHERE path = ? RETURNING pieces, size"
        for pieces, size in cast("list[tuple[int | None, int]]", self._database.run(sql, write.path)):
            if pieces != 0:
                return
            try:
                place_part(self._root, write.part, write.path)
            except OSError as error:
                self._lost(write.path, refused_name(error))
            else:
                self._written(size)

    def _failed(self, path: str, reason: str) -> None:
        """Tell of a file that cannot be written, once: it may lack several pieces."""
        pieces = cast("list[tuple[int | None]]", self._database.run("SELECT pieces FROM rest WHERE path = ?", path))
        self._database.run("UPDATE rest SET pieces = NULL WHERE path = ?", path)
        if pieces != [(None,)]:
            self._lost(path, reason)

    def _written(self, size: int) -> None:
        self.files += 1
        self.bytes += size

    def _lost(self, path: str, reason: str) -> None:
        self._findings.add(Finding(FindingKind.LOST, path, reason))
