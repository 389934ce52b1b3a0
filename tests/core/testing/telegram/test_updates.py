"""What changed since a count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from telethon import TelegramClient, errors, utils
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import with_login

Ask = Callable[..., Any]


def since(pts: int, **more: Any) -> Any:
    return functions.updates.GetDifferenceRequest(pts, None, 0, **more)


def channel_since(server: LoopbackServer, title: str, pts: int, limit: int = 100) -> Any:
    channel = utils.get_input_channel(server.account.directory.chats[server.account.named(title).peer])
    return functions.updates.GetChannelDifferenceRequest(channel, types.ChannelMessagesFilterEmpty(), pts, limit)


def test_nothing_changed(telegram: LoopbackServer, ask: Ask) -> None:
    state = ask(functions.updates.GetStateRequest())

    assert state.pts == telegram.account.events.pts
    assert isinstance(ask(since(state.pts)), types.updates.DifferenceEmpty)


def test_new_edited_and_deleted_messages_are_told(telegram: LoopbackServer, ask: Ask) -> None:
    account, lunch = telegram.account, telegram.account.named("Lunch")
    pts = account.events.pts
    new = account.say(lunch, "Soup today", sender=account.directory.users[1002])
    lost = account.say(lunch, "Never mind")
    account.edit(lunch, lunch.messages.ids[1], message="Where tomorrow?")
    account.delete(lunch, lost.id)

    told = ask(since(pts))

    assert [each.message for each in told.new_messages] == ["Soup today"]
    assert [type(each).__name__ for each in told.other_updates] == ["UpdateEditMessage", "UpdateDeleteMessages"]
    assert told.other_updates[0].message.edit_date is not None
    assert told.other_updates[1].messages == [lost.id]
    assert told.state.pts == pts + 4 == told.other_updates[1].pts
    assert 1002 in {each.id for each in told.users}
    assert new.id == told.new_messages[0].id


def test_much_is_told_in_slices(telegram: LoopbackServer) -> None:
    account, lunch = telegram.account, telegram.account.named("Lunch")
    account.has.difference_slice = 2
    pts = account.events.pts
    for place in range(5):
        account.say(lunch, f"Message {place}")

    async def do(client: TelegramClient) -> list[tuple[str, int]]:
        found, now = [], pts
        while True:
            told = await client(since(now))
            state = getattr(told, "intermediate_state", None) or told.state
            found.append((type(told).__name__, len(told.new_messages)))
            now = state.pts
            if isinstance(told, types.updates.Difference):
                return found

    assert with_login(telegram, do) == [("DifferenceSlice", 2), ("DifferenceSlice", 2), ("Difference", 1)]


def test_too_much_is_not_told(telegram: LoopbackServer, ask: Ask) -> None:
    account, lunch = telegram.account, telegram.account.named("Lunch")
    pts = account.events.pts
    account.say(lunch, "One")
    account.say(lunch, "Two")

    asked_little = ask(since(pts, pts_total_limit=1))
    account.events.forget()
    forgotten = ask(since(pts))

    assert (type(asked_little), asked_little.pts) == (types.updates.DifferenceTooLong, pts + 2)
    assert isinstance(forgotten, types.updates.DifferenceTooLong)


def test_a_count_from_the_future_is_refused(telegram: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(errors.PersistentTimestampInvalidError):
        ask(since(telegram.account.events.pts + 1))
    with pytest.raises(errors.PersistentTimestampInvalidError):
        ask(channel_since(telegram, "Birds 🐦", 10_000))


def test_a_channel_counts_for_itself(telegram: LoopbackServer, ask: Ask) -> None:
    account, birds = telegram.account, telegram.account.named("Birds 🐦")
    assert birds.events is not None
    before, pts = account.events.pts, birds.events.pts
    account.say(birds, "An eagle")
    account.edit(birds, 2, message="I saw a big owl", edit_hide=True, edit_date=None)
    account.delete(birds, 5, 6)

    whole, first, nothing = ask(
        channel_since(telegram, "Birds 🐦", pts),
        channel_since(telegram, "Birds 🐦", pts, limit=1),
        channel_since(telegram, "Birds 🐦", pts + 4),
    )

    assert (whole.final, whole.pts, len(whole.new_messages)) == (True, pts + 4, 1)
    assert [type(each).__name__ for each in whole.other_updates] == [
        "UpdateEditChannelMessage",
        "UpdateDeleteChannelMessages",
    ]
    assert (first.final, first.pts) == (False, pts + 1)
    assert isinstance(nothing, types.updates.ChannelDifferenceEmpty)
    assert account.events.pts == before


def test_a_channel_may_have_changed_too_much(telegram: LoopbackServer, ask: Ask) -> None:
    telegram.account.has.difference_limit = 1
    birds = telegram.account.named("Birds 🐦")
    assert birds.events is not None

    told = ask(channel_since(telegram, "Birds 🐦", 1))

    assert isinstance(told, types.updates.ChannelDifferenceTooLong)
    assert (told.dialog.pts, told.messages[0].id) == (birds.events.pts, birds.top())


def test_of_a_closed_channel_nothing_is_told(telegram: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(errors.ChannelPrivateError):
        ask(channel_since(telegram, "Went Dark", 1))


def test_dialogs_tell_the_counts_of_channels(telegram: LoopbackServer, ask: Ask) -> None:
    listed = ask(
        functions.messages.GetDialogsRequest(
            offset_date=None, offset_id=0, offset_peer=types.InputPeerEmpty(), limit=100, hash=0
        )
    )

    counts = {utils.get_peer_id(each.peer): each.pts for each in listed.dialogs if each.pts}
    talks = telegram.account.conversations
    assert counts == {peer: talk.events.pts for peer, talk in talks.items() if talk.events and talk.listed}
