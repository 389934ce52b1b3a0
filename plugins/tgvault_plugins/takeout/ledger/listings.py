"""The chats of a list while it is gone through: a list is longer than what should be in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from tgvault.api import SourceStore
from tgvault_plugins.takeout.ledger.values import ListedRow

__all__ = ["ListingTable"]

_pack = msgspec.msgpack.Encoder().encode
_ROW = msgspec.msgpack.Decoder(ListedRow)

#: Chats that are in memory at once.
PAGE = 500


class ListingTable:
    """Chats in the order in which they were listed."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def clear(self) -> None:
        """Forget all."""
        if self._store.run("SELECT 1 FROM listed LIMIT 1"):
            self._store.run("DELETE FROM listed")

    def add(self, rows: Iterable[ListedRow]) -> None:
        """Add chats at the end."""
        self._store.many("INSERT INTO listed (moved, record) VALUES (?, ?)", ((row.moved, _pack(row)) for row in rows))

    def pages(self, *, moved: bool) -> Iterator[list[ListedRow]]:
        """Give the chats some hundreds at a time: the groups that became supergroups, or all others.

        What is added meanwhile is given too.
        """
        last = 0
        sql = "SELECT position, record FROM listed WHERE moved = ? AND position > ? ORDER BY position LIMIT ?"
        while rows := self._store.run(sql, moved, last, PAGE):
            yield [_ROW.decode(cast("bytes", record)) for _, record in rows]
            last = cast("int", rows[-1][0])
