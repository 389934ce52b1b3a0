"""Reading and writing the source's database: what was fetched, how far, and what is still wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import IntEnum
from typing import cast

import msgspec

from tgvault.api import Chat, Finding, FindingKind, SourceStore, SqlValue
from tgvault_plugins.takeout.files import RemoteFile

__all__ = ["ChatRow", "Cursor", "FileRow", "FileState", "Ledger", "Ref", "Row"]


class FileState(IntEnum):
    """How a file stands."""

    WANTED = 0
    #: All of it is in the store.
    WHOLE = 1
    #: Telegram does not give it; asked for again by the next run.
    MISSING = 2
    #: The vault has it.
    KNOWN = 3
    #: The settings leave it out.
    LEFT_OUT = 4
    #: The engine was given it in this run, and the vault has it since; nothing of it is in the store any more.
    PACKED = 5


class Ref(msgspec.Struct, frozen=True, array_like=True):
    """A place in a body that speaks of a file: its name in the store, or why there is none."""

    field: str
    name: str | None
    missing: str | None = None


class Row(msgspec.Struct, frozen=True):
    """A message or document as it is told to the engine."""

    id: int
    body: bytes
    refs: tuple[Ref, ...] = ()


class Peer(msgspec.Struct, frozen=True, array_like=True):
    """What a chat is asked for by: kind (`user`, `chat`, `channel`), bare id and access hash."""

    kind: str
    id: int
    access_hash: int = 0


class ChatRow(msgspec.Struct, frozen=True, kw_only=True):
    """A chat of the account. `top` is the id of its newest message, `former` the basic group that it once was.

    With `own` only the account's own messages can be seen in it, or are wanted.
    """

    chat: Chat
    peer: Peer
    top: int = 0
    pts: int | None = None
    former: int | None = None
    former_top: int = 0
    own: bool = False
    left: bool = False


class Cursor(msgspec.Struct, frozen=True):
    """How far a part of a chat was read: the highest id read, the message range (split) being read, the highest id."""

    last: int = 0
    split: int = 0
    top: int = 0


class FileRow(msgspec.Struct, frozen=True):
    """A file that a pending message speaks of, or that could not be had."""

    remote: RemoteFile
    state: FileState
    reason: str | None = None


_pack = msgspec.msgpack.Encoder().encode
_REFS = msgspec.msgpack.Decoder(tuple[Ref, ...])
_CHAT = msgspec.msgpack.Decoder(ChatRow)
_REMOTE = msgspec.msgpack.Decoder(RemoteFile)


class Ledger:
    """The tables of `store.SCHEMA`, in words of the source. Nothing is kept in memory."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything inside happen, or nothing."""
        return self._store.transaction()

    # Facts

    def fact(self, name: str) -> bytes | None:
        """Give a remembered value."""
        rows = self._store.run("SELECT value FROM fact WHERE name = ?", name)
        return cast("bytes", rows[0][0]) if rows else None

    def number(self, name: str) -> int | None:
        """Give a remembered number."""
        value = self.fact(name)
        return int(value) if value is not None else None

    def set_fact(self, name: str, value: bytes | int | None) -> None:
        """Remember a value; None forgets it."""
        if value is None:
            self._store.run("DELETE FROM fact WHERE name = ?", name)
            return
        data = value if isinstance(value, bytes) else b"%d" % value
        self._store.run("INSERT OR REPLACE INTO fact VALUES (?, ?)", name, data)

    # Chats

    def put_chat(self, row: ChatRow, *, position: int, round_: int) -> int:
        """Remember a chat and where it stands in the list; gives its number. Known pts stay as they are."""
        self._store.run(
            "INSERT INTO chat (key, position, seen, record, pts) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET position = excluded.position, seen = excluded.seen, record = excluded.record,"
            " pts = coalesce(chat.pts, excluded.pts)",
            row.chat.key,
            position,
            round_,
            _pack(row),
            row.pts,
        )
        return self.chat_number(row.chat.key) or 0

    def put_chat_again(self, number: int, row: ChatRow) -> None:
        """Remember what was learned of a chat since it was listed."""
        self._store.run("UPDATE chat SET record = ? WHERE number = ?", _pack(row), number)

    def chat_number(self, key: str) -> int | None:
        """Give the number of a chat that is known."""
        rows = self._store.run("SELECT number FROM chat WHERE key = ?", key)
        return cast("int", rows[0][0]) if rows else None

    def chat(self, number: int) -> ChatRow:
        """Give a chat."""
        return _CHAT.decode(cast("bytes", self._store.run("SELECT record FROM chat WHERE number = ?", number)[0][0]))

    def chats(self, round_: int) -> list[int]:
        """Give the numbers of the chats that a round has met, in their order."""
        rows = self._store.run("SELECT number FROM chat WHERE seen = ? ORDER BY position", round_)
        return [cast("int", row[0]) for row in rows]

    def told_chats(self, round_: int) -> list[int]:
        """Give the chats that a round has met, and those of which anything is pending, in their order."""
        sql = (
            "SELECT number FROM chat WHERE seen = ? OR EXISTS (SELECT 1 FROM message WHERE chat = number)"
            " OR EXISTS (SELECT 1 FROM removed WHERE chat = number) ORDER BY position"
        )
        return [cast("int", row[0]) for row in self._store.run(sql, round_)]

    def chat_pts(self, number: int) -> int | None:
        """Give the state of updates up to which changes of a channel are known."""
        return cast("int | None", self._store.run("SELECT pts FROM chat WHERE number = ?", number)[0][0])

    def set_chat_pts(self, number: int, pts: int | None) -> None:
        """Remember it."""
        self._store.run("UPDATE chat SET pts = ? WHERE number = ?", pts, number)

    def set_failure(self, number: int, failure: str | None) -> None:
        """Remember why a chat could not be read to its end in this run."""
        self._store.run("UPDATE chat SET failure = ? WHERE number = ?", failure, number)

    def failures(self) -> list[tuple[int, str]]:
        """Give the chats that could not be read to their end."""
        rows = self._store.run("SELECT number, failure FROM chat WHERE failure IS NOT NULL ORDER BY position")
        return cast("list[tuple[int, str]]", rows)

    def cursor(self, chat: int, part: int) -> Cursor | None:
        """Tell how far a part of a chat was read; None if it was not begun."""
        rows = self._store.run("SELECT last, split, top FROM cursor WHERE chat = ? AND part = ?", chat, part)
        return Cursor(*cast("tuple[int, int, int]", rows[0])) if rows else None

    def set_cursor(self, chat: int, part: int, cursor: Cursor) -> None:
        """Remember how far a part was read."""
        values = (chat, part, cursor.split, cursor.last, cursor.top)
        self._store.run("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?)", *values)

    def rewind(self, chat: int) -> None:
        """Have a chat read from its beginning again."""
        self._store.run("DELETE FROM cursor WHERE chat = ?", chat)

    # Messages

    def add_messages(self, chat: int, rows: Iterable[Row], *, account_wide: bool) -> None:
        """Keep messages, in place of what is pending of them. `account_wide` says that ids are the account's own."""
        listed = list(rows)
        packed = ((chat, row.id, row.body, _pack(row.refs) if row.refs else None) for row in listed)
        self._many("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?)", packed)
        if account_wide:
            self._many("INSERT OR REPLACE INTO place VALUES (?, ?)", ((row.id, chat) for row in listed))
        self._many("DELETE FROM todo WHERE chat = ? AND id = ?", ((chat, row.id) for row in listed))

    def add_covered(self, chat: int, first: int, last: int) -> None:
        """Remember that all messages with these ids were seen."""
        self._store.run("INSERT INTO covered VALUES (?, ?, ?)", chat, first, last)

    def covered(self, chat: int) -> list[tuple[int, int]]:
        """Give what was seen completely, neighbours joined."""
        rows = self._store.run("SELECT first, last FROM covered WHERE chat = ? ORDER BY first", chat)
        joined: list[tuple[int, int]] = []
        for first, last in cast("list[tuple[int, int]]", rows):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return joined

    def add_removed(self, rows: Iterable[tuple[int, int]]) -> None:
        """Remember messages, by chat and id, that are gone."""
        self._many("INSERT OR IGNORE INTO removed VALUES (?, ?)", rows)

    def removed(self, chat: int) -> list[int]:
        """Give the messages of a chat that are gone and were not fetched in this run."""
        sql = (
            "SELECT id FROM removed r WHERE chat = ? AND NOT EXISTS"
            " (SELECT 1 FROM message m WHERE m.chat = r.chat AND m.id = r.id) ORDER BY id"
        )
        return [cast("int", row[0]) for row in self._store.run(sql, chat)]

    def places(self, ids: Iterable[int]) -> dict[int, int]:
        """Find the chats of account-wide message ids."""
        found = {}
        for number in ids:
            rows = self._store.run("SELECT chat FROM place WHERE id = ?", number)
            if rows:
                found[number] = cast("int", rows[0][0])
        return found

    def add_todo(self, rows: Iterable[tuple[int, int]]) -> None:
        """Have messages, by chat and id, asked for again."""
        self._many("INSERT OR IGNORE INTO todo VALUES (?, ?)", rows)

    def todo(self, chat: int, limit: int) -> list[int]:
        """Give messages of a chat that are to be asked for."""
        sql = "SELECT id FROM todo WHERE chat = ? ORDER BY id LIMIT ?"
        return [cast("int", row[0]) for row in self._store.run(sql, chat, limit)]

    def done_todo(self, chat: int, ids: Iterable[int]) -> None:
        """Forget what was asked for."""
        self._many("DELETE FROM todo WHERE chat = ? AND id = ?", ((chat, number) for number in ids))

    def todo_chats(self) -> list[int]:
        """Give the chats of which messages are to be asked for."""
        return [cast("int", row[0]) for row in self._store.run("SELECT DISTINCT chat FROM todo")]

    def sizes(self, chat: int) -> Iterator[tuple[int, int]]:
        """Give id and size in bytes of the pending messages of a chat, ascending."""
        sql = "SELECT id, length(body) FROM message WHERE chat = ? ORDER BY id"
        return cast("Iterator[tuple[int, int]]", self._store.rows(sql, chat))

    def messages(self, chat: int, first: int, last: int) -> Iterator[Row]:
        """Give pending messages, ascending."""
        sql = "SELECT id, body, refs FROM message WHERE chat = ? AND id BETWEEN ? AND ? ORDER BY id"
        for number, body, refs in cast(
            "Iterator[tuple[int, bytes, bytes | None]]", self._store.rows(sql, chat, first, last)
        ):
            yield Row(number, body, _REFS.decode(refs) if refs is not None else ())

    def has_messages(self) -> bool:
        """Tell whether anything is pending."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM message) OR EXISTS (SELECT 1 FROM removed) OR EXISTS (SELECT 1 FROM document)"
        )
        return bool(self._store.run(sql)[0][0])

    # Documents and findings

    def put_document(self, name: str, position: int, row: Row) -> None:
        """Keep a document."""
        refs = _pack(row.refs) if row.refs else None
        self._store.run("INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?)", name, position, row.body, refs)

    def documents(self) -> Iterator[tuple[str, Row]]:
        """Give the pending documents in their order."""
        rows = self._store.run("SELECT name, body, refs FROM document ORDER BY position")
        for name, body, refs in cast("list[tuple[str, bytes, bytes | None]]", rows):
            yield name, Row(0, body, _REFS.decode(refs) if refs is not None else ())

    def has_document(self, name: str) -> bool:
        """Tell whether a document is pending."""
        return bool(self._store.run("SELECT 1 FROM document WHERE name = ?", name))

    def add_findings(self, found: Iterable[Finding]) -> None:
        """Keep findings until they are told."""
        self._many(
            "INSERT INTO finding VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            ((each.kind.value, each.subject, each.detail, each.count) for each in found),
        )

    def findings(self) -> Iterator[Finding]:
        """Give the findings."""
        rows = self._store.run("SELECT kind, subject, detail, count FROM finding ORDER BY kind, subject, detail")
        for kind, subject, detail, count in cast("list[tuple[str, str, str, int]]", rows):
            yield Finding(FindingKind(kind), subject, detail, count)

    # Files

    def file(self, name: str) -> FileRow | None:
        """Give a file that something pending speaks of, or that is still wanted."""
        rows = self._store.run("SELECT remote, state, reason FROM file WHERE name = ?", name)
        return _file(rows[0]) if rows else None

    def put_file(self, row: FileRow) -> None:
        """Remember a file and how it stands."""
        remote = row.remote
        values = (remote.name, int(row.state), remote.size, _pack(remote), row.reason)
        self._store.run("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", *values)

    def set_state(self, name: str, state: FileState, reason: str | None = None) -> None:
        """Remember how a file stands now."""
        self._store.run("UPDATE file SET state = ?, reason = ? WHERE name = ?", int(state), reason, name)
        if state in (FileState.WHOLE, FileState.KNOWN):
            self._store.run("DELETE FROM origin WHERE file = ?", name)

    def begin_giving(self) -> None:
        """Have what an earlier run gave to the engine given to this one, too."""
        self._store.run("UPDATE file SET state = 3 WHERE state = 5")

    def add_origin(self, name: str, chat: int, number: int) -> None:
        """Remember that a message speaks of a file; chat 0 stands for the documents."""
        self._store.run("INSERT OR IGNORE INTO origin VALUES (?, ?, ?)", name, chat, number)

    def origins(self, name: str) -> list[tuple[int, int]]:
        """Give the messages that speak of a file."""
        return cast("list[tuple[int, int]]", self._store.run("SELECT chat, id FROM origin WHERE file = ?", name))

    def files(self, state: FileState, *, after: str = "", limit: int = 1000) -> list[FileRow]:
        """Give files that stand so, by name, behind a name."""
        sql = "SELECT remote, state, reason FROM file WHERE state = ? AND name > ? ORDER BY name LIMIT ?"
        return [_file(row) for row in self._store.run(sql, int(state), after, limit)]

    def every_file(self, state: FileState) -> Iterator[FileRow]:
        """Give all files that stand so; they may be changed meanwhile."""
        after = ""
        while rows := self.files(state, after=after):
            yield from rows
            after = rows[-1].remote.name

    def wanted(self) -> tuple[int, int]:
        """Give number and bytes of the files that are still wanted."""
        sql = "SELECT count(*), coalesce(sum(size), 0) FROM file WHERE state = 0"
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
        with self.transaction():
            self._store.run(
                "INSERT OR IGNORE INTO todo SELECT o.chat, o.id FROM origin o JOIN file f ON f.name = o.file"
                " WHERE f.state IN (0, 2) AND o.chat > 0"
                " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.chat = o.chat AND m.id = o.id)"
            )
            for name in left_out_names:
                self._store.run(
                    "INSERT OR IGNORE INTO todo SELECT chat, id FROM origin WHERE file = ? AND chat > 0", name
                )

    # Rounds

    def settle(self, snapshot: str) -> None:
        """Forget what is safe in a snapshot."""
        with self.transaction():
            # What was fetched and deleted in one run is told as a message first, and as gone by the next run.
            self._store.run(
                "DELETE FROM removed WHERE NOT EXISTS"
                " (SELECT 1 FROM message m WHERE m.chat = removed.chat AND m.id = removed.id)"
            )
            for table in ("message", "covered", "document", "finding"):
                self._store.run(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            self._store.run("DELETE FROM part WHERE file NOT IN (SELECT name FROM file WHERE state = 0)")
            self._store.run("DELETE FROM file WHERE state IN (1, 3, 5)")
            self._store.run("DELETE FROM origin WHERE file NOT IN (SELECT name FROM file)")
            self._store.run("UPDATE chat SET failure = NULL")
            self.set_fact("snapshot", snapshot.encode())

    def start_over(self) -> None:
        """Forget everything but facts of the session: the archive does not have what was told to it."""
        with self.transaction():
            for table in ("chat", "cursor", "message", "covered", "removed", "document", "finding", "place", "todo"):
                self._store.run(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            for table in ("file", "origin", "part"):
                self._store.run(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            for name in ("snapshot", "state"):
                self.set_fact(name, None)

    def _many(self, sql: str, rows: Iterable[tuple[SqlValue, ...]]) -> None:
        self._store.many(sql, rows)


def _file(row: Sequence[SqlValue]) -> FileRow:
    remote, state, reason = row
    return FileRow(_REMOTE.decode(cast("bytes", remote)), FileState(cast("int", state)), cast("str | None", reason))
