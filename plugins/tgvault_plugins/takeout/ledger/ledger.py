"""The source's database as a whole: what belongs to no table, and what concerns all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import cast

from tgvault.api import SourceStore
from tgvault_plugins.takeout.ledger.chats import ChatTable
from tgvault_plugins.takeout.ledger.documents import DocumentTable
from tgvault_plugins.takeout.ledger.files import FileTable
from tgvault_plugins.takeout.ledger.listings import ListingTable
from tgvault_plugins.takeout.ledger.messages import MessageTable
from tgvault_plugins.takeout.ledger.schema import TABLES
from tgvault_plugins.takeout.ledger.values import PutOff

__all__ = ["BOT", "Ledger"]

#: The name of the fact up to which id a bot has asked for messages.
BOT = "bot"
#: The name of the fact how many messages are in a snapshot and kept for their files.
_WAITING = "waiting"


class Ledger:
    """What was fetched and is in no snapshot yet, and how far the fetching has come. Nothing is kept in memory."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store
        self.chats = ChatTable(store)
        self.listings = ListingTable(store)
        self.messages = MessageTable(store)
        self.documents = DocumentTable(store)
        self.files = FileTable(store)

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything inside happen, or nothing."""
        return self._store.transaction()

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

    @property
    def round(self) -> int:
        """The number of the round that is going on: it ends with a snapshot."""
        return self.number("round") or 1

    def has_pending(self) -> bool:
        """Tell whether anything is pending that was in no snapshot yet."""
        sql = "SELECT EXISTS (SELECT 1 FROM removed) OR EXISTS (SELECT 1 FROM document)"
        return bool(self._store.run(sql)[0][0]) or self._messages() > (self.number(_WAITING) or 0)

    def drop_waiting(self) -> None:
        """Forget the messages that are in a snapshot and kept for their files, unless others are pending too."""
        if self._messages() == self.number(_WAITING):
            self._store.run("DELETE FROM message")
            self.set_fact(_WAITING, None)

    def was_asked(self, chat: int, ids: Iterable[int], *, gone: Iterable[int], put_off: Sequence[PutOff] = ()) -> None:
        """Take note that messages of a chat were asked for by their ids; what there is of them is pending.

        Those that are put off are for a run that wants them, and what they speak of is, too.
        """
        asked = set(ids).difference(row.id for row in put_off)
        self.messages.done_todo(chat, asked)
        self.messages.add_removed((chat, each) for each in gone)
        for number in asked:
            self._forget_files(chat, number)
        self.messages.put_off(chat, put_off)
        for row in put_off:
            self.files.put_off(chat, row.id)

    def remove(self, rows: Iterable[tuple[int, int]]) -> None:
        """Take note that messages, by chat and id, are gone."""
        listed = list(rows)
        if not listed:
            return
        self.messages.add_removed(listed)
        for table in ("todo", "put_off"):
            self._store.many(f"DELETE FROM {table} WHERE chat = ? AND id = ?", listed)  # noqa: S608  # names of ours
        for chat, number in listed:
            self._forget_files(chat, number)

    def rewind_account_wide(self) -> None:
        """Have all messages whose ids are the account's own read from their beginning again."""
        self.chats.rewind_account_wide()
        self.set_fact(BOT, None)

    def _messages(self) -> int:
        """Count the messages that are pending, and those that are kept."""
        return cast("int", self._store.run("SELECT count(*) FROM message")[0][0])

    def _forget_files(self, chat: int, number: int) -> None:
        """Give up files of which a message does not speak any more, if they could not be had."""
        row = self.messages.get(chat, number)
        spoken_of = {ref.name for ref in row.refs} if row is not None else set()
        self.files.keep_origins(chat, number, {name for name in spoken_of if name is not None})

    def settle(self, snapshot: str) -> None:
        """Forget what is safe in a snapshot."""
        with self.transaction():
            # What was fetched and deleted in one run is told as a message first, and as gone by the next run.
            self._store.run(
                "DELETE FROM removed WHERE NOT EXISTS"
                " (SELECT 1 FROM message m WHERE m.chat = removed.chat AND m.id = removed.id)"
            )
            # What waits for its files is told again with them; Telegram may not have it any more by then.
            self._store.run(
                "DELETE FROM message WHERE (chat, id) NOT IN"
                " (SELECT o.chat, o.id FROM file f CROSS JOIN origin o ON o.file = f.name WHERE f.state = 0)"
            )
            self.set_fact(_WAITING, self._messages())
            for table in ("earlier", "covered", "document", "piece", "finding"):
                self._store.run(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            safe = "SELECT name FROM file WHERE state IN (1, 3, 5)"
            self._store.run(f"DELETE FROM part WHERE file IN ({safe})")  # noqa: S608  # a text of ours
            self._store.run(f"DELETE FROM origin WHERE file IN ({safe})")  # noqa: S608  # a text of ours
            self._store.run("DELETE FROM file WHERE state IN (1, 3, 5)")
            self._store.run("UPDATE chat SET failure = NULL")
            self.set_fact("snapshot", snapshot.encode())
            self.set_fact("round", self.round + 1)

    def start_over(self) -> None:
        """Forget everything but facts of the session: the archive does not have what was told to it."""
        with self.transaction():
            for table in TABLES:
                self._store.run(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            for name in ("snapshot", "state", _WAITING, BOT):
                self.set_fact(name, None)
