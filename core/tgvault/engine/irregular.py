"""Chats whose messages have no ids, repeat them, or do not ascend: kept as they stand, and sorted to be merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import cast

from tgvault.archive.cuts import Cuts
from tgvault.archive.lists import BlobStore, Line, Ref, cut
from tgvault.engine.reading import Reader
from tgvault.engine.tasks import SpanDone
from tgvault.model.findings import Finding, FindingKind
from tgvault.model.records import Chat, Message
from tgvault.state.database import Database

__all__ = ["MAX_ROUNDS", "IrregularChat"]

#: Texts that are merged of one id at most; of a source that repeats an id more often, the last ones.
MAX_ROUNDS = 16


class IrregularChat:
    """Sorts the messages of one chat in the local database, so that memory does not grow with the chat.

    `number` tells the chats of a run apart.
    """

    def __init__(self, chat: Chat, number: int, *, database: Database, store: BlobStore, cuts: Cuts) -> None:
        self._chat = chat
        self._number = number
        self._database = database
        self._store = store
        self._cuts = cuts
        self._position = 0
        self.done = SpanDone()
        self.close()

    def take_lines(self, lines: Iterable[Line]) -> None:
        """Take messages that have been read already, in the source's order; the keys are ids."""
        self._put((cast("int", line.key), line.data[:-1]) for line in lines)

    def read(self, reader: Reader, items: Iterable[Message | Finding]) -> None:
        """Take further messages, in the source's order."""
        with reader.met(self.done) as met:
            self._put(
                (message.id, reader.line(self._chat, message, self.done, met) if message.media else message.body)
                for message in chain.from_iterable(reader.transformed(self._chat, items, self.done))
            )

    @property
    def has_ids(self) -> bool:
        """Whether every message has an id."""
        return not self._database.run("SELECT 1 FROM sorting WHERE chat = ? AND id IS NULL LIMIT 1", self._number)

    def in_order_of_source(self) -> list[Ref]:
        """Cut the messages as the source gave them; the keys are positions from 1."""
        rows = self._database.rows("SELECT position, data FROM sorting WHERE chat = ? ORDER BY position", self._number)
        return list(cut(_lines(rows), self._store, self._cuts))

    def rounds(self) -> Iterator[list[Ref]]:
        """Cut the messages by id: a round of the last word on each, and one more for each repetition before it."""
        counts = "SELECT coalesce(max(n), 0) FROM (SELECT count(*) n FROM sorting WHERE chat = ? GROUP BY id)"
        number = cast("int", self._database.run(counts, self._number)[0][0])
        if number > MAX_ROUNDS:
            detail = f"an id stands there {number} times: only an exact restore of this snapshot gives all its texts"
            self.done.findings.append(Finding(FindingKind.NOTE, f"chat {self._chat.title or self._chat.key}", detail))
        for before in range(min(number, MAX_ROUNDS)):
            yield list(cut(self._round(before), self._store, self._cuts))

    def close(self) -> None:
        """Take the messages out of the database again."""
        self._database.run("DELETE FROM sorting WHERE chat = ?", self._number)

    def _put(self, rows: Iterable[tuple[int | None, bytes]]) -> None:
        self._database.many("INSERT INTO sorting VALUES (?, ?, ?, ?)", self._numbered(rows))

    def _numbered(self, rows: Iterable[tuple[int | None, bytes]]) -> Iterator[tuple[int, int, int | None, bytes]]:
        for number, line in rows:
            self._position += 1
            yield self._number, self._position, number, line + b"\n"

    def _round(self, before: int) -> Iterator[Line]:
        """Give of each id the message that so many of the same id follow."""
        sql = "SELECT id, data FROM sorting WHERE chat = ? ORDER BY id, position DESC"
        last, place = None, 0
        for number, data in cast("Iterable[tuple[int, bytes]]", self._database.rows(sql, self._number)):
            place = place + 1 if number == last else 0
            last = number
            if place == before:
                yield Line(number, data)


def _lines(rows: Iterable[tuple[object, ...]]) -> Iterator[Line]:
    for key, data in cast("Iterable[tuple[int, bytes]]", rows):
        yield Line(key, data)
