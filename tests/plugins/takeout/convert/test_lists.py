from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from telethon.tl.types import messages
from tests.plugins.takeout.convert.support import ANA, CHANNEL, T0, around, at, document

from tgvault_plugins.takeout.convert.documents import AccountDocument
from tgvault_plugins.takeout.convert.lists import (
    DialogFacts,
    DialogRows,
    described,
    dialog,
    emoji_sets,
    folders,
    sticker_sets,
)


def _told(made: AccountDocument) -> Any:
    return msgspec.json.decode(made.body)


def test_a_chat_in_the_list_tells_what_it_is() -> None:
    entity = types.Channel(
        1987654321, "News ✨", types.ChatPhoto(9, 2), at(T0), broadcast=True, forum=True, participants_count=3
    )
    full = types.ChatFull(5, "about it", types.ChatParticipantsForbidden(5), types.PeerNotifySettings())
    topic = types.ForumTopic(
        2, at(T0), CHANNEL, "T", 1, 9, 8, 7, 6, 5, 4, 3, ANA, types.PeerNotifySettings(), closed=True, icon_emoji_id=5
    )
    draft = types.DraftMessage("unsent", at(T0), entities=[types.MessageEntityBold(0, 2)])
    facts = DialogFacts(
        peer=CHANNEL,
        entity=entity,
        archived=True,
        folders=(2,),
        draft=draft,
    )
    row = described(dialog(facts, around().peers), full, [topic, types.ForumTopicDeleted(4)])

    assert list(msgspec.json.decode(row).items()) == list(
        {
            "id": 1987654321,
            "kind": "channel",
            "type": "public_channel",
            "title": "News ✨",
            "username": "news",
            "archived": True,
            "folders": [2],
            "about": "about it",
            "members": 3,
            "created_unixtime": str(T0),
            "photo_id": 9,
            "forum": True,
            "draft": {
                "text": "unsent",
                "entities": [{"_": "MessageEntityBold", "offset": 0, "length": 2}],
                "date_unixtime": str(T0),
            },
            "topics": [
                {
                    "id": 2,
                    "title": "T",
                    "icon_emoji_id": 5,
                    "icon_color": 1,
                    "created_unixtime": str(T0),
                    "from_id": "user100000001",
                    "closed": True,
                }
            ],
        }.items()
    )


def test_a_chat_of_which_little_is_known_has_its_id() -> None:
    facts = DialogFacts(peer=types.PeerUser(4), draft=types.DraftMessageEmpty())

    assert dialog(facts, around().peers) == b'{"id":4,"kind":"user"}'
    with pytest.raises(ValueError, match="user, a group or a channel"):
        dialog(DialogFacts(peer=None), around().peers)


def test_the_count_of_members_is_that_of_the_full_description() -> None:
    full = types.ChannelFull(
        1, "", 0, 0, 0, types.PhotoEmpty(1), types.PeerNotifySettings(), [], 0, participants_count=9, linked_chat_id=4
    )
    row = msgspec.json.decode(described(dialog(DialogFacts(peer=CHANNEL), around().peers), full, ()))

    assert (row["members"], row["linked_chat_id"]) == (9, 4)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_document_about_chats_is_a_list_of_their_rows(count: int) -> None:
    rows = DialogRows()
    for number in range(count):
        rows.add(b'{"id":%d}' % number)
    made = rows.document()

    assert (made.name, _told(made)) == ("dialogs", [{"id": number} for number in range(count)])


def test_folders_name_their_chats_by_id() -> None:
    title = types.TextWithEntities("Work", [])
    named = [
        types.InputPeerSelf(),
        types.InputPeerUser(7, 8),
        types.InputPeerChat(5),
        types.InputPeerChannel(6, 8),
        types.InputPeerEmpty(),
    ]
    shared = types.DialogFilterChatlist(3, title, [], [])
    made = folders(
        [types.DialogFilterDefault(), types.DialogFilter(2, title, [], named, [], bots=True, emoticon="💼"), shared],
        around(),
    )

    assert _told(made) == [
        {
            "id": 2,
            "title": "Work",
            "emoticon": "💼",
            "bots": True,
            "include_peers": ["user100000001", "user7", "chat5", "channel6", {"_": "InputPeerEmpty"}],
        },
        {"id": 3, "title": "Work", "shared": True},
    ]
    assert b"access_hash" not in made.body


def test_sets_of_stickers_name_their_stickers() -> None:
    found = types.StickerSet(5, 6, "Cats", "cats", 2, 0, installed_date=at(T0))
    packs = [types.StickerPack("🐈", [88]), types.StickerPack("😺", [88])]
    whole = messages.StickerSet(found, packs, [], [document(), document(number=89)])

    assert _told(sticker_sets([whole, found]))[0] == {
        "id": 5,
        "title": "Cats",
        "short_name": "cats",
        "count": 2,
        "installed_unixtime": str(T0),
        "stickers": [{"id": 88, "emoji": ["🐈", "😺"]}, {"id": 89}],
    }
    assert "stickers" not in _told(sticker_sets([found]))[0]
    assert emoji_sets([]).name == "emoji_sets"
