from __future__ import annotations

from telethon.tl import types

from tgvault.testing.telegram import Account, demo_account
from tgvault.testing.telegram.large import large_account


def a_channel() -> tuple[Account, types.Channel]:
    account = demo_account()
    return account, account.chat(types.Channel(9, "News", types.ChatPhotoEmpty(), account.now))


def test_the_id_of_a_deleted_message_is_not_used_again_in_a_channel() -> None:
    account, channel = a_channel()
    talk = account.talk(channel)
    for text in ("one", "two"):
        account.say(talk, text)
    account.delete(talk, 1, 2)

    assert account.say(talk, "three").id == 3


def test_nor_in_private_chats_and_basic_groups() -> None:
    account = demo_account()
    ann, lunch = account.named("Ann"), account.named("Lunch")
    last = account.say(ann, "last").id
    account.delete(ann, last)

    assert account.say(lunch, "next").id == last + 1


def test_nor_where_messages_are_made() -> None:
    account = large_account(200, chats=1)
    talk = next(iter(account.conversations.values()))
    top = talk.top()
    account.delete(talk, top)

    assert account.say(talk, "next").id > top
