"""The chats of the demo account: one of each kind."""

from __future__ import annotations

from datetime import UTC, datetime

from telethon.tl import types

from tgvault.testing.telegram.account.conversation import Access
from tgvault.testing.telegram.demo.scene import Scene
from tgvault.testing.telegram.tl import Tl

__all__ = ["GROUP_ID_OF_CLUB", "add_chats"]

_FOUNDED = datetime(2022, 1, 1, 12, 0, tzinfo=UTC)
#: The basic group that became the supergroup `Club`.
GROUP_ID_OF_CLUB = 5002


def add_chats(scene: Scene) -> None:
    """Add conversations, in the list of chats and out of it."""
    _private(scene)
    _groups(scene)
    _supergroups(scene)
    _channels(scene)
    _closed(scene)


def _private(scene: Scene) -> None:
    for name in ("me", "ann", "boris", "clara", "eve", "gone", "helper", "shop", "telegram", "replies", "codes"):
        scene.talks[name] = scene.account.talk(scene.users[name])
    scene.talks["me"].pinned = scene.talks["ann"].pinned = True
    scene.talks["eve"].folder_id = 1
    scene.talks["boris"].unread = 2
    scene.talks["clara"].draft = types.DraftMessage("Dear Clara,", _FOUNDED, entities=[types.MessageEntityBold(5, 5)])


def _groups(scene: Scene) -> None:
    members = tuple(scene.users[name].id for name in ("me", "ann", "boris", "gone"))
    lunch = types.Chat(5001, "Lunch", types.ChatPhotoEmpty(), len(members), _FOUNDED, version=3, creator=True)
    scene.chats["lunch"] = scene.account.chat(lunch)
    scene.talks["lunch"] = scene.account.talk(lunch, members=members)
    club = types.Chat(
        GROUP_ID_OF_CLUB,
        "Club",
        types.ChatPhotoEmpty(),
        0,
        _FOUNDED,
        version=9,
        deactivated=True,
        migrated_to=types.InputChannel(6001, 0),
    )
    scene.chats["old club"] = scene.account.chat(club)
    # Not in the list: what is left of it is the supergroup.
    scene.talks["old club"] = scene.account.talk(club, members=members, listed=False)
    scene.chats["shut"] = scene.account.chat(types.ChatForbidden(5003, "Shut"))


def _channel(scene: Scene, name: str, channel_id: int, title: str, **more: Tl) -> Tl:
    access, talk = more.pop("access", Access.OPEN), more.pop("talk", {})
    photo = types.ChatPhotoEmpty()
    scene.chats[name] = scene.account.chat(types.Channel(channel_id, title, photo, _FOUNDED, **more))
    scene.talks[name] = scene.account.talk(scene.chats[name], access=access, **talk)
    return scene.chats[name]


def _supergroups(scene: Scene) -> None:
    members = tuple(scene.users[name].id for name in ("me", "ann", "boris", "clara", "dmitri"))
    full = {"migrated_from_chat_id": GROUP_ID_OF_CLUB, "migrated_from_max_id": 0, "about": "Was a group once"}
    club = _channel(scene, "club", 6001, "Club", megagroup=True, talk={"full": full, "members": members})
    scene.chats["old club"].migrated_to.access_hash = club.access_hash
    _channel(scene, "birds", 6002, "Birds 🐦", megagroup=True, username="birds", talk={"members": members, "unread": 7})
    _channel(scene, "project", 6003, "Project", megagroup=True, forum=True, talk={"members": members})
    _channel(scene, "daily chat", 6004, "City Daily Chat", megagroup=True, talk={"members": members})
    _channel(scene, "neighbours", 6005, "Noisy Neighbours", megagroup=True, talk={"folder_id": 1, "pinned": True})


def _channels(scene: Scene) -> None:
    _channel(scene, "family", 6101, "Family News", broadcast=True, creator=True, signatures=True)
    talk = {"full": {"linked_chat_id": 6004, "about": "All the news of the city"}}
    _channel(scene, "daily", 6102, "City Daily", broadcast=True, username="city_daily", noforwards=True, talk=talk)
    scene.talks["daily chat"].full["linked_chat_id"] = 6102
    _channel(scene, "daily direct", 6103, "City Daily", megagroup=True, monoforum=True, linked_monoforum_id=6102)
    scene.chats["daily"].linked_monoforum_id = 6103


def _closed(scene: Scene) -> None:
    """Chats that cannot be read, or not any more."""
    left = {"left": True, "access": Access.OWN_ONLY, "talk": {"listed": False}}
    _channel(scene, "left group", 6201, "Left Behind", megagroup=True, username="left_behind", **left)
    _channel(scene, "left channel", 6202, "Left Channel", broadcast=True, **left)
    _channel(scene, "dark", 6203, "Went Dark", megagroup=True, access=Access.OWN_ONLY)
    banished = scene.account.chat(types.ChannelForbidden(6204, 0, "Banished", megagroup=True))
    scene.chats["banished"] = banished
    scene.talks["banished"] = scene.account.talk(banished, access=Access.CLOSED)
