"""How Telegram is asked for messages: by pages of a history, by a search for one's own, by ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from telethon.tl.functions.channels import GetMessagesRequest as GetChannelMessagesRequest
from telethon.tl.functions.messages import GetHistoryRequest, GetMessagesRequest, SearchRequest
from telethon.tl.types import (
    InputChannel,
    InputMessageID,
    InputMessagesFilterEmpty,
    InputPeerChannel,
    InputPeerChat,
    InputPeerSelf,
    InputPeerUser,
    PeerChannel,
    PeerChat,
    PeerUser,
)

from tgvault_plugins.takeout.ledger.values import Peer

__all__ = ["PAGE", "input_peer", "last_before", "page_behind", "tl_peer", "with_ids"]

#: Messages in a page; Telegram gives no more.
PAGE = 100


def tl_peer(peer: Peer) -> Any:
    """Give a peer as messages name it."""
    return {"user": PeerUser, "chat": PeerChat, "channel": PeerChannel}[peer.kind](peer.id)


def input_peer(peer: Peer) -> Any:
    """Give a peer as requests name it."""
    if peer.kind == "chat":
        return InputPeerChat(peer.id)
    made = InputPeerUser if peer.kind == "user" else InputPeerChannel
    return made(peer.id, peer.access_hash)


def page_behind(peer: Peer, last: int, *, own: bool, limit: int = PAGE, up_to: int | None = None) -> Any:
    """Ask for the page of messages behind that id; of all, or of one's own. `up_to` is the last id that it may have."""
    place = {"offset_id": last + 1, "add_offset": -limit, "limit": limit}
    if up_to is not None:
        place |= {"min_id": last, "max_id": up_to + 1}
    return _history(peer, own, before=None, **place)


def last_before(peer: Peer, time: datetime | None, *, own: bool) -> Any:
    """Ask for the last message before a time, or for the newest one, and how many there are in all."""
    return _history(peer, own, before=time, offset_id=0, add_offset=0, limit=1)


def with_ids(peer: Peer, ids: Sequence[int]) -> Any:
    """Ask for messages by their ids."""
    wanted = [InputMessageID(each) for each in ids]
    if peer.kind == "channel":
        return GetChannelMessagesRequest(InputChannel(peer.id, peer.access_hash), wanted)
    return GetMessagesRequest(wanted)


def _history(peer: Peer, own: bool, *, before: datetime | None, **place: int) -> Any:
    place = {"max_id": 0, "min_id": 0, "hash": 0, **place}
    if not own:
        return GetHistoryRequest(peer=input_peer(peer), offset_date=before, **place)
    return SearchRequest(
        peer=input_peer(peer),
        q="",
        filter=InputMessagesFilterEmpty(),
        min_date=None,
        max_date=before,
        from_id=InputPeerSelf(),
        **place,
    )
