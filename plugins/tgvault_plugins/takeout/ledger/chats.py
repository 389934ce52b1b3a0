"""The account's chats, and how far each was read."""

from __future__ import annotations

from typing import cast

import msgspec

from tgvault.api import SourceStore
from tgvault_plugins.takeout.ledger.values import FORMER, OWN, ChatRow, Cursor, Peer

__all__ = ["ChatTable"]

_pack = msgspec.msgpack.Encoder().encode
_CHAT = msgspec.msgpack.Decoder(ChatRow)

_REWIND = "UPDATE cursor SET seen = max(seen, last), last = -1"


class ChatTable:
    """The chats, by numbers of the ledger's own."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def put(self, row: ChatRow, *, position: int, round_: int) -> int:
        """Remember a chat and where it stands in the list; gives its number. Known pts stay as they are."""
        self._store.run(
            "INSERT INTO chat (key, peer, position, seen, record, pts) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET position = excluded.position, seen = excluded.seen,"
            " record = excluded.record, pts = coalesce(chat.pts, excluded.pts)",
            row.chat.key,
            f"{row.peer.kind}:{row.peer.id}",
            position,
            round_,
            _pack(row),
            row.pts,
        )
        return self.number(row.chat.key) or 0

    def replace(self, number: int, row: ChatRow) -> None:
        """Remember what was learned of a chat since it was listed."""
        self._store.run("UPDATE chat SET record = ? WHERE number = ?", _pack(row), number)

    def number(self, key: str) -> int | None:
        """Give the number of a chat that is known."""
        rows = self._store.run("SELECT number FROM chat WHERE key = ?", key)
        return cast("int", rows[0][0]) if rows else None

    def with_peer(self, peer: Peer) -> int | None:
        """Give the number of the chat with a peer, whatever it is to the archive."""
        rows = self._store.run("SELECT number FROM chat WHERE peer = ?", f"{peer.kind}:{peer.id}")
        return cast("int", rows[0][0]) if rows else None

    def get(self, number: int) -> ChatRow:
        """Give a chat."""
        return _CHAT.decode(cast("bytes", self._store.run("SELECT record FROM chat WHERE number = ?", number)[0][0]))

    def told(self, round_: int) -> list[int]:
        """Give the chats that a round has met, and those of which anything is pending, in their order."""
        sql = (
            "SELECT number FROM chat WHERE seen = ? OR EXISTS (SELECT 1 FROM message WHERE chat = number)"
            " OR EXISTS (SELECT 1 FROM removed WHERE chat = number) ORDER BY position"
        )
        return [cast("int", row[0]) for row in self._store.run(sql, round_)]

    def pts(self, number: int) -> int | None:
        """Give the state of updates up to which changes of a channel are known."""
        return cast("int | None", self._store.run("SELECT pts FROM chat WHERE number = ?", number)[0][0])

    def set_pts(self, number: int, pts: int | None) -> None:
        """Remember it."""
        self._store.run("UPDATE chat SET pts = ? WHERE number = ?", pts, number)

    def set_failure(self, number: int, failure: str | None) -> None:
        """Remember why a chat could not be read to its end in this run."""
        if self._store.run("SELECT 1 FROM chat WHERE number = ? AND failure IS NOT ?", number, failure):
            self._store.run("UPDATE chat SET failure = ? WHERE number = ?", failure, number)

    def failures(self) -> list[tuple[int, str]]:
        """Give the chats that could not be read to their end."""
        rows = self._store.run("SELECT number, failure FROM chat WHERE failure IS NOT NULL ORDER BY position")
        return cast("list[tuple[int, str]]", rows)

    def cursor(self, chat: int, part: int) -> Cursor | None:
        """Tell how far a part of a chat was read; None if it was not begun."""
        rows = self._store.run("SELECT last, seen, own, since FROM cursor WHERE chat = ? AND part = ?", chat, part)
        if not rows:
            return None
        last, seen, own, since = cast("tuple[int, int, int, int]", rows[0])
        return Cursor(last, seen, bool(own), since)

    def set_cursor(self, chat: int, part: int, cursor: Cursor) -> None:
        """Remember how far a part was read."""
        values = (chat, part, cursor.last, cursor.seen, int(cursor.own), cursor.since)
        self._store.run("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?, ?)", *values)

    def rewind_account_wide(self) -> None:
        """Have all private chats and basic groups read from their beginning again, those too that are part of another
        chat by now.
        """
        others = "SELECT number FROM chat WHERE peer LIKE 'channel:%'"
        self._store.run(f"{_REWIND} WHERE part = ? OR chat NOT IN ({others})", FORMER)

    def rewind(self, chat: int) -> None:
        """Have a chat read from its beginning again, without the group that it once was."""
        self._store.run(f"{_REWIND} WHERE chat = ? AND part = ?", chat, OWN)
