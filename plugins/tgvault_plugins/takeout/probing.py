"""Finding out what a history does not tell by itself: what it hides, and whether a message is there after all."""

from __future__ import annotations

from telethon.tl.functions.channels import GetFullChannelRequest
from telethon.tl.types import InputChannel, MessageEmpty

from tgvault_plugins.takeout.asking import with_ids
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.ledger.values import Peer

__all__ = ["hidden_up_to", "is_there"]


async def hidden_up_to(caller: Caller, peers: Peers, channel: Peer) -> int:
    """Give the highest id that a channel hides from the account; 0 where it hides none.

    That is what was sent before one joined, or had one's history cleared; it is not gone.

    Raises:
        telethon.errors.RPCError: Telegram does not tell it.
    """
    answer = await caller(GetFullChannelRequest(InputChannel(channel.id, channel.access_hash)))
    peers.learn(answer.users, answer.chats)
    return answer.full_chat.available_min_id or 0


async def is_there(caller: Caller, peer: Peer, number: int) -> bool:
    """Tell whether Telegram gives a message by its id."""
    answer = await caller(with_ids(peer, [number]))
    return any(each.id == number and not isinstance(each, MessageEmpty) for each in answer.messages)
