"""Which file of a restore gets which content, and when its pack may be opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from tgvault.archive.segments import Content
from tgvault.crypto.keyed import BlobId
from tgvault.engine.extracting import PART, ExtractDone, ExtractTask, Write, extract
from tgvault.engine.ingesting import encode_content
from tgvault.engine.pool import Pool
from tgvault.engine.progress import Progress
from tgvault.errors import CorruptObjectError, HostilePathError, VaultError
from tgvault.model.findings import Finding, FindingKind, Findings
from tgvault.state.database import Database
from tgvault.state.places import Place, Places
from tgvault.vault.reader import BlobReader

__all__ = ["Targets", "check_path"]

#: Writes that wait for the rest of their pack at most, over all packs; each takes about 500 bytes of memory.
MAX_WAITING = 50_000

#: Tasks under way at most.
UNDER_WAY = 6

_DRIVE = re.compile(r"[A-Za-z]:")


def check_path(path: str) -> None:
    """Make sure that a path of the archive stays below the folder to restore into, on every system.

    Raises:
        HostilePathError: it does not.
    """
    parts = path.split("/")
    bad = not path or path.startswith("/") or _DRIVE.match(path) or "\\" in path or "\0" in path
    if bad or any(part in {"", ".", ".."} or len(part.encode("utf-8", "replace")) > 255 for part in parts):
        raise HostilePathError(f"`{path}` is no path below a folder", hint="the file is left out")


class Targets:
    """Takes contents for paths and has them written; a pack is opened when everything in it is wanted, or at the end.

    Memory does not grow with the number of files: what stands where is kept in a database of the restore's own.
    """

    def __init__(
        self,
        root: str,
        *,
        places: Places,
        reader: BlobReader,
        database: Database,
        pool: Pool,
        findings: Findings,
        progress: Progress,
    ) -> None:
        self._root = root
        self._places = places
        self._reader = reader
        self._database = database
        database.run("CREATE TABLE target (path TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID")
        database.run("CREATE TABLE rest (path TEXT PRIMARY KEY, pieces INTEGER NOT NULL) WITHOUT ROWID")
        self._pool = pool
        self._findings = findings
        self._progress = progress
        self._waiting: dict[bytes, dict[tuple[bytes, str, int], Write]] = {}
        self._wanted: dict[bytes, set[bytes]] = {}
        self._size: dict[bytes, int] = {}
        self._count = 0
        self._under_way: list[Future[ExtractDone]] = []
        self.files = 0
        self.bytes = 0

    def add(self, path: str, content: Content, *, rename: bool) -> str | None:
        """Have content written at the path, and give the path; None if it cannot be written, which is then a finding.

        With `rename` a path that another content has already gets a number.
        """
        try:
            check_path(path)
        except HostilePathError as error:
            self._findings.add(Finding(FindingKind.REFUSED_PATH, path, str(error)))
            return None
        wanted = encode_content(content)
        for name in _names(path) if rename else (path,):
            there = self._database.run("SELECT content FROM target WHERE path = ?", name)
            if there and there[0][0] == wanted:
                return name
            if not there:
                self._database.run("INSERT INTO target VALUES (?, ?)", name, wanted)
                return name if self._plan(name, content) else None
        self._findings.add(Finding(FindingKind.LOST, path, "two contents have this path"))
        return None

    def finish(self) -> None:
        """Have everything written that is still waiting."""
        for digest in list(self._waiting):
            self._send(digest)
        while self._under_way:
            self._take(self._under_way.pop(0).result())
        for (path,) in self._database.run("SELECT path FROM rest WHERE pieces > 0"):
            Path(f"{self._root}/{path}{PART}").unlink(missing_ok=True)

    def _plan(self, path: str, content: Content) -> bool:
        try:
            blobs = self._blobs(content)
            places = [self._place(blob) for blob in blobs]
            if sum(place.length for place in places) != content.size:
                raise CorruptObjectError(f"the pieces of `{path}` do not have its size")
        except VaultError as error:
            self._lost(path, str(error))
            return False
        if len(places) > 1:
            self._database.run("INSERT INTO rest VALUES (?, ?)", path, len(places))
        at = 0
        for place in places:
            self._want(Write(place, path, at, whole=len(places) == 1))
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
            raise CorruptObjectError(f"no index object lists the blob `{blob.hex()[:16]}…`")
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
            self._under_way.append(self._pool.submit(extract, ExtractTask(self._root, tuple(writes.values()))))
        while len(self._under_way) > UNDER_WAY:
            self._take(self._under_way.pop(0).result())

    def _take(self, done: ExtractDone) -> None:
        for path, reason in done.failures:
            self._lost(path, reason)
        for write in done.writes:
            self._progress.advance(write.place.length)
            self.bytes += write.place.length
            if write.whole:
                self.files += 1
            else:
                self._piece_done(write.path)

    def _piece_done(self, path: str) -> None:
        left = self._database.run("UPDATE rest SET pieces = pieces - 1 WHERE path = ? RETURNING pieces", path)
        if left and left[0][0] == 0:
            target = f"{self._root}/{path}"
            Path(target + PART).rename(target)
            self.files += 1

    def _lost(self, path: str, reason: str) -> None:
        self._findings.add(Finding(FindingKind.LOST, path, reason))


def _names(path: str) -> Iterator[str]:
    """Give the path, then the path with numbers in front of its ending: `a.jpg`, `a (2).jpg`, …"""
    yield path
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    for number in range(2, 10_000):
        yield f"{folder}{slash}{stem} ({number}){dot}{ending}"
