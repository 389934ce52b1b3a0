"""What the content of a file is, for files that did not change since they were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from tgvault.model.stamps import LASTING_STAMP
from tgvault.state.database import Database

__all__ = ["Files", "KnownFile"]

#: A stamp that no run met for this many runs is dropped.
KEEP_RUNS = 100


class KnownFile(msgspec.Struct, frozen=True, gc=False):
    """A file of the run's source: its size in bytes and the encoded reference to its content in the vault."""

    name: str
    size: int
    content: bytes


class Files:
    """The file cache (by stamp, for ever) and the files of the current run (by name)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_stamp(self, stamp: bytes) -> tuple[int, bytes] | None:
        """Give size and content reference of the file with that stamp."""
        rows = self._database.run("SELECT size, content FROM file WHERE stamp = ?", stamp)
        return cast("tuple[int, bytes]", rows[0]) if rows else None

    def remember(self, stamps: Iterable[tuple[bytes, int, bytes]], *, run: int) -> None:
        """Remember (stamp, size, content reference) rows."""
        self._database.many(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", ((stamp, size, ref, run) for stamp, size, ref in stamps)
        )

    def forget_old(self, *, run: int) -> None:
        """Drop stamps that were not met for a long time, but for lasting ones."""
        self._database.run(
            "DELETE FROM file WHERE run < ? AND substr(stamp, 1, ?) != ?",
            run - KEEP_RUNS,
            len(LASTING_STAMP),
            LASTING_STAMP,
        )

    def start_run(self) -> None:
        """Forget the files of the last run."""
        self._database.run("DELETE FROM media")

    def add(self, files: Iterable[KnownFile]) -> None:
        """Add files of the current run."""
        self._database.many(
            "INSERT OR REPLACE INTO media VALUES (?, ?, ?, 0)", ((file.name, file.size, file.content) for file in files)
        )

    def add_failed(self, names: Iterable[str]) -> None:
        """Remember files of the current run that cannot be read, so that nobody tries again."""
        self._database.many("INSERT OR REPLACE INTO media VALUES (?, 0, x'', 1)", ((name,) for name in names))

    def by_name(self, name: str) -> KnownFile | None:
        """Give a file of the current run; the content of one that cannot be read is empty."""
        rows = self._database.run("SELECT name, size, content FROM media WHERE name = ?", name)
        return KnownFile(*cast("tuple[str, int, bytes]", rows[0])) if rows else None

    def mark_used(self, names: Iterable[str]) -> None:
        """Remember that a record refers to these files."""
        self._database.many("UPDATE media SET used = 1 WHERE name = ?", ((name,) for name in names))

    def unused(self) -> Iterator[KnownFile]:
        """Give the files of the run that no record refers to, in the order of their names."""
        for row in self._database.rows("SELECT name, size, content FROM media WHERE used = 0 ORDER BY name"):
            yield KnownFile(*cast("tuple[str, int, bytes]", row))

    def count(self) -> tuple[int, int]:
        """Give the number of files of the run and their bytes."""
        sql = "SELECT count(*), coalesce(sum(size), 0) FROM media WHERE content != x''"
        return cast("tuple[int, int]", self._database.run(sql)[0])
