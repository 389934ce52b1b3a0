"""A chat of the account: its messages, and what the list of chats says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from telethon.tl import types

from tgvault.testing.telegram.account.events import EventLog
from tgvault.testing.telegram.account.messages import Messages
from tgvault.testing.telegram.tl import Tl

__all__ = ["Access", "Conversation"]


class Access(StrEnum):
    """What the account may read of a chat."""

    OPEN = "open"
    #: Everything answers CHANNEL_PRIVATE, except a search for one's own messages.
    OWN_ONLY = "own only"
    #: Everything answers CHANNEL_PRIVATE.
    CLOSED = "closed"


@dataclass(slots=True, eq=False)
class Conversation:
    """A chat. Those with `events` are channels and supergroups: they count their own messages and changes."""

    #: As `telethon.utils.get_peer_id` gives it.
    peer: int
    tl_peer: Tl
    messages: Messages = field(default_factory=Messages)
    events: EventLog | None = None
    access: Access = Access.OPEN
    #: In the list of chats.
    listed: bool = True
    pinned: bool = False
    folder_id: int = 0
    unread: int = 0
    draft: Tl | None = None
    #: Ids of the users in it, as far as the account sees them.
    members: tuple[int, ...] = ()
    topics: list[types.ForumTopic] = field(default_factory=list)
    #: Who reacted to what, by message: the whole list, of which a message shows some.
    reactions: dict[int, list[types.MessagePeerReaction]] = field(default_factory=dict)
    #: Fields of `ChatFull` or `ChannelFull` that are not as usual.
    full: dict[str, Tl] = field(default_factory=dict)

    #: Users and chats of every page, where the messages are made; see `Messages.all_made`.
    written_entities: tuple[list[Tl], list[Tl]] | None = None

    @property
    def is_channel(self) -> bool:
        """Whether its messages have ids of its own."""
        return self.events is not None

    def top(self) -> int:
        """Give the id of the last message; 0 if there is none."""
        ids = self.messages.ids
        return ids[-1] if ids else 0
