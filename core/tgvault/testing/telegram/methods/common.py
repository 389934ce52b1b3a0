"""What several methods need: finding a chat one may read, and answering with messages of it."""

from __future__ import annotations

from collections.abc import Sequence

from telethon.tl import types

from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.account.events import EventLog
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Encoded, Tl
from tgvault.testing.telegram.world import Invocation

__all__ = ["dialog_of", "find_talk", "messages_answer", "open_talk", "peer_of"]

#: https://core.telegram.org/api/offsets#hash-generation
_LONG = (1 << 64) - 1


def peer_of(asked: Invocation, peer: Tl) -> int:
    """Give the marked id of a peer that the client names, or refuse."""
    return asked.account.directory.resolve(peer, self_id=asked.user_id)


def find_talk(asked: Invocation, peer: Tl) -> Conversation:
    """Give the conversation with a peer; an empty one if nothing was ever said."""
    marked = peer_of(asked, peer)
    known = asked.account.conversations.get(marked)
    if known is not None:
        return known
    entity = asked.account.directory.chats.get(marked)
    channel = isinstance(entity, types.Channel | types.ChannelForbidden)
    tl_peer = types.PeerChannel(entity.id) if channel and entity else types.PeerUser(marked)
    return Conversation(marked, tl_peer, events=EventLog(1) if channel else None, listed=False)


def open_talk(asked: Invocation, peer: Tl) -> Conversation:
    """Give a conversation that the account may read.

    Raises:
        Refusal: CHANNEL_PRIVATE if it may not.
    """
    talk = find_talk(asked, peer)
    if talk.access is not Access.OPEN:
        raise Refusal("CHANNEL_PRIVATE")
    return talk


def messages_answer(
    asked: Invocation, talk: Conversation, ids: Sequence[int], *, count: int, known_hash: int = 0
) -> Tl:
    """Answer with messages, newest first as given; `count` is how many there are in all."""
    if known_hash and known_hash == _hash_of(ids):
        return types.messages.MessagesNotModified(count)
    messages = [talk.messages.encoded(each) for each in ids]
    users, chats = _entities(asked, talk, ids)
    if talk.events is not None:
        return types.messages.ChannelMessages(talk.events.pts, count, messages, [], chats, users)
    if len(ids) == count:
        return types.messages.Messages(messages, [], chats, users)
    return types.messages.MessagesSlice(count, messages, [], chats, users)


def _entities(asked: Invocation, talk: Conversation, ids: Sequence[int]) -> tuple[list[Tl], list[Tl]]:
    """Give the users and chats that messages speak of; where messages are made, these are written only once."""
    if talk.written_entities is not None:
        return talk.written_entities
    peers = {talk.peer}.union(*(talk.messages.peers(each) for each in ids))
    users, chats = asked.account.directory.entities(peers)
    if talk.messages.all_made:
        talk.written_entities = [Encoded(user._bytes()) for user in users], [Encoded(chat._bytes()) for chat in chats]
    return users, chats


def _hash_of(ids: Sequence[int]) -> int:
    total = 0
    for each in ids:
        total ^= total >> 21
        total = (total ^ total << 35) & _LONG
        total ^= total >> 4
        total = total + each & _LONG
    return total - (1 << 64) if total >> 63 else total


def dialog_of(talk: Conversation, *, top: int | None = None) -> types.Dialog:
    """Describe a conversation as the list of chats does."""
    newest = talk.top()
    return types.Dialog(
        peer=talk.tl_peer,
        top_message=newest if top is None else top,
        read_inbox_max_id=max(0, newest - talk.unread),
        read_outbox_max_id=newest,
        unread_count=talk.unread,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(),
        pinned=talk.pinned or None,
        pts=talk.events.pts if talk.events is not None else None,
        draft=talk.draft,
        folder_id=talk.folder_id or None,
    )
