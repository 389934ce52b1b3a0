from __future__ import annotations

import json

import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import ANA, BEN, CHANNEL, GROUP, known_peers

from tgvault.api import Chat, ChatKey, ChatKind
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.peers import Peers


def test_a_chat_with_somebody_has_their_first_name() -> None:
    assert chat_record(known_peers(), BEN) == Chat(
        key=ChatKey("user:7000000002"),
        kind=ChatKind.USER,
        id=7000000002,
        type="personal_chat",
        title="Ben",
        username=None,
        opening=b'{"name":"Ben","type":"personal_chat","id":7000000002,"messages":[',
        closing=b"]}",
        folder="chats/user_7000000002/",
    )


def test_groups_and_channels_have_their_titles() -> None:
    group, channel = (chat_record(known_peers(), each) for each in (GROUP, CHANNEL))

    assert (group.key, group.title, group.type, group.folder) == (
        "chat:55",
        "Climbers",
        "private_group",
        "chats/chat_55/",
    )
    assert (channel.key, channel.username) == ("channel:1987654321", "news")
    assert channel.opening == '{"name":"News ✨","type":"public_channel","id":1987654321,"messages":['.encode()


@pytest.mark.parametrize("number", [100000001, 1271266957, 489000])
def test_chats_of_their_own_types_have_no_name(number: int) -> None:
    peers = known_peers()
    peers.learn([types.User(1271266957, first_name="Replies"), types.User(489000, first_name="Codes")], [])
    found = chat_record(peers, types.PeerUser(number))

    assert found.title is None
    assert list(json.loads(found.opening + found.closing)) == ["type", "id", "messages"]


def test_a_deleted_account_has_a_name_that_is_null() -> None:
    found = chat_record(known_peers(), types.PeerUser(100000009))

    assert found.opening.startswith(b'{"name":null,"type":"personal_chat",')


def test_of_an_unknown_one_only_the_id_is_told() -> None:
    found = chat_record(Peers(), ANA)

    assert (found.type, found.title) == (None, None)
    assert found.opening == b'{"name":null,"type":null,"id":100000001,"messages":['


def test_what_is_no_peer_is_no_chat() -> None:
    with pytest.raises(ValueError, match="a chat is with a user"):
        chat_record(Peers(), None)
