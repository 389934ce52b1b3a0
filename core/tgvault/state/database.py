"""Opening the encrypted database; deleting it loses nothing but time and the memory of what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from tgvault.errors import StateError

__all__ = ["STATE", "Database", "Form", "unusable"]

#: Raised whenever a table changes. A database of a version that cannot be brought up to date is thrown away and filled
#: again.
SCHEMA_VERSION = 5

#: One writer and two or three readers on one machine; a writer's transaction takes milliseconds.
BUSY_TIMEOUT_MS = 20_000

_SCHEMA = """
CREATE TABLE pack (number INTEGER PRIMARY KEY, digest BLOB UNIQUE NOT NULL, size INTEGER NOT NULL,
                   listed INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0);
CREATE TABLE blob (id BLOB NOT NULL, pack INTEGER NOT NULL, frame_offset INTEGER NOT NULL,
                   frame_length INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
                   PRIMARY KEY (id, pack)) WITHOUT ROWID;
CREATE INDEX blob_by_pack ON blob (pack);
CREATE TABLE index_object (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE passed_over (digest BLOB PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE file (stamp BLOB PRIMARY KEY, size INTEGER NOT NULL, content BLOB NOT NULL, run INTEGER NOT NULL)
                   WITHOUT ROWID;
CREATE TABLE media (name TEXT PRIMARY KEY, size INTEGER NOT NULL, content BLOB NOT NULL, used INTEGER NOT NULL)
                    WITHOUT ROWID;
CREATE TABLE span (name BLOB PRIMARY KEY, value BLOB NOT NULL, run INTEGER NOT NULL);
CREATE TABLE manifest (name TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (name TEXT PRIMARY KEY, archive TEXT NOT NULL, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sighting (name TEXT PRIMARY KEY, after TEXT, before TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE verified (pack BLOB PRIMARY KEY, time TEXT NOT NULL, level TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sorting (chat INTEGER NOT NULL, position INTEGER NOT NULL, id INTEGER, data BLOB NOT NULL,
                      PRIMARY KEY (chat, position)) WITHOUT ROWID;
CREATE INDEX sorting_by_id ON sorting (chat, id, position DESC);
CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""


#: By the version that is left: what is done to a database of that version. Losing the memory of what was seen would let
#: an older state of the vault pass for the newest.
_UPGRADES = {
    4: "CREATE TABLE sighting (name TEXT PRIMARY KEY, after TEXT, before TEXT NOT NULL) WITHOUT ROWID",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What a database is made of: the statements that make its tables, the version that they are of, and those that
    bring one of an earlier version one version further.
    """

    schema: str
    version: int
    upgrades: Mapping[int, str] = field(default_factory=dict)


#: The form of the state of a vault.
STATE = Form(_SCHEMA, SCHEMA_VERSION, _UPGRADES)


class Database:
    """A connection to the state of one vault, encrypted with ChaCha20-Poly1305 (sqlite3mc).

    Every process opens its own; the write-ahead log lets workers read while the main process writes.
    """

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path, *, key: str, form: Form = STATE) -> Database:
        """Open the database, making an empty one where there is none or none that this key and form can read.

        `key` is 64 hexadecimal digits.

        Raises:
            StateError: the folder cannot be used.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls._open(path, key, form) or cls._make(path, key, form)
        except (apsw.Error, OSError) as error:
            raise unusable(path, error) from error

    @classmethod
    def make(cls, path: Path, *, key: str) -> Database:
        """Make an empty database where nobody else makes one; raises as `open` does."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls._made(path, key, STATE)
        except (apsw.Error, OSError) as error:
            raise unusable(path, error) from error

    @classmethod
    def in_memory(cls) -> Database:
        """Make one that lives as long as the object; nothing of it reaches a disk."""
        connection = apsw.Connection(":memory:")
        connection.execute(_SCHEMA)
        return cls(connection, Path(":memory:"))

    @classmethod
    def _open(cls, path: Path, key: str, form: Form) -> Database | None:
        """Open what is there; None if it cannot be used as it is, or somebody is making it at this moment."""
        if not path.exists():
            return None
        connection = apsw.Connection(str(path))
        try:
            _prepare(connection, key)
            if _upgraded(connection, form) == form.version:
                return cls(connection, path)
        except (apsw.NotADBError, apsw.CorruptError, apsw.BusyError):
            pass
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None

    @classmethod
    def _make(cls, path: Path, key: str, form: Form) -> Database:
        with _alone(path.with_name("making.lock")):
            opened = cls._open(path, key, form)
            if opened is not None:
                return opened
            for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                each.unlink(missing_ok=True)
            return cls._made(path, key, form)

    @classmethod
    def _made(cls, path: Path, key: str, form: Form) -> Database:
        # SQLite would let everybody read it; what it lays beside it has the same mode.
        path.touch(mode=0o600)
        connection = apsw.Connection(str(path))
        _prepare(connection, key)
        with connection:
            connection.execute(form.schema)
            connection.execute(f"PRAGMA user_version = {form.version}")
        return cls(connection, path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen, or nothing."""
        with self._told(), self._connection:
            yield

    def run(self, sql: str, *values: apsw.SQLiteValue) -> list[tuple[apsw.SQLiteValue, ...]]:
        """Carry out one statement and give its rows.

        Raises:
            StateError: the disk is full or fails, or the database is damaged; this holds for all methods.
        """
        try:
            return self._connection.execute(sql, values).fetchall()
        except _ENVIRONMENT as error:
            raise unusable(self.path, error) from error

    def rows(self, sql: str, *values: apsw.SQLiteValue) -> Iterator[tuple[apsw.SQLiteValue, ...]]:
        """Carry out one statement and give its rows one by one."""
        with self._told():
            yield from self._connection.execute(sql, values)

    def many(self, sql: str, values: Iterable[tuple[apsw.SQLiteValue, ...]]) -> None:
        """Carry out one statement for each row of values, in one transaction."""
        with self._told(), self._connection:
            self._connection.executemany(sql, values)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except _ENVIRONMENT as error:
            raise unusable(self.path, error) from error
        except apsw.SQLError as error:
            # A full disk makes SQLite take the transaction back by itself, and apsw find none to take back.
            if (reason := _behind(error)) is None:
                raise
            raise unusable(self.path, reason) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


#: What is no fault of ours: a full or failing disk, a damaged file, a database that somebody keeps locked.
_ENVIRONMENT = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.FullError,
    apsw.IOError,
    apsw.NotADBError,
    apsw.ReadOnlyError,
)


def _behind(error: BaseException | None) -> Exception | None:
    """Find what is no fault of ours among what an error came after."""
    while error is not None and not isinstance(error, _ENVIRONMENT):
        error = error.__context__
    return error


def unusable(path: Path, error: Exception) -> StateError:
    """Say why the local state cannot be used, and what to do."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return StateError(
        f"the local state `{path}` cannot be used: {reason}",
        hint="make room, delete it if it is damaged (nothing is lost with it), or name another folder by `path` under"
        " `[state]` in vault.toml",
    )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time make a database; the others wait."""
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


def _upgraded(connection: apsw.Connection, form: Form) -> object:
    """Bring the tables up to date as far as that can be done; gives the version that they are of then."""
    while (version := connection.execute("PRAGMA user_version").get) in form.upgrades:
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            # Another process may have been faster.
            if connection.execute("PRAGMA user_version").get == version:
                connection.execute(form.upgrades[version])
                connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.execute("COMMIT")
    return version


def _prepare(connection: apsw.Connection, key: str) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # A raw key skips the 64,007 rounds of key stretching that a passphrase would get: it is random already. One
    # statement at a time: of several in one text, those behind the first that gives a row are not carried out.
    for pragma, answer in (
        ("cipher = 'chacha20'", "chacha20"),
        (f"key = 'raw:{key}'", "ok"),
        ("temp_store = MEMORY", None),
        ("journal_mode = WAL", "wal"),
        ("synchronous = NORMAL", None),
    ):
        if connection.execute(f"PRAGMA {pragma}").get != answer:
            raise apsw.CantOpenError(f"`{pragma.partition(' ')[0]}` cannot be set")
