"""Accounts for tests of the takeout source: small ones, and one with every kind of chat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from account_support import ada
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Access, Conversation

__all__ = [
    "BEN",
    "OLD_CLUB",
    "a_channel",
    "a_document",
    "a_group",
    "a_photo",
    "a_story",
    "every_kind",
    "talk_with_ben",
]

#: User id of the other one.
BEN = 11
#: The basic group that became the supergroup 6001.
OLD_CLUB = 5002

_FOUNDED = datetime(2022, 1, 1, 12, 0, tzinfo=UTC)


def talk_with_ben(account: Account, count: int = 0) -> Conversation:
    """A private chat with that many messages, the first one from Ben, the next one from Ada, and so on."""
    ben = account.directory.users.get(BEN) or account.user(BEN, "Ben", "Example", username="ben", contact=True)
    talk = account.conversations.get(BEN) or account.talk(ben)
    for number in range(count):
        account.say(talk, f"hello {number}", sender=None if number % 2 else ben)
    return talk


def a_group(account: Account, number: int, title: str, **more: Any) -> Conversation:
    """A basic group; `listed` and the like belong to the conversation."""
    talk = {name: more.pop(name) for name in ("listed", "folder_id", "pinned", "full") if name in more}
    chat = types.Chat(number, title, types.ChatPhotoEmpty(), 3, _FOUNDED, version=1, **more)
    return account.talk(account.chat(chat), members=(account.self_id,), **talk)


def a_channel(
    account: Account, number: int, title: str, *, access: Access = Access.OPEN, count: int = 0, **more: Any
) -> Conversation:
    """A supergroup, or with `broadcast` a channel, with that many messages."""
    talk = {name: more.pop(name) for name in ("listed", "folder_id", "pinned", "full", "topics") if name in more}
    kind = {} if more.get("broadcast") else {"megagroup": True}
    chat = account.chat(types.Channel(number, title, types.ChatPhotoEmpty(), _FOUNDED, **{**kind, **more}))
    made = account.talk(chat, access=access, **talk)
    for each in range(count):
        account.say(made, f"{title} {each}")
    return made


def a_photo(account: Account, number: int, *, size: int = 3_000, dc: int = 2, **more: Any) -> types.MessageMediaPhoto:
    photo = account.shelf.photo(file_id=number, dc=dc, date=account.now, letters="my", size=size, **more)
    return types.MessageMediaPhoto(photo=photo)


def a_document(
    account: Account,
    number: int,
    *attributes: Any,
    size: int = 2_000,
    dc: int = 2,
    mime: str = "application/octet-stream",
    thumb: int | None = None,
    **more: Any,
) -> types.MessageMediaDocument:
    told = attributes or (types.DocumentAttributeFilename(f"{number}.bin"),)
    document = account.shelf.document(mime, size, *told, file_id=number, dc=dc, date=account.now, thumb=thumb)
    return types.MessageMediaDocument(document=document, **more)


def a_story(account: Account, number: int, media: Any) -> types.StoryItem:
    """A story of one's own, in the archive."""
    story = types.StoryItem(number, account.now, account.now, media=media, pinned=True, caption=f"story {number}")
    account.has.stories.setdefault(account.self_id, []).insert(0, story)
    return story


def every_kind() -> Account:
    """An account with a chat of every kind, of a few messages each."""
    account = ada()
    talk_with_ben(account, 3)
    me = account.talk(account.me, pinned=True)
    account.say(me, "a note to myself")
    for number, name, more in (
        (12, "Carl", {}),
        (700, "Helper", {"bot": True}),
        (1271266957, "Replies", {}),
        (489000, "Codes", {}),
    ):
        user = account.directory.users.get(number) or account.user(number, name, **more)
        talk = account.talk(user, folder_id=1 if name == "Carl" else 0)
        account.say(talk, f"from {name}", sender=user)
    _groups(account)
    _channels(account)
    return account


def _groups(account: Account) -> None:
    group = a_group(account, 5001, "Lunch")
    account.say(group, "who comes?")
    moved = types.InputChannel(6001, 0)
    old = a_group(account, OLD_CLUB, "Club", deactivated=True, migrated_to=moved, listed=False)
    first = account.say(old, "in the old days")
    account.say(old, "an answer", reply_to=types.MessageReplyHeader(reply_to_msg_id=first.id))
    full = {"migrated_from_chat_id": OLD_CLUB, "migrated_from_max_id": old.top()}
    club = a_channel(account, 6001, "Club", count=2, full=full)
    moved.access_hash = account.directory.chats[club.peer].access_hash
    a_channel(account, 6002, "Birds", count=2, username="birds")
    topics = [_topic(1, "General"), _topic(2, "Owls")]
    a_channel(account, 6003, "Project", count=2, forum=True, topics=topics)


def _topic(number: int, title: str) -> types.ForumTopic:
    settings = types.PeerNotifySettings()
    me = types.PeerUser(5)
    return types.ForumTopic(number, _FOUNDED, me, title, 0, number, 0, 0, 0, 0, 0, 0, me, settings)


def _channels(account: Account) -> None:
    a_channel(account, 6101, "Family News", count=2, broadcast=True, creator=True)
    talk = a_channel(account, 6102, "City Daily", count=2, broadcast=True, username="daily", folder_id=1)
    talk.full["linked_chat_id"] = 6104
    a_channel(account, 6104, "City Daily Chat", count=2, listed=False)
    for number, title, access, more in (
        (6201, "Left Behind", Access.OWN_ONLY, {"left": True, "listed": False}),
        (6203, "Went Dark", Access.OWN_ONLY, {}),
        (6204, "Shut", Access.CLOSED, {}),
    ):
        closed = a_channel(account, number, title, access=access, **more)
        account.say(closed, "mine")
        account.say(closed, "theirs", sender=account.directory.users[BEN])
