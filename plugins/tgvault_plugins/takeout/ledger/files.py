"""Files that messages speak of: how each stands, who speaks of it, and the parts that were received."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import cast

import msgspec

from tgvault.api import SourceStore, SqlValue
from tgvault_plugins.takeout.files import RemoteFile
from tgvault_plugins.takeout.ledger.values import FileRow, FileState

__all__ = ["FileTable"]

_pack = msgspec.msgpack.Encoder().encode
_REMOTE = msgspec.msgpack.Decoder(RemoteFile)


#: `CROSS JOIN` keeps the order: few files are missing, and the settings may leave out very many. What is put off comes
#: by itself as soon as the settings want it.
_ASK_FOR_MISSING = """
INSERT OR IGNORE INTO todo SELECT o.chat, o.id FROM file f CROSS JOIN origin o ON o.file = f.name
WHERE f.state IN (0, 2) AND o.chat > 0
AND NOT EXISTS (SELECT 1 FROM message m WHERE m.chat = o.chat AND m.id = o.id)
AND NOT EXISTS (SELECT 1 FROM put_off p WHERE p.chat = o.chat AND p.id = o.id)
"""
_ASK_FOR_FILE = """
INSERT OR IGNORE INTO todo SELECT o.chat, o.id FROM origin o WHERE o.file = ? AND o.chat > 0
AND NOT EXISTS (SELECT 1 FROM put_off p WHERE p.chat = o.chat AND p.id = o.id)
"""


class FileTable:
    """Files by their names."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def get(self, name: str) -> FileRow | None:
        """Give a file that something pending speaks of, or that is still wanted."""
        rows = self._store.run("SELECT remote, state, reason FROM file WHERE name = ?", name)
        return _file(rows[0]) if rows else None

    def put(self, row: FileRow) -> None:
        """Remember a file and how it stands."""
        remote = row.remote
        values = (remote.name, int(row.state), remote.size, _pack(remote), row.reason)
        self._store.run("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", *values)

    def leave_out(self, row: FileRow) -> None:
        """Remember a file that is not to be fetched, and nothing that was received of it."""
        self.put(row)
        self.drop_parts(row.remote.name)

    def set_state(self, name: str, state: FileState, reason: str | None = None) -> None:
        """Remember how a file stands now."""
        self._store.run("UPDATE file SET state = ?, reason = ? WHERE name = ?", int(state), reason, name)

    def begin_giving(self, knows: Callable[[RemoteFile], bool]) -> None:
        """Have what an earlier run gave to the engine given to this one, too; what the vault lost is wanted again."""
        self._store.run("UPDATE file SET state = 3 WHERE state = 5")
        for row in self.every(FileState.KNOWN):
            if not knows(row.remote):
                self.set_state(row.remote.name, FileState.WANTED)

    def add_origin(self, name: str, chat: int, number: int) -> None:
        """Remember that a message speaks of a file; chat 0 stands for the documents."""
        self._store.run("INSERT OR IGNORE INTO origin VALUES (?, ?, ?)", name, chat, number)

    def keep_origins(self, chat: int, number: int, names: Collection[str]) -> None:
        """Remember that a message speaks of these files only; others that nothing speaks of are given up."""
        rows = self._store.run("SELECT file FROM origin WHERE chat = ? AND id = ?", chat, number)
        for (file,) in rows:
            if file in names:
                continue
            self._store.run("DELETE FROM origin WHERE file = ? AND chat = ? AND id = ?", file, chat, number)
            given_up = (
                "SELECT name FROM file WHERE name = ? AND state IN (0, 2, 4)"
                " AND NOT EXISTS (SELECT 1 FROM origin WHERE file = name)"
            )
            self._store.run(f"DELETE FROM part WHERE file IN ({given_up})", file)  # noqa: S608  # a text of ours
            self._store.run(f"DELETE FROM file WHERE name IN ({given_up})", file)  # noqa: S608  # a text of ours

    def put_off(self, chat: int, number: int) -> None:
        """Leave out what is wanted of a message, or could not be had, if nothing else speaks of it that is not put off
        too. What was received of it stays.
        """
        sql = (
            "UPDATE file SET state = 4, reason = 'not included' WHERE state IN (0, 2)"
            " AND name IN (SELECT file FROM origin WHERE chat = ? AND id = ?)"
            " AND NOT EXISTS (SELECT 1 FROM origin o WHERE o.file = name AND NOT EXISTS"
            " (SELECT 1 FROM put_off p WHERE p.chat = o.chat AND p.id = o.id))"
        )
        self._store.run(sql, chat, number)

    def origins(self, name: str) -> list[tuple[int, int]]:
        """Give the messages that speak of a file."""
        return cast("list[tuple[int, int]]", self._store.run("SELECT chat, id FROM origin WHERE file = ?", name))

    def waiting(self, chat: int, number: int, *, limit: int) -> list[int]:
        """Give a message of a chat and those behind it that speak of files which are still wanted."""
        sql = (
            "SELECT DISTINCT o.id FROM origin o JOIN file f ON f.name = o.file"
            " WHERE o.chat = ? AND o.id > ? AND f.state = 0 ORDER BY o.id LIMIT ?"
        )
        rows = self._store.run(sql, chat, number, limit - 1)
        return [number, *(cast("int", row[0]) for row in rows)]

    def page(self, state: FileState, *, after: str = "", limit: int = 1000) -> list[FileRow]:
        """Give files that stand so, by name, behind a name."""
        sql = "SELECT remote, state, reason FROM file WHERE state = ? AND name > ? ORDER BY name LIMIT ?"
        return [_file(row) for row in self._store.run(sql, int(state), after, limit)]

    def every(self, state: FileState) -> Iterator[FileRow]:
        """Give all files that stand so; they may be changed meanwhile."""
        after = ""
        while rows := self.page(state, after=after):
            yield from rows
            after = rows[-1].remote.name

    def wanted(self) -> tuple[int, int]:
        """Give number and bytes of the files that are still wanted."""
        # `sum` fails where `total` is no more than inexact.
        sql = "SELECT count(*), CAST(total(size) AS INTEGER) FROM file WHERE state = 0"
        return cast("tuple[int, int]", self._store.run(sql)[0])

    def add_part(self, name: str, start: int, data: bytes) -> None:
        """Keep a part of a file."""
        self._store.run("INSERT OR REPLACE INTO part (file, start, data) VALUES (?, ?, ?)", name, start, data)

    def parts(self, name: str) -> dict[int, int]:
        """Give where the parts of a file that are there begin, and how long they are."""
        rows = self._store.run("SELECT start, length(data) FROM part WHERE file = ?", name)
        return dict(cast("list[tuple[int, int]]", rows))

    def part(self, name: str, start: int) -> bytes | None:
        """Give a part of a file."""
        rows = self._store.run("SELECT data FROM part WHERE file = ? AND start = ?", name, start)
        return cast("bytes", rows[0][0]) if rows else None

    def drop_parts(self, name: str) -> None:
        """Forget what was received of a file."""
        self._store.run("DELETE FROM part WHERE file = ?", name)

    def ask_again(self, *, left_out_names: Iterable[str]) -> None:
        """Have those messages asked for again whose files are wanted still, could not be had, or are wanted now."""
        with self._store.transaction():
            self._store.run(_ASK_FOR_MISSING)
            for name in left_out_names:
                self._store.run(_ASK_FOR_FILE, name)


def _file(row: Sequence[SqlValue]) -> FileRow:
    remote, state, reason = row
    return FileRow(_REMOTE.decode(cast("bytes", remote)), FileState(cast("int", state)), cast("str | None", reason))
