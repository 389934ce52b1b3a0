"""Which messages somebody wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tgvault.model.records import ChatKey

__all__ = ["EVERYTHING", "Selection", "message_time"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Chats by key (all where none is named), messages by id, and a range of time: `since` included, `until` not.

    Times are aware. A message whose date is unknown is in no range.
    """

    chats: frozenset[ChatKey] = frozenset()
    messages: frozenset[int] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def takes_all_messages(self) -> bool:
        """Whether every message of the chosen chats is wanted."""
        return not self.messages and self.since is None and self.until is None

    def takes_chat(self, key: ChatKey) -> bool:
        """Tell whether the chat is wanted."""
        return not self.chats or key in self.chats

    def takes(self, number: int | None, body: bytes) -> bool:
        """Tell whether a message of a chosen chat is wanted."""
        if self.messages and number not in self.messages:
            return False
        if self.since is None and self.until is None:
            return True
        time = message_time(body)
        if time is None:
            return False
        after = self.since is None or self.since.timestamp() <= time
        return after and (self.until is None or time < self.until.timestamp())


#: Takes every message of every chat.
EVERYTHING = Selection()


class _Dates(msgspec.Struct):
    date: str | None = None
    date_unixtime: str | int | None = None


_DATES = msgspec.json.Decoder(_Dates)


def message_time(body: bytes) -> float | None:
    """Give a message's time in seconds since 1970; None where the body tells none.

    Exports before 3.7.6 have local time without a zone; it is taken for UTC.
    """
    try:
        dates = _DATES.decode(body)
        if dates.date_unixtime is not None:
            return float(int(dates.date_unixtime))
        if dates.date is not None:
            return datetime.fromisoformat(dates.date + "+00:00").timestamp()
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return None
    return None
