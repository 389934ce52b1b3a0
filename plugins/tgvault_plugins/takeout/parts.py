"""A part of a chat as Telegram is asked for it: its own messages, or those of the basic group that it once was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tgvault_plugins.takeout.asking import tl_peer
from tgvault_plugins.takeout.ledger.values import FORMER, Peer, PutOff

__all__ = ["ChatPart"]

#: What is taken from the ids of a former basic group's messages, as Telegram Desktop does it.
SHIFT = -1_000_000_000


@dataclass(frozen=True, slots=True)
class ChatPart:
    """What is read: a part of a chat; with `own` only what the account itself wrote."""

    number: int
    part: int
    peer: Peer
    own: bool

    @property
    def shift(self) -> int:
        """What is added to ids in the chat."""
        return SHIFT if self.part == FORMER else 0

    @property
    def account_wide(self) -> bool:
        """Whether the ids are numbers of the account, not of the chat."""
        return self.peer.kind != "channel"

    def has(self, message: Any) -> bool:
        """Tell whether a message is of the chat; where it names none, it is."""
        found = getattr(message, "peer_id", None)
        return found is None or found == tl_peer(self.peer)

    def is_foreign(self, message: Any) -> bool:
        """Tell whether others wrote what a page has, though one's own were asked for: in private chats that is so."""
        return self.own and self.peer.kind == "user" and not message.out

    def is_of_others(self, message: Any) -> bool:
        """Tell whether others wrote a message that was asked for by its id; in basic groups that is not looked at."""
        return self.peer.kind != "chat" and not message.out

    def put_off(self, message: Any) -> PutOff:
        """Describe a message that is not wanted now."""
        date = int(message.date.timestamp()) if message.date is not None else None
        return PutOff(int(message.id) + self.shift, date, self.is_of_others(message))
