"""Opening the encrypted database; deleting it loses nothing but time and the memory of what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from tgvault.errors import UsageError

__all__ = ["Database"]

#: Raised whenever a table changes; a database of another version is thrown away and filled again.
SCHEMA_VERSION = 2

#: One writer and two or three readers on one machine; a writer's transaction takes milliseconds.
BUSY_TIMEOUT_MS = 20_000

_SCHEMA = """
CREATE TABLE pack (number INTEGER PRIMARY KEY, digest BLOB UNIQUE NOT NULL, size INTEGER NOT NULL,
                   listed INTEGER NOT NULL);
CREATE TABLE blob (id BLOB PRIMARY KEY, pack INTEGER NOT NULL, frame_offset INTEGER NOT NULL,
                   frame_length INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX blob_by_pack ON blob (pack);
CREATE TABLE index_object (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE file (stamp BLOB PRIMARY KEY, size INTEGER NOT NULL, content BLOB NOT NULL, run INTEGER NOT NULL)
                   WITHOUT ROWID;
CREATE TABLE media (name TEXT PRIMARY KEY, size INTEGER NOT NULL, content BLOB NOT NULL, used INTEGER NOT NULL)
                    WITHOUT ROWID;
CREATE TABLE manifest (name TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (name TEXT PRIMARY KEY, archive TEXT NOT NULL, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE verified (pack BLOB PRIMARY KEY, time TEXT NOT NULL, level TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sorting (chat INTEGER NOT NULL, position INTEGER NOT NULL, id INTEGER, data BLOB NOT NULL,
                      PRIMARY KEY (chat, position)) WITHOUT ROWID;
CREATE INDEX sorting_by_id ON sorting (chat, id, position DESC);
CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""


class Database:
    """A connection to the state of one vault, encrypted with ChaCha20-Poly1305 (sqlite3mc).

    Every process opens its own; the write-ahead log lets workers read while the main process writes.
    """

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path, *, key: str) -> Database:
        """Open the database, making an empty one where there is none or none that this key and version can read.

        `key` is 64 hexadecimal digits.

        Raises:
            UsageError: the folder cannot be used.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls._open_or_renew(path, key)
        except (apsw.Error, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(
                f"the local state `{path}` cannot be used: {reason}",
                hint="name another folder by `path` under `[state]` in vault.toml",
            ) from error

    @classmethod
    def _open_or_renew(cls, path: Path, key: str) -> Database:
        try:
            return cls._open(path, key)
        except (apsw.NotADBError, apsw.CorruptError, _OtherVersionError):
            for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                each.unlink(missing_ok=True)
            return cls._open(path, key)

    @classmethod
    def in_memory(cls) -> Database:
        """Make one that lives as long as the object; nothing of it reaches a disk."""
        connection = apsw.Connection(":memory:")
        connection.execute(_SCHEMA)
        return cls(connection, Path(":memory:"))

    @classmethod
    def _open(cls, path: Path, key: str) -> Database:
        connection = apsw.Connection(str(path))
        try:
            _prepare(connection, key)
        except BaseException:
            connection.close()
            raise
        return cls(connection, path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen, or nothing."""
        with self._connection:
            yield

    def run(self, sql: str, *values: apsw.SQLiteValue) -> list[tuple[apsw.SQLiteValue, ...]]:
        """Carry out one statement and give its rows."""
        return self._connection.execute(sql, values).fetchall()

    def rows(self, sql: str, *values: apsw.SQLiteValue) -> Iterator[tuple[apsw.SQLiteValue, ...]]:
        """Carry out one statement and give its rows one by one."""
        yield from self._connection.execute(sql, values)

    def many(self, sql: str, values: Iterator[tuple[apsw.SQLiteValue, ...]]) -> None:
        """Carry out one statement for each row of values, in one transaction."""
        with self._connection:
            self._connection.executemany(sql, values)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _OtherVersionError(Exception):
    """The database was made by another version of tgvault."""


def _prepare(connection: apsw.Connection, key: str) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # A raw key skips the 64,007 rounds of key stretching that a passphrase would get: it is random already.
    connection.execute(f"PRAGMA cipher = 'chacha20'; PRAGMA key = 'raw:{key}'")
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY")
    version = connection.execute("PRAGMA user_version").get
    if version == 0:
        with connection:
            # Two processes may get here at once; the second finds the tables made.
            if connection.execute("SELECT count(*) FROM sqlite_master").get == 0:
                connection.execute(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    elif version != SCHEMA_VERSION:
        raise _OtherVersionError
