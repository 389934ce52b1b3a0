"""Accounts for benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from telethon import TelegramClient, utils
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import with_login
from tgvault.testing.telegram.large import files_account, large_account
from tgvault.testing.telegram.large.template import MARKS, Template, Values


@pytest.fixture
def large(telegram_trust: None) -> Iterator[LoopbackServer]:
    with LoopbackServer(large_account(1_000_003, chats=4)) as server:
        yield server


def page(peer: Any, offset_id: int = 0) -> Any:
    return functions.messages.GetHistoryRequest(peer, offset_id, None, 0, 100, 0, 0, 0)


def test_it_has_as_many_messages_as_asked_for() -> None:
    account = large_account(1_000_003, chats=4)

    talks = account.conversations.values()
    assert sum(len(talk.messages) for talk in talks) == 1_000_003
    private = [message_id for talk in talks if not talk.is_channel for message_id in (talk.messages.ids[0], talk.top())]
    assert len(set(private)) == len(private)


def test_its_pages_and_files_are_served(large: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> list[Any]:
        messages = []
        for talk in large.account.conversations.values():
            users, chats = large.account.directory.entities({talk.peer})
            answer = await client(page(utils.get_input_peer((*users, *chats)[0])))
            assert list(reversed(answer.messages)) == [talk.messages.get(each) for each in talk.messages.ids[-100:]]
            assert answer.count == len(talk.messages)
            messages += answer.messages
        media = [each for each in messages if each.photo or (each.document and each.document.size < 100_000)]
        for message in media[:3]:
            kind, letter = ("photo", "y") if message.photo else ("document", "")
            content = large.account.shelf.content(kind, (message.photo or message.document).id, letter)
            assert content is not None
            assert await client.download_media(message, bytes) == content.read()
        return messages

    messages = with_login(large, do)

    assert len({each.message for each in messages if each.message}) > 350
    dates = [each.date for each in messages[:100]]
    assert dates == sorted(dates, reverse=True)


def test_it_can_change_like_any_other(large: LoopbackServer) -> None:
    account = large.account
    talk = account.named("Group 1")
    assert talk.events is not None
    pts, top = talk.events.pts, talk.top()
    new = account.say(talk, "One more")
    account.edit(talk, 7, message="Changed")
    account.delete(talk, 5)
    channel = utils.get_input_channel(account.directory.chats[talk.peer])

    told = with_login(
        large,
        lambda client: client(
            functions.updates.GetChannelDifferenceRequest(channel, types.ChannelMessagesFilterEmpty(), pts, 100)
        ),
    )

    assert (new.id, talk.messages.get(7).message, 5 in talk.messages) == (top + 1, "Changed", False)
    assert [each.message for each in told.new_messages] == ["One more"]
    assert told.pts == pts + 3


def test_messages_of_a_kind_are_counted_without_looking_at_all(large: LoopbackServer) -> None:
    talk = large.account.named("Group 1")
    peer = utils.get_input_peer(large.account.directory.chats[talk.peer])
    filters = [types.InputMessagesFilterPhotos(), types.InputMessagesFilterPinned()]

    counted = with_login(large, lambda client: client(functions.messages.GetSearchCountersRequest(peer, filters)))

    photos = sum(each % 64 in (7, 17, 27, 37, 47, 57) for each in range(len(talk.messages)))
    assert [each.count for each in counted] == [photos, 0]


def test_nothing_is_found_among_files_that_there_are_not() -> None:
    shelf = large_account(1000, chats=2).shelf

    assert shelf.content("photo", 99 << 40 | 5, "y") is None
    assert shelf.content("photo", 1 << 40 | 1, "y") is None


def test_an_account_of_files_has_them_in_two_data_centres() -> None:
    account = files_account(4, 5_000_000)

    media = [each.media.document for each in account.named("Person 0").messages]
    assert [each.dc_id for each in media] == [2, 4, 2, 4]
    content = account.shelf.content("document", media[0].id)
    assert content is not None
    assert len(content.read(4_900_000, 200_000)) == 100_000
    assert content.read(100, 200_000) == content.read()[100:200_100]
    assert content.read(6_000_000, 10) == b""


def test_a_template_is_filled_wherever_it_is_marked() -> None:
    header = types.MessageReplyHeader(reply_to_msg_id=MARKS.reply_id)
    model = types.Message(MARKS.message_id, types.PeerUser(5), None, str(MARKS.number), reply_to=header)

    message = BinaryReader(Template(model).fill(Values(7, 0, reply_id=6, number=12))).tgread_object()

    assert (message.id, message.reply_to.reply_to_msg_id, message.message) == (7, 6, "0000000012")
    assert not Template(model).has_file
