"""The record of a chat: its name in the archive, and what an export writes before and after its messages."""

from __future__ import annotations

from typing import Any

from tgvault.api import Chat, ChatKind, chat_key
from tgvault_plugins.takeout.convert.peers import Peers, bare_peer
from tgvault_plugins.takeout.convert.values import Fields, encoded

__all__ = ["chat_record"]

_PERSONAL = "personal_chat"

#: Chats that an export gives no name to.
_NAMELESS = frozenset({"saved_messages", "replies", "verification_codes"})


def chat_record(peers: Peers, peer: Any) -> Chat:
    """Give the chat with a peer, as Telegram Desktop writes it: of a person the first name only.

    Raises:
        ValueError: it is no peer.
    """
    found = bare_peer(peer)
    if found is None:
        raise ValueError("a chat is with a user, a group or a channel")
    kind, number = found
    sort = peers.chat_type(peer)
    if sort == _PERSONAL:
        # The direct messages of a channel are a channel to Telegram and a personal chat to an export, where nothing
        # tells it from others; both are to be one chat of the archive.
        kind = ChatKind.USER
    title = None if sort in _NAMELESS else peers.first_name(peer)
    head: Fields = {} if sort in _NAMELESS else {"name": title}
    opening = encoded(head | {"type": sort, "id": number})[:-1] + b',"messages":['
    return Chat(
        key=chat_key(kind, number),
        kind=kind,
        id=number,
        type=sort,
        title=title,
        username=peers.username(peer),
        opening=opening,
        closing=b"]}",
        folder=f"chats/{kind}_{number}/",
    )
