"""Pages of messages, and searches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from telethon import errors, utils
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.account.conversation import Conversation

Ask = Callable[..., Any]
ME = types.InputPeerSelf()


def talk_of(server: LoopbackServer, title: str) -> Conversation:
    return server.account.named(title)


def peer_of(server: LoopbackServer, title: str) -> Any:
    peer = talk_of(server, title).peer
    entity = server.account.directory.users.get(peer) or server.account.directory.chats[peer]
    return utils.get_input_peer(entity, allow_self=False)


def history(peer: Any, offset_id: int = 0, add_offset: int = 0, limit: int = 100, **more: Any) -> Any:
    fields = {"offset_date": None, "max_id": 0, "min_id": 0, "hash": 0, **more}
    return functions.messages.GetHistoryRequest(peer, offset_id, add_offset=add_offset, limit=limit, **fields)


def search(peer: Any, kind: Any = None, **more: Any) -> Any:
    fields = {"q": "", "offset_id": 0, "add_offset": 0, "limit": 100, "max_id": 0, "min_id": 0, "hash": 0}
    fields |= {"min_date": None, "max_date": None, **more}
    return functions.messages.SearchRequest(peer, filter=kind or types.InputMessagesFilterEmpty(), **fields)


def ids(answer: Any) -> list[int]:
    return [message.id for message in answer.messages]


@pytest.mark.parametrize("title", ["Ada", "Ann", "Boris 🦉", "Clara", "Shop", "Helper", "Lunch", "Club", "City Daily"])
def test_messages_come_as_the_account_has_them(telegram: LoopbackServer, ask: Ask, title: str) -> None:
    answer = ask(history(peer_of(telegram, title)))

    assert list(reversed(answer.messages)) == list(talk_of(telegram, title).messages)
    peers = {utils.get_peer_id(each) for each in (*answer.users, *answer.chats)}
    named = {utils.get_peer_id(each.from_id) for each in answer.messages if each.from_id}
    assert named <= peers


def test_pages_go_backwards(telegram: LoopbackServer, ask: Ask) -> None:
    birds, peer = list(talk_of(telegram, "Birds 🐦").messages.ids)[::-1], peer_of(telegram, "Birds 🐦")

    first, second = ask(history(peer, limit=10), history(peer, birds[9], limit=10))

    assert (ids(first), ids(second)) == (birds[:10], birds[10:20])
    assert first.count == len(birds)


def test_pages_go_forwards_as_telegram_desktop_asks_for_them(telegram: LoopbackServer, ask: Ask) -> None:
    birds, peer = list(talk_of(telegram, "Birds 🐦").messages.ids), peer_of(telegram, "Birds 🐦")

    first, second, last = (ask(history(peer, start, -20, 20)) for start in (1, birds[19] + 1, birds[-1] + 1))

    assert ids(first) == birds[:20][::-1]
    assert ids(second) == birds[20:40][::-1]
    assert ids(last) == []


def test_a_page_keeps_to_its_limits(telegram: LoopbackServer, ask: Ask) -> None:
    birds, peer = talk_of(telegram, "Birds 🐦").messages, peer_of(telegram, "Birds 🐦")
    middle = birds.get(birds.ids[20]).date

    by_id = ask(history(peer, min_id=birds.ids[4], max_id=birds.ids[9]))
    by_date = ask(history(peer, offset_date=middle, limit=1))

    assert ids(by_id) == list(birds.ids[5:9])[::-1]
    assert ids(by_date) == [birds.ids[19]]


def test_a_page_that_is_known_is_not_told_again(telegram: LoopbackServer, ask: Ask) -> None:
    known = 0
    for each in reversed(talk_of(telegram, "Lunch").messages.ids):
        known ^= known >> 21
        known = (known ^ known << 35) & (1 << 64) - 1
        known ^= known >> 4
        known = known + each & (1 << 64) - 1

    answer = ask(history(peer_of(telegram, "Lunch"), hash=known - (1 << 64) if known >> 63 else known))

    assert isinstance(answer, types.messages.MessagesNotModified)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (types.InputMessagesFilterPhotos, 8),
        (types.InputMessagesFilterVideo, 5),
        (types.InputMessagesFilterPhotoVideo, 13),
        (types.InputMessagesFilterRoundVideo, 1),
        (types.InputMessagesFilterVoice, 1),
        (types.InputMessagesFilterRoundVoice, 2),
        (types.InputMessagesFilterDocument, 8),
        (types.InputMessagesFilterMusic, 2),
        (types.InputMessagesFilterGif, 1),
        (types.InputMessagesFilterUrl, 1),
        (types.InputMessagesFilterGeo, 4),
        (types.InputMessagesFilterContacts, 2),
        (types.InputMessagesFilterPoll, 2),
    ],
)
def test_searches_find_what_is_of_a_kind(telegram: LoopbackServer, ask: Ask, kind: Any, count: int) -> None:
    peer = peer_of(telegram, "Ann")

    found, (counted,) = ask(search(peer, kind()), functions.messages.GetSearchCountersRequest(peer, [kind()]))

    assert len(found.messages) == counted.count == count


def test_searches_find_texts_senders_dates_and_topics(telegram: LoopbackServer, ask: Ask) -> None:
    birds, project = peer_of(telegram, "Birds 🐦"), talk_of(telegram, "Project")
    middle = talk_of(telegram, "Birds 🐦").messages.get(20).date
    topic = project.topics[1].id

    text, mine, late, early, in_topic = ask(
        search(birds, q="OWL"),
        search(birds, from_id=ME),
        search(birds, min_date=middle, limit=100),
        search(birds, max_date=middle + timedelta(seconds=1)),
        search(peer_of(telegram, "Project"), top_msg_id=topic),
    )

    assert [each.message for each in text.messages] == ["An owl at night", "I saw an owl"]
    assert all(each.out for each in mine.messages)
    assert min(ids(late)) == 21
    assert max(ids(early)) == 20
    assert [each.message for each in in_topic.messages if each.message] == ["Answer in Plans", "First of Plans"]


def test_a_search_in_a_private_chat_finds_messages_of_both_whosever_are_wanted(
    telegram: LoopbackServer, ask: Ask
) -> None:
    found = ask(search(peer_of(telegram, "Ann"), from_id=ME))

    assert {bool(each.out) for each in found.messages} == {True, False}


@pytest.mark.parametrize("title", ["Left Behind", "Went Dark"])
def test_of_a_closed_chat_only_own_messages_are_found(telegram: LoopbackServer, ask: Ask, title: str) -> None:
    peer = peer_of(telegram, title)

    found = ask(search(peer, from_id=ME))

    assert {each.message for each in found.messages} == {"Mine, still to be found", "Mine, with a picture"}
    with pytest.raises(errors.ChannelPrivateError):
        ask(history(peer))
    with pytest.raises(errors.ChannelPrivateError):
        ask(search(peer))


def test_of_a_forbidden_chat_nothing_is_found(telegram: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(errors.ChannelPrivateError):
        ask(search(peer_of(telegram, "Banished"), from_id=ME))


def test_messages_come_by_their_ids(telegram: LoopbackServer, ask: Ask) -> None:
    lunch, birds = talk_of(telegram, "Lunch").messages, talk_of(telegram, "Birds 🐦").messages
    wanted = [types.InputMessageID(each) for each in (lunch.ids[0], 999_999)]
    channel = utils.get_input_channel(peer_of(telegram, "Birds 🐦"))

    plain, posts = ask(
        functions.messages.GetMessagesRequest(wanted),
        functions.channels.GetMessagesRequest(channel, [types.InputMessageID(2), types.InputMessageID(11)]),
    )

    assert [type(each).__name__ for each in plain.messages] == ["MessageService", "MessageEmpty"]
    assert plain.messages[0] == lunch.get(lunch.ids[0])
    assert posts.messages[0] == birds.get(2)
    assert isinstance(posts.messages[1], types.MessageEmpty)


def test_comments_and_topics_come_as_replies(telegram: LoopbackServer, ask: Ask) -> None:
    daily, project = peer_of(telegram, "City Daily"), peer_of(telegram, "Project")
    topic = talk_of(telegram, "Project").topics[1].id
    page = {"offset_id": 0, "offset_date": None, "add_offset": 0, "limit": 100, "max_id": 0, "min_id": 0, "hash": 0}

    comments, in_topic, carried = ask(
        functions.messages.GetRepliesRequest(daily, 2, **page),
        functions.messages.GetRepliesRequest(project, topic, **page),
        functions.messages.GetDiscussionMessageRequest(daily, 2),
    )

    assert [each.message for each in comments.messages] == ["Indeed", "What a headline"]
    assert len(in_topic.messages) == 3
    assert carried.messages[0].message == "Headline number 2"


def test_there_is_no_discussion_where_there_are_no_comments(telegram: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(errors.MsgIdInvalidError):
        ask(functions.messages.GetDiscussionMessageRequest(peer_of(telegram, "Family News"), 2))
    with pytest.raises(errors.MsgIdInvalidError):
        ask(functions.messages.GetDiscussionMessageRequest(peer_of(telegram, "City Daily"), 99))


def test_all_reactions_come_a_page_at_a_time(telegram: LoopbackServer, ask: Ask) -> None:
    peer = peer_of(telegram, "Birds 🐦")
    heart = types.ReactionEmoji("❤")

    first, hearts = ask(
        functions.messages.GetMessageReactionsListRequest(peer, 2, limit=3),
        functions.messages.GetMessageReactionsListRequest(peer, 2, limit=100, reaction=heart),
    )
    rest = ask(functions.messages.GetMessageReactionsListRequest(peer, 2, limit=3, offset=first.next_offset))

    assert (first.count, len(first.reactions), len(rest.reactions), rest.next_offset) == (5, 3, 2, None)
    assert {each.reaction.emoticon for each in hearts.reactions} == {"❤"}


def test_who_names_a_chat_wrongly_is_refused(telegram: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(errors.PeerIdInvalidError):
        ask(history(types.InputPeerUser(1002, 7)))
    with pytest.raises(errors.ChannelInvalidError):
        ask(history(types.InputPeerChannel(6002, 7)))
    with pytest.raises(errors.ChatIdInvalidError):
        ask(history(types.InputPeerChat(999)))
    with pytest.raises(errors.PeerIdInvalidError):
        ask(history(types.InputPeerEmpty()))


def test_a_peer_may_be_named_by_a_message(telegram: LoopbackServer, ask: Ask) -> None:
    seen = types.InputPeerUserFromMessage(peer_of(telegram, "Birds 🐦"), 2, 1002)
    channel = types.InputPeerChannelFromMessage(peer_of(telegram, "Ada"), 1, 6102)

    by_user, by_channel = ask(history(seen, limit=1), history(channel, limit=1))

    assert len(by_user.messages) == len(by_channel.messages) == 1


def test_a_chat_in_which_nothing_was_said_is_empty(telegram: LoopbackServer, ask: Ask) -> None:
    dmitri = utils.get_input_peer(telegram.account.directory.users[1005])

    assert ask(history(dmitri)).messages == []


def everywhere(kind: Any = None, **more: Any) -> Any:
    fields = {"q": "", "min_date": None, "max_date": None, "offset_rate": 0, "offset_id": 0, "limit": 100, **more}
    fields.setdefault("offset_peer", types.InputPeerEmpty())
    return functions.messages.SearchGlobalRequest(filter=kind or types.InputMessagesFilterEmpty(), **fields)


def test_a_search_everywhere_gives_the_newest_of_all_chats(telegram: LoopbackServer, ask: Ask) -> None:
    photos, users, groups, posts, owls, archived = ask(
        everywhere(types.InputMessagesFilterPhotos(), limit=5),
        everywhere(users_only=True),
        everywhere(groups_only=True),
        everywhere(broadcasts_only=True),
        everywhere(q="sighting number 17"),
        everywhere(folder_id=1),
    )

    dates = [each.date for each in photos.messages]
    assert (len(dates), dates) == (5, sorted(dates, reverse=True))
    assert photos.count > 5
    assert all(isinstance(each.peer_id, types.PeerUser) for each in users.messages)
    assert {utils.get_peer_id(each.peer_id) for each in groups.messages}.isdisjoint({1002, -1000000006102})
    assert {each.peer_id.channel_id for each in posts.messages} == {6101, 6102}
    assert [each.message for each in owls.messages] == ["Sighting number 17"]
    assert {each.message for each in archived.messages} == {"Quiet, please!", "Archived, and nobody looks"}
    with pytest.raises(errors.OffsetPeerIdInvalidError):
        ask(everywhere(offset_id=5))
