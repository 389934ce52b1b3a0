"""`channels.*`, `messages.getFullChat` and topics."""

from __future__ import annotations

from telethon.tl import functions, types

from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.methods.common import find_talk, open_talk, peer_of
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []


@answers(functions.channels.GetLeftChannelsRequest)
def get_left_channels(asked: Invocation) -> Tl:
    """Give the channels and supergroups that the account has left, a hundred at a time."""
    asked.need_takeout()
    left = [chat for chat in asked.account.directory.chats.values() if getattr(chat, "left", False)]
    given = left[asked.request.offset : asked.request.offset + 100]
    if len(given) == len(left):
        return types.messages.Chats(given)
    return types.messages.ChatsSlice(len(left), given)


@answers(functions.channels.GetChannelsRequest, bots=True)
def get_channels(asked: Invocation) -> types.messages.Chats:
    """Tell of channels."""
    return types.messages.Chats([asked.account.directory.chats[peer_of(asked, each)] for each in asked.request.id])


@answers(functions.messages.GetChatsRequest, bots=True)
def get_chats(asked: Invocation) -> types.messages.Chats:
    """Tell of basic groups."""
    peers = [-each for each in asked.request.id]
    if any(peer not in asked.account.directory.chats for peer in peers):
        raise Refusal("CHAT_ID_INVALID")
    return types.messages.Chats([asked.account.directory.chats[peer] for peer in peers])


@answers(functions.messages.GetFullChatRequest, bots=True)
def get_full_chat(asked: Invocation) -> types.messages.ChatFull:
    """Tell all of a basic group."""
    talk = find_talk(asked, types.InputPeerChat(asked.request.chat_id))
    chat_id = asked.request.chat_id
    users = [user for user in (asked.account.directory.users.get(each) for each in talk.members) if user]
    members = types.ChatParticipants(
        chat_id, [types.ChatParticipant(user.id, asked.account.self_id, asked.account.now) for user in users], 1
    )
    fields = {"about": "", "participants": members, "notify_settings": types.PeerNotifySettings(), **talk.full}
    chats = [asked.account.directory.chats[talk.peer]]
    return types.messages.ChatFull(types.ChatFull(chat_id, **fields), chats, users)


@answers(functions.channels.GetFullChannelRequest, bots=True)
def get_full_channel(asked: Invocation) -> types.messages.ChatFull:
    """Tell all of a channel or supergroup."""
    talk = open_talk(asked, asked.request.channel)
    assert talk.events is not None
    fields = {
        "about": "",
        "read_inbox_max_id": talk.top(),
        "read_outbox_max_id": talk.top(),
        "unread_count": talk.unread,
        "chat_photo": types.PhotoEmpty(0),
        "notify_settings": types.PeerNotifySettings(),
        "bot_info": [],
        "folder_id": talk.folder_id or None,
        **talk.full,
    }
    full = types.ChannelFull(talk.tl_peer.channel_id, pts=talk.events.pts, **fields)
    linked = {talk.peer, *_linked(full)}
    users, chats = asked.account.directory.entities(linked)
    return types.messages.ChatFull(full, chats, users)


def _linked(full: Tl) -> set[int]:
    peers = set()
    if full.linked_chat_id is not None:
        peers.add(-1_000_000_000_000 - full.linked_chat_id)
    if full.migrated_from_chat_id is not None:
        peers.add(-full.migrated_from_chat_id)
    return peers


@answers(functions.channels.GetParticipantsRequest, functions.channels.GetParticipantRequest, bots=True)
def get_participants(asked: Invocation) -> Tl:
    """Tell who is in a channel; of broadcast channels that is for administrators."""
    talk = open_talk(asked, asked.request.channel)
    entity = asked.account.directory.chats[talk.peer]
    if getattr(entity, "broadcast", False) and not entity.admin_rights and not entity.creator:
        raise Refusal("CHAT_ADMIN_REQUIRED")
    if isinstance(asked.request, functions.channels.GetParticipantRequest):
        return _participant(asked, talk)
    members = sorted({*talk.members, asked.account.self_id})
    users, _ = asked.account.directory.entities(members)
    start = asked.request.offset
    given = users[start : start + min(asked.request.limit, 200)]
    listed = [types.ChannelParticipant(user.id, asked.account.now) for user in given]
    return types.channels.ChannelParticipants(len(users), listed, [], given)


def _participant(asked: Invocation, talk: Conversation) -> types.channels.ChannelParticipant:
    user_id = peer_of(asked, asked.request.participant)
    if user_id not in {*talk.members, asked.account.self_id}:
        raise Refusal("USER_NOT_PARTICIPANT")
    users, chats = asked.account.directory.entities({user_id, talk.peer})
    return types.channels.ChannelParticipant(types.ChannelParticipant(user_id, asked.account.now), chats, users)


@answers(functions.messages.GetForumTopicsRequest, functions.messages.GetForumTopicsByIDRequest)
def get_topics(asked: Invocation) -> types.messages.ForumTopics:
    """Give topics of a forum, the latest first."""
    talk = open_talk(asked, asked.request.peer)
    if not getattr(asked.account.directory.chats.get(talk.peer), "forum", False) or talk.events is None:
        raise Refusal("CHANNEL_FORUM_MISSING")
    ordered = sorted(talk.topics, key=lambda topic: topic.top_message, reverse=True)
    given = _chosen(asked.request, ordered)
    messages = [talk.messages.encoded(each.top_message) for each in given if each.top_message in talk.messages]
    users, chats = asked.account.directory.entities(
        {talk.peer}.union(*(talk.messages.peers(each.top_message) for each in given))
    )
    return types.messages.ForumTopics(len(ordered), given, messages, chats, users, talk.events.pts)


def _chosen(request: Tl, topics: list[types.ForumTopic]) -> list[types.ForumTopic]:
    if isinstance(request, functions.messages.GetForumTopicsByIDRequest):
        found = {topic.id: topic for topic in topics}
        return [found[each] for each in request.topics if each in found]
    if request.q:
        topics = [topic for topic in topics if request.q.casefold() in topic.title.casefold()]
    if request.offset_topic:
        topics = topics[[topic.id for topic in topics].index(request.offset_topic) + 1 :]
    elif request.offset_id:
        topics = [topic for topic in topics if topic.top_message < request.offset_id]
    return topics[: max(0, min(request.limit, 100))]
