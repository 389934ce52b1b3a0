"""Chats whose messages have no ids, repeat them, or do not ascend: kept as they stand, and sorted to be merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from tgvault.archive.cuts import Cuts
from tgvault.archive.lists import BlobStore, Line, Ref, cut
from tgvault.archive.segments import message_line
from tgvault.engine.reading import Reader
from tgvault.engine.tasks import SpanDone
from tgvault.model.findings import Finding
from tgvault.model.records import Chat, Message
from tgvault.state.database import Database

__all__ = ["IrregularChat"]


class IrregularChat:
    """Sorts the messages of one chat in the local database, so that memory does not grow with the chat."""

    def __init__(self, database: Database, store: BlobStore, cuts: Cuts) -> None:
        self._database = database
        self._store = store
        self._cuts = cuts
        self.done = SpanDone()

    def read(self, reader: Reader, chat: Chat, items: Iterable[Message | Finding]) -> None:
        """Take all messages of the chat, in the source's order."""
        self._database.run("DELETE FROM sorting")
        self._database.many("INSERT INTO sorting VALUES (?, ?, ?)", self._rows(reader, chat, items))

    @property
    def has_ids(self) -> bool:
        """Whether every message has an id."""
        return not self._database.run("SELECT 1 FROM sorting WHERE id IS NULL LIMIT 1")

    def in_order_of_source(self) -> list[Ref]:
        """Cut the messages as the source gave them; the keys are positions from 1."""
        rows = self._database.rows("SELECT position, data FROM sorting ORDER BY position")
        return list(cut(_lines(rows), self._store, self._cuts))

    def rounds(self) -> Iterator[list[Ref]]:
        """Cut the messages by id: a round of the last word on each, and one more for each repetition before it."""
        counts = self._database.run("SELECT coalesce(max(n), 0) FROM (SELECT count(*) n FROM sorting GROUP BY id)")
        for number in range(cast("int", counts[0][0])):
            rows = self._database.rows(_ROUND, number)
            yield list(cut(_lines(rows), self._store, self._cuts))

    def _rows(
        self, reader: Reader, chat: Chat, items: Iterable[Message | Finding]
    ) -> Iterator[tuple[int | None, int, bytes]]:
        for position, message in enumerate(reader.transformed(chat, items, self.done), start=1):
            media = reader.media(message.media, self.done, folder=chat.folder) if message.media else {}
            yield message.id, position, message_line(position, message.body, media).data


_ROUND = """SELECT id, data FROM (
                SELECT id, data, row_number() OVER (PARTITION BY id ORDER BY position DESC) - 1 AS round FROM sorting)
            WHERE round = ? ORDER BY id"""


def _lines(rows: Iterable[tuple[object, ...]]) -> Iterator[Line]:
    for key, data in cast("Iterable[tuple[int, bytes]]", rows):
        yield Line(key, data)
