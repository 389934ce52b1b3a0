from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import types

from tgvault_plugins.takeout.dialogs import Listed
from tgvault_plugins.takeout.folders import folders_of

SELF = 1


def listed(entity: Any, peer: Any, **more: Any) -> Listed:
    return Listed(peer=peer, entity=entity, top=1, **more)


BEN = listed(types.User(5, contact=True), types.PeerUser(5))
BOT = listed(types.User(6, bot=True), types.PeerUser(6))
GROUP = listed(types.Chat(7, "G", None, 2, None, 1), types.PeerChat(7))
NEWS = listed(types.Channel(8, "N", None, None, broadcast=True), types.PeerChannel(8))
SAVED = listed(types.User(SELF, is_self=True), types.PeerUser(SELF))
ALL = (BEN, BOT, GROUP, NEWS, SAVED)


def a_folder(title: Any = "Work", **more: Any) -> types.DialogFilter:
    peers: dict[str, Any] = {"pinned_peers": [], "include_peers": [], "exclude_peers": []}
    return types.DialogFilter(id=2, title=title, **{**peers, **more})


def shown(folder: Any) -> list[Listed]:
    return [each for each in ALL if folders_of(each, [folder], self_id=SELF)]


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        (a_folder(contacts=True), [BEN]),
        (a_folder(bots=True), [BOT]),
        (a_folder(groups=True), [GROUP]),
        (a_folder(broadcasts=True), [NEWS]),
        (a_folder(non_contacts=True), [SAVED]),
        (a_folder(groups=True, exclude_peers=[types.InputPeerChat(7)]), []),
        (a_folder(include_peers=[types.InputPeerUser(5, 0)], pinned_peers=[types.InputPeerChannel(8, 0)]), [BEN, NEWS]),
        (a_folder(include_peers=[types.InputPeerSelf()]), [SAVED]),
        (types.DialogFilterDefault(), []),
    ],
)
def test_a_folder_shows_what_it_names_and_the_kinds_it_names(folder: Any, found: list[Listed]) -> None:
    assert shown(folder) == found


def test_an_archived_chat_is_not_shown_where_the_folder_says_so() -> None:
    archived = listed(GROUP.entity, GROUP.peer, archived=True)

    assert folders_of(archived, [a_folder(groups=True, exclude_archived=True)], self_id=SELF) == ()


def test_a_title_with_custom_emoji_is_its_text() -> None:
    title = types.TextWithEntities("Work 🧗", [])

    assert folders_of(BEN, [a_folder(title, contacts=True)], self_id=SELF) == ("Work 🧗",)
