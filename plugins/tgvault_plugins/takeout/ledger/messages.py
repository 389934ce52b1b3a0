"""Messages that were fetched, and those that are to be asked for again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from tgvault.api import SourceStore, SqlValue
from tgvault_plugins.takeout.ledger.values import Ref, Row

__all__ = ["MessageTable"]

_pack = msgspec.msgpack.Encoder().encode
_REFS = msgspec.msgpack.Decoder(tuple[Ref, ...])


class MessageTable:
    """Pending messages by chat and id, what was seen completely, and what is gone."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def add(self, chat: int, rows: Iterable[Row], *, account_wide: bool, shift: int = 0) -> None:
        """Keep messages, in place of what is pending of them.

        `account_wide` says that ids are the account's own, `shift` what was added to them.
        """
        listed = list(rows)
        packed = ((chat, row.id, row.body, _pack(row.refs) if row.refs else None) for row in listed)
        self._store.many("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?)", packed)
        if account_wide:
            places = ((row.id - shift, chat, shift) for row in listed)
            self._store.many("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", places)
        self._store.many("DELETE FROM todo WHERE chat = ? AND id = ?", ((chat, row.id) for row in listed))

    def sizes(self, chat: int) -> Iterator[tuple[int, int]]:
        """Give id and size in bytes of the pending messages of a chat, ascending."""
        sql = "SELECT id, length(body) FROM message WHERE chat = ? ORDER BY id"
        return cast("Iterator[tuple[int, int]]", self._store.rows(sql, chat))

    def between(self, chat: int, first: int, last: int) -> Iterator[Row]:
        """Give pending messages, ascending."""
        sql = "SELECT id, body, refs FROM message WHERE chat = ? AND id BETWEEN ? AND ? ORDER BY id"
        for number, body, refs in cast(
            "Iterator[tuple[int, bytes, bytes | None]]", self._store.rows(sql, chat, first, last)
        ):
            yield Row(number, body, _REFS.decode(refs) if refs is not None else ())

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

    def todo(self, chat: int, limit: int) -> list[int]:
        """Give messages of a chat that are to be asked for."""
        sql = "SELECT id FROM todo WHERE chat = ? ORDER BY id LIMIT ?"
        return [cast("int", row[0]) for row in self._store.run(sql, chat, limit)]

    def todo_chats(self) -> list[int]:
        """Give the chats of which messages are to be asked for."""
        return [cast("int", row[0]) for row in self._store.run("SELECT DISTINCT chat FROM todo ORDER BY chat")]

    def done_todo(self, chat: int, ids: Iterable[int]) -> None:
        """Forget what was asked for."""
        self._store.many("DELETE FROM todo WHERE chat = ? AND id = ?", ((chat, number) for number in ids))
