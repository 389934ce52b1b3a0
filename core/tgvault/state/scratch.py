"""A database for as long as one run lasts: what would not fit into memory, and must not be readable on disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tgvault.state.database import Database

__all__ = ["Visits", "scratch"]

#: Seconds after which a database that nobody wrote to since is one of a run that was killed.
_LEFT_BEHIND = 24 * 60 * 60


@contextmanager
def scratch(folder: Path) -> Iterator[Database]:
    """Give an empty database in the folder, encrypted with a key that nobody keeps, and delete it afterwards.

    Those of runs that were killed are deleted as well, a day later.
    """
    path = folder / f"scratch-{secrets.token_hex(8)}.db"
    database = Database.make(path, key=secrets.token_hex(32))
    try:
        _tidy(folder, now=path.stat().st_mtime)
        with database.transaction():
            yield database
    finally:
        database.close()
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def _tidy(folder: Path, *, now: float) -> None:
    """Delete what killed runs left behind; `now` is told by the file system's own clock."""
    for path in folder.glob("scratch-*.db*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < now - _LEFT_BEHIND:
                path.unlink()


class Visits:
    """Remembers which blobs a walk has met."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.run("CREATE TABLE visited (id BLOB PRIMARY KEY) WITHOUT ROWID")

    def first(self, blob: bytes) -> bool:
        """Tell whether the walk meets the blob for the first time."""
        return bool(self._database.run("INSERT OR IGNORE INTO visited VALUES (?) RETURNING 1", blob))
