"""Messages that were fetched, and those that are to be asked for again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import cast

import msgspec

from tgvault.api import SourceStore, SqlValue
from tgvault_plugins.takeout.ledger.values import PutOff, Ref, Row

__all__ = ["MessageTable"]

_pack = msgspec.msgpack.Encoder().encode
_REFS = msgspec.msgpack.Decoder(tuple[Ref, ...])


#: Below all ids.
_LOWEST = -(1 << 62)


class _Said(msgspec.Struct):
    """What changes in a body when its message is edited."""

    text: msgspec.Raw = msgspec.Raw(b"")
    edited_unixtime: str = ""


_SAID = msgspec.json.Decoder(_Said)


class MessageTable:
    """Pending messages by chat and id, what was seen completely, and what is gone."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def add(self, chat: int, rows: Iterable[Row], *, account_wide: bool, shift: int = 0) -> None:
        """Keep messages, in place of what is pending of them.

        `account_wide` says that ids are the account's own, `shift` what was added to them.
        """
        listed = list(rows)
        self._keep_earlier(chat, listed)
        packed = ((chat, row.id, row.body, _pack(row.refs) if row.refs else None) for row in listed)
        self._store.many("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?)", packed)
        if account_wide:
            places = ((row.id - shift, chat, shift) for row in listed)
            self._store.many("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", places)
        self.done_todo(chat, (row.id for row in listed))

    def sizes(self, chat: int) -> Iterator[tuple[int, int]]:
        """Give id and size in bytes of the pending messages of a chat, ascending."""
        sql = "SELECT id, length(body) FROM message WHERE chat = ? ORDER BY id"
        return cast("Iterator[tuple[int, int]]", self._store.rows(sql, chat))

    def between(self, chat: int, first: int, last: int) -> Iterator[Row]:
        """Give pending messages, ascending."""
        sql = "SELECT id, body, refs FROM message WHERE chat = ? AND id BETWEEN ? AND ? ORDER BY id"
        return _rows(self._store.rows(sql, chat, first, last))

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

    def add_lacking(self, chat: int, first: int, last: int, *, page: Collection[int]) -> None:
        """Take note that pending messages with these ids are gone, for Telegram gave a page that lacks them."""
        rows = self._store.run("SELECT id FROM message WHERE chat = ? AND id BETWEEN ? AND ?", chat, first, last)
        self.add_removed((chat, cast("int", row[0])) for row in rows if row[0] not in page)

    def add_removed(self, rows: Iterable[tuple[int, int]]) -> None:
        """Remember messages, by chat and id, that are gone."""
        self._store.many("INSERT OR IGNORE INTO removed VALUES (?, ?)", rows)

    def removed(self, chat: int) -> list[int]:
        """Give the messages of a chat that are gone and were not fetched in this run."""
        sql = (
            "SELECT id FROM removed r WHERE chat = ? AND NOT EXISTS"
            " (SELECT 1 FROM message m WHERE m.chat = r.chat AND m.id = r.id) ORDER BY id"
        )
        return [cast("int", row[0]) for row in self._store.run(sql, chat)]

    def places(self, ids: Iterable[int]) -> list[tuple[int, int]]:
        """Find messages by their account-wide ids; gives chats, and the ids there. Unknown ones are left out."""
        found: list[tuple[SqlValue, ...]] = []
        for number in ids:
            found += self._store.run("SELECT chat, id + shift FROM place WHERE id = ?", number)
        return cast("list[tuple[int, int]]", found)

    def get(self, chat: int, number: int) -> Row | None:
        """Give a message that is pending."""
        return next(self.between(chat, number, number), None)

    def add_todo(self, rows: Iterable[tuple[int, int]]) -> None:
        """Have messages, by chat and id, asked for again."""
        self._store.many("INSERT OR IGNORE INTO todo VALUES (?, ?)", rows)

    def todo(self, chat: int, limit: int, *, after: int = _LOWEST) -> list[int]:
        """Give messages of a chat that are to be asked for, ascending, behind an id."""
        sql = "SELECT id FROM todo WHERE chat = ? AND id > ? ORDER BY id LIMIT ?"
        return [cast("int", row[0]) for row in self._store.run(sql, chat, after, limit)]

    def todo_chats(self) -> list[int]:
        """Give the chats of which messages are to be asked for."""
        return [cast("int", row[0]) for row in self._store.run("SELECT DISTINCT chat FROM todo ORDER BY chat")]

    def done_todo(self, chat: int, ids: Iterable[int]) -> None:
        """Forget what was asked for, and what was put off."""
        rows = [(chat, number) for number in ids]
        for table in ("todo", "put_off"):
            # Mostly there is nothing.
            if self._store.run(f"SELECT 1 FROM {table} WHERE chat = ? LIMIT 1", chat):  # noqa: S608  # names of ours
                self._store.many(f"DELETE FROM {table} WHERE chat = ? AND id = ?", rows)  # noqa: S608

    def put_off(self, chat: int, rows: Iterable[PutOff]) -> None:
        """Have messages asked for when the settings want them."""
        packed = [(chat, row.id, row.date, int(row.others)) for row in rows]
        if not packed:
            return
        self._store.many("INSERT OR REPLACE INTO put_off VALUES (?, ?, ?, ?)", packed)
        self._store.many("DELETE FROM todo WHERE chat = ? AND id = ?", (row[:2] for row in packed))

    def take_up(self, chat: int, *, since: int, until: int | None, own: bool) -> None:
        """Have those asked for again that were put off and are wanted now: sent at these times (the second one is not
        included), with `own` by the account itself.
        """
        sql = (
            "SELECT id FROM put_off WHERE chat = ? AND (NOT ? OR NOT others)"
            " AND (date IS NULL OR (date >= ? AND (? IS NULL OR date < ?)))"
        )
        ids = [cast("int", row[0]) for row in self._store.run(sql, chat, int(own), since, until, until)]
        if ids:
            with self._store.transaction():
                self.done_todo(chat, ids)
                self.add_todo((chat, number) for number in ids)

    def turns(self, chat: int) -> list[tuple[int, int, int, int]]:
        """Give the turns in which pending messages of a chat are told as they were, oldest first: turn, first and last
        id, bytes.
        """
        sql = "SELECT turn, min(id), max(id), sum(length(body)) FROM earlier WHERE chat = ? GROUP BY turn ORDER BY turn"
        return cast("list[tuple[int, int, int, int]]", self._store.run(sql, chat))

    def earlier(self, chat: int, turn: int) -> Iterator[Row]:
        """Give the messages of a turn, ascending."""
        sql = "SELECT id, body, refs FROM earlier WHERE chat = ? AND turn = ? ORDER BY id"
        return _rows(self._store.rows(sql, chat, turn))

    def pending(self, chat: int, ids: Collection[int]) -> list[Row]:
        """Give those of a page of messages that are pending."""
        sql = f"SELECT id, body, refs FROM message WHERE chat = ? AND id IN ({','.join('?' * len(ids))})"  # noqa: S608
        return list(_rows(self._store.run(sql, chat, *ids)))

    def _keep_earlier(self, chat: int, rows: Sequence[Row]) -> None:
        """Keep what is pending of messages that were edited since."""
        after = {row.id: row for row in rows}
        edited = [row for row in self.pending(chat, after.keys()) if _text(row) != _text(after[row.id])]
        for row in edited:
            sql = (
                "INSERT INTO earlier SELECT ?, 1 + coalesce(max(turn), 0), ?, ?, ? FROM earlier"
                " WHERE chat = ? AND id = ?"
            )
            self._store.run(sql, chat, row.id, row.body, _pack(row.refs) if row.refs else None, chat, row.id)


def _rows(found: Iterable[tuple[SqlValue, ...]]) -> Iterator[Row]:
    for number, body, refs in cast("Iterable[tuple[int, bytes, bytes | None]]", found):
        yield Row(number, body, _REFS.decode(refs) if refs is not None else ())


def _text(row: Row) -> tuple[str, bytes]:
    try:
        said = _SAID.decode(row.body)
    except msgspec.MsgspecError:
        return "", row.body
    return said.edited_unixtime, bytes(said.text)
