"""`messages.*` and `channels.*` that give messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telethon import utils
from telethon.tl import functions, types

from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.account.kinds import test_of
from tgvault.testing.telegram.account.messages import peers_of
from tgvault.testing.telegram.methods.common import find_talk, messages_answer, open_talk, peer_of
from tgvault.testing.telegram.methods.paging import page
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Encoded, Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []


def _answer_page(asked: Invocation, talk: Conversation, ids: Sequence[int]) -> Tl:
    within = None if talk.is_channel else asked.range
    chosen, count = page(ids, asked.request, lambda each: talk.messages.get(each).date, within=within)
    return messages_answer(asked, talk, chosen, count=count, known_hash=asked.request.hash)


@answers(functions.messages.GetHistoryRequest)
def get_history(asked: Invocation) -> Tl:
    """Give a page of a chat."""
    talk = open_talk(asked, asked.request.peer)
    return _answer_page(asked, talk, talk.messages.ids)


@answers(functions.messages.SearchRequest)
def search(asked: Invocation) -> Tl:
    """Give a page of what a search finds; of chats that are closed only one's own messages."""
    request = asked.request
    talk = find_talk(asked, request.peer)
    # In private chats Telegram takes no account of whose messages are wanted.
    sender = None if request.from_id is None or talk.peer > 0 else peer_of(asked, request.from_id)
    if talk.access is Access.CLOSED or (talk.access is Access.OWN_ONLY and sender != asked.account.self_id):
        raise Refusal("CHANNEL_PRIVATE")
    return _answer_page(asked, talk, _found(asked, talk, sender))


def _found(asked: Invocation, talk: Conversation, sender: int | None) -> Sequence[int]:
    request = asked.request
    ids = talk.messages.matching(test_of(request.filter))
    tests: list[Callable[[Tl], bool]] = []
    if sender is not None:
        tests.append(lambda message: _sender(message, asked) == sender)
    if request.q:
        tests.append(lambda message: request.q.casefold() in (getattr(message, "message", None) or "").casefold())
    if request.top_msg_id is not None:
        tests.append(lambda message: _topic(message) == request.top_msg_id)
    # Telethon reads the date 0, which means none, as 1970.
    if request.min_date is not None and request.min_date.timestamp() > 0:
        tests.append(lambda message: message.date > request.min_date)
    if request.max_date is not None and request.max_date.timestamp() > 0:
        tests.append(lambda message: message.date < request.max_date)
    if not tests:
        return ids
    return [each for each in ids if all(test(talk.messages.get(each)) for test in tests)]


def _sender(message: Tl, asked: Invocation) -> int:
    if message.out:
        return asked.account.self_id
    return int(utils.get_peer_id(message.from_id or message.peer_id))


def _topic(message: Tl) -> int | None:
    """Tell the topic of a message: https://core.telegram.org/api/forum ."""
    reply = message.reply_to
    if not isinstance(reply, types.MessageReplyHeader):
        return None
    top: int | None = reply.reply_to_top_id or reply.reply_to_msg_id
    return top


@answers(functions.messages.GetSearchCountersRequest)
def get_search_counters(asked: Invocation) -> list[Tl]:
    """Count the messages of several kinds."""
    talk = open_talk(asked, asked.request.peer)
    counts = ((each, len(talk.messages.matching(test_of(each)))) for each in asked.request.filters)
    return [types.messages.SearchCounter(each, count) for each, count in counts]


@answers(functions.messages.GetRepliesRequest)
def get_replies(asked: Invocation) -> Tl:
    """Give a page of a topic, or of the comments to a post, which are in the group that the channel has for them."""
    talk = open_talk(asked, asked.request.peer)
    top = asked.request.msg_id
    linked = talk.full.get("linked_chat_id")
    entity = asked.account.directory.chats.get(talk.peer)
    if getattr(entity, "broadcast", False) and linked is not None:
        talk = asked.account.conversations[utils.get_peer_id(types.PeerChannel(linked))]
        top = next((each.id for each in talk.messages if _post_of(each) == asked.request.msg_id), -1)
    ids = [each.id for each in talk.messages if _topic(each) == top]
    return _answer_page(asked, talk, ids)


def _post_of(message: Tl) -> int | None:
    """Tell which post of a channel a message of its group carries."""
    header = getattr(message, "fwd_from", None)
    post: int | None = header.channel_post if header is not None and header.saved_from_peer is not None else None
    return post


@answers(functions.messages.GetDiscussionMessageRequest)
def get_discussion_message(asked: Invocation) -> Tl:
    """Tell where the comments to a post are."""
    talk = open_talk(asked, asked.request.peer)
    linked = talk.full.get("linked_chat_id")
    if linked is None:
        raise Refusal("MSG_ID_INVALID")
    group = asked.account.conversations[utils.get_peer_id(types.PeerChannel(linked))]
    found = [each.id for each in group.messages if _post_of(each) == asked.request.msg_id]
    if not found:
        raise Refusal("MSG_ID_INVALID")
    users, chats = asked.account.directory.entities({talk.peer, group.peer})
    messages = [group.messages.encoded(each) for each in found]
    return types.messages.DiscussionMessage(messages, 0, chats, users, max_id=group.top())


@answers(functions.messages.GetMessagesRequest, bots=True)
def get_messages(asked: Invocation) -> Tl:
    """Give messages of private chats and basic groups by their ids; an empty one for each that is not there."""
    talks = {each: asked.account.find(each) for each in _ids(asked.request.id)}
    messages: list[Encoded] = []
    peers: set[int] = set()
    for message_id, talk in talks.items():
        messages.append(_one(talk, message_id))
        if talk is not None:
            peers |= talk.messages.peers(message_id)
    users, chats = asked.account.directory.entities(peers)
    return types.messages.Messages(messages, [], chats, users)


def _one(talk: Conversation | None, message_id: int) -> Encoded:
    if talk is None or message_id not in talk.messages:
        return Encoded(types.MessageEmpty(message_id, peer_id=None)._bytes())
    return talk.messages.encoded(message_id)


def _ids(inputs: list[Tl]) -> list[int]:
    return [each.id for each in inputs if isinstance(each, types.InputMessageID)]


@answers(functions.channels.GetMessagesRequest, bots=True)
def get_channel_messages(asked: Invocation) -> Tl:
    """Give messages of a channel by their ids; an empty one for each that is not there."""
    talk = open_talk(asked, asked.request.channel)
    assert talk.events is not None
    ids = _ids(asked.request.id)
    peers = {talk.peer}.union(*(talk.messages.peers(each) for each in ids if each in talk.messages))
    users, chats = asked.account.directory.entities(peers)
    return types.messages.ChannelMessages(
        talk.events.pts, len(ids), [_one(talk, each) for each in ids], [], chats, users
    )


@answers(functions.messages.GetMessageReactionsListRequest)
def get_reactions(asked: Invocation) -> types.messages.MessageReactionsList:
    """Tell who reacted to a message, a page at a time."""
    request = asked.request
    talk = open_talk(asked, request.peer)
    all_of_them = talk.reactions.get(request.id, [])
    if request.reaction is not None:
        all_of_them = [each for each in all_of_them if each.reaction == request.reaction]
    start = int(request.offset or 0)
    given = all_of_them[start : start + min(request.limit, 100)]
    following = start + len(given)
    users, chats = asked.account.directory.entities(peers_of(given))
    next_offset = str(following) if following < len(all_of_them) else None
    return types.messages.MessageReactionsList(len(all_of_them), given, chats, users, next_offset=next_offset)
