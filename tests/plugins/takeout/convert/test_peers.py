from __future__ import annotations

import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import ANA, BEN, CHANNEL, GROUP, T0, at, known_peers

from tgvault.api import ChatKind
from tgvault_plugins.takeout.convert.peers import Peers, bare_peer, peer_id_text, raw_peer_id

_NO_PHOTO = types.ChatPhotoEmpty()


def _channel(number: int, **fields: object) -> types.Channel:
    return types.Channel(number, "C", _NO_PHOTO, at(T0), **fields)


def test_a_name_is_first_and_last_or_a_title() -> None:
    peers = known_peers()

    assert [peers.name(each) for each in (ANA, BEN, GROUP, CHANNEL)] == ["Ana Kovač", "Ben 伊藤", "Climbers", "News ✨"]
    assert peers.first_name(ANA) == "Ana"


@pytest.mark.parametrize(("first", "last", "name"), [("", "Park", "Park"), ("Cleo", None, "Cleo"), (None, None, None)])
def test_half_a_name_is_a_name(first: str | None, last: str | None, name: str | None) -> None:
    peers = Peers()
    peers.learn([types.User(1, first_name=first, last_name=last)], [])

    assert peers.name(types.PeerUser(1)) == name


def test_deleted_and_unknown_ones_have_no_name() -> None:
    peers = known_peers()
    peers.learn([types.UserEmpty(77)], [types.ChatEmpty(78)])

    unnamed = (types.PeerUser(100000009), types.PeerUser(77), types.PeerChat(78), types.PeerUser(1), None)
    assert [peers.name(each) for each in unnamed] == [None] * 5


def test_ids_are_written_with_their_kind() -> None:
    peers = (types.PeerUser(1), types.PeerChat(2), types.PeerChannel(3), None)

    assert [peer_id_text(each) for each in peers] == ["user1", "chat2", "channel3", None]
    assert [raw_peer_id(each) for each in peers] == [1, (1 << 48) | 2, (2 << 48) | 3, 0]
    assert bare_peer(types.PeerChannel(3)) == (ChatKind.CHANNEL, 3)


@pytest.mark.parametrize(
    ("user", "sort"),
    [
        (types.User(1, is_self=True), "saved_messages"),
        (types.User(1271266957), "replies"),
        (types.User(489000), "verification_codes"),
        (types.User(1, bot=True), "bot_chat"),
        (types.User(1, bot_info_version=3), "bot_chat"),
        (types.User(1), "personal_chat"),
    ],
)
def test_a_chat_with_somebody_has_a_type(user: types.User, sort: str) -> None:
    peers = Peers()
    peers.learn([user], [])

    assert peers.chat_type(types.PeerUser(user.id)) == sort


@pytest.mark.parametrize(
    ("chat", "sort"),
    [
        (_channel(1, megagroup=True), "private_supergroup"),
        (_channel(1, megagroup=True, username="x"), "public_supergroup"),
        (_channel(1, megagroup=True, usernames=[types.Username("x", active=True)]), "public_supergroup"),
        (_channel(1, megagroup=True, usernames=[types.Username("x")]), "private_supergroup"),
        (_channel(1, broadcast=True), "private_channel"),
        (_channel(1, broadcast=True, username="x"), "public_channel"),
        (_channel(1, megagroup=True, monoforum=True), "personal_chat"),
        (types.ChannelForbidden(1, 5, "C", broadcast=True), "private_channel"),
        (types.ChannelForbidden(1, 5, "C", megagroup=True), "private_supergroup"),
        (types.Community(1, "C", _NO_PHOTO, None), "private_supergroup"),
        (types.CommunityForbidden(1, "C"), "private_supergroup"),
    ],
)
def test_a_channel_has_a_type(chat: object, sort: str) -> None:
    peers = Peers()
    peers.learn([], [chat])

    assert peers.chat_type(types.PeerChannel(1)) == sort


@pytest.mark.parametrize("chat", [types.ChatForbidden(2, "G"), types.Chat(2, "G", _NO_PHOTO, 3, None, 1)])
def test_a_basic_group_is_private(chat: object) -> None:
    peers = Peers()
    peers.learn([], [chat])

    assert (peers.chat_type(types.PeerChat(2)), peers.name(types.PeerChat(2))) == ("private_group", "G")


@pytest.mark.parametrize(("username", "sort"), [(None, "private_supergroup"), ("news", "public_supergroup")])
def test_direct_messages_that_are_ours_to_answer_are_a_group(username: str | None, sort: str) -> None:
    peers = Peers()
    owner = _channel(1, broadcast=True, creator=True, username=username, linked_monoforum_id=2)
    peers.learn([], [owner, _channel(2, megagroup=True, monoforum=True, linked_monoforum_id=1)])

    assert peers.chat_type(types.PeerChannel(2)) == sort


def test_nothing_is_said_of_unknown_ones() -> None:
    peers = Peers()

    assert [peers.chat_type(BEN), peers.username(BEN), peers.first_name(BEN), peers.input_peer(BEN)] == [None] * 4
    assert peers.input_peer(None) is None


def test_the_right_to_ask_is_kept() -> None:
    peers = known_peers()

    found = [peers.input_peer(each) for each in (BEN, GROUP, CHANNEL)]

    assert found == [
        types.InputPeerUser(7000000002, 2),
        types.InputPeerChat(55),
        types.InputPeerChannel(1987654321, 5),
    ]


def test_oneself_can_be_asked_about_without_a_right() -> None:
    peers = Peers()
    peers.learn([types.User(1, is_self=True), types.User(2)], [])

    assert peers.input_peer(types.PeerUser(1)) == types.InputPeerSelf()
    assert peers.input_peer(types.PeerUser(2)) is None


def test_a_short_description_takes_nothing_away() -> None:
    peers = known_peers()
    peers.learn([types.User(7000000002, min=True, first_name="B", access_hash=99)], [_channel(1987654321, min=True)])

    assert (peers.name(BEN), peers.input_peer(BEN)) == ("Ben 伊藤", types.InputPeerUser(7000000002, 2))
    assert peers.name(CHANNEL) == "News ✨"


def test_a_short_description_gives_a_name_and_no_right() -> None:
    peers = Peers()
    peers.learn([types.User(1, min=True, first_name="B", access_hash=99)], [])

    assert (peers.name(types.PeerUser(1)), peers.input_peer(types.PeerUser(1))) == ("B", None)


def test_those_met_longest_ago_are_forgotten_first() -> None:
    peers = Peers(limit=2)
    peers.learn([types.User(1, first_name="A"), types.User(2, first_name="B")], [])
    peers.name(types.PeerUser(1))
    peers.learn([types.User(3, first_name="C")], [])

    assert [peers.name(types.PeerUser(each)) for each in (1, 2, 3)] == ["A", None, "C"]
