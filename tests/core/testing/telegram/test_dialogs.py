"""The list of chats, folders and ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from telethon import TelegramClient, errors, utils
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import with_login

Ask = Callable[..., Any]


def dialogs(offset_peer: Any = None, limit: int = 100, **more: Any) -> Any:
    fields = {"offset_date": None, "offset_id": 0, "hash": 0, **more}
    return functions.messages.GetDialogsRequest(
        offset_peer=offset_peer or types.InputPeerEmpty(), limit=limit, **fields
    )


def peers(answer: Any) -> list[int]:
    return [utils.get_peer_id(each.peer) for each in answer.dialogs]


def test_every_listed_chat_comes_with_its_last_message(telegram: LoopbackServer, ask: Ask) -> None:
    answer = ask(dialogs())

    talks = telegram.account.conversations
    listed = {peer for peer, talk in talks.items() if talk.listed}
    assert set(peers(answer)) == listed
    tops = {utils.get_peer_id(each.peer_id): each.id for each in answer.messages}
    assert tops == {peer: talks[peer].top() for peer in listed}
    assert isinstance(next(chat for chat in answer.chats if chat.id == 6204), types.ChannelForbidden)


def test_pinned_chats_come_first_and_the_rest_by_date(ask: Ask) -> None:
    answer = ask(dialogs(folder_id=0))

    dates = {utils.get_peer_id(each.peer_id): each.date for each in answer.messages}
    rest = [dates[utils.get_peer_id(each.peer)] for each in answer.dialogs if not each.pinned]
    assert [each.pinned for each in answer.dialogs[:3]] == [True, True, False]
    assert rest == sorted(rest, reverse=True)


def test_the_list_comes_in_pages(telegram: LoopbackServer, ask: Ask) -> None:
    whole = peers(ask(dialogs()))

    async def do(client: TelegramClient) -> list[int]:
        found: list[int] = []
        offset: dict[str, Any] = {}
        while True:
            answer = await client(dialogs(limit=5, **offset))
            found += peers(answer)
            if not answer.dialogs:
                return found
            assert answer.count == len(whole)
            last = answer.dialogs[-1].peer
            entity = next(
                each for each in (*answer.users, *answer.chats) if utils.get_peer_id(each) == utils.get_peer_id(last)
            )
            offset = {"offset_peer": _input(entity)}

    assert with_login(telegram, do) == whole


def _input(entity: Any) -> Any:
    if isinstance(entity, types.ChannelForbidden):
        return types.InputPeerChannel(entity.id, entity.access_hash)
    return utils.get_input_peer(entity, allow_self=False)


def test_the_list_goes_on_from_a_date(telegram: LoopbackServer, ask: Ask) -> None:
    whole = ask(dialogs(exclude_pinned=True))
    dates = {utils.get_peer_id(each.peer_id): each for each in whole.messages}
    third = dates[peers(whole)[2]]

    rest = ask(dialogs(offset_date=third.date, offset_id=third.id, exclude_pinned=True))

    assert peers(rest) == peers(whole)[3:]


def test_the_archive_is_a_folder(telegram: LoopbackServer, ask: Ask) -> None:
    async def whole_folder(client: TelegramClient) -> Any:
        # Telethon does not know the folder as a peer.
        return await client._sender.send(functions.messages.GetPeerDialogsRequest([types.InputDialogPeerFolder(1)]))

    archived, pinned, asked = ask(
        dialogs(folder_id=1),
        functions.messages.GetPinnedDialogsRequest(1),
        functions.messages.GetPeerDialogsRequest([types.InputDialogPeer(types.InputPeerSelf())]),
    )

    folder = with_login(telegram, whole_folder)

    noisy, eve = telegram.account.named("Noisy Neighbours").peer, telegram.account.named("Eve").peer
    assert peers(archived) == [noisy, eve]
    assert peers(pinned) == [noisy]
    assert peers(asked) == [1001]
    assert set(peers(folder)) == {noisy, eve}


def test_a_draft_comes_with_its_chat(telegram: LoopbackServer, ask: Ask) -> None:
    listed, drafts = ask(dialogs(), functions.messages.GetAllDraftsRequest())

    clara = next(each for each in listed.dialogs if utils.get_peer_id(each.peer) == 1004)
    assert clara.draft.message == "Dear Clara,"
    assert [each.draft.message for each in drafts.updates] == ["Dear Clara,"]


def test_folders_are_told(ask: Ask) -> None:
    answer = ask(functions.messages.GetDialogFiltersRequest())

    assert [type(each).__name__ for each in answer.filters] == [
        "DialogFilterDefault",
        "DialogFilter",
        "DialogFilter",
        "DialogFilterChatlist",
    ]


def test_a_range_has_its_own_list_and_its_own_messages(telegram: LoopbackServer, ask: Ask) -> None:
    ranges = telegram.account.has.split_ranges
    boris = telegram.account.named("Boris 🦉")
    peer = utils.get_input_peer(telegram.account.directory.users[boris.peer])
    history = functions.messages.GetHistoryRequest(peer, 0, None, 0, 100, 0, 0, 0)

    def within(place: int, request: Any) -> Any:
        return functions.InvokeWithMessagesRangeRequest(ranges[place], request)

    asked, first, last, begin, end = ask(
        functions.messages.GetSplitRangesRequest(),
        within(0, dialogs()),
        within(1, dialogs()),
        within(0, history),
        within(1, history),
    )

    assert asked == ranges
    assert all(peer > -1_000_000_000_000 for peer in peers(first))
    assert {peer for peer in peers(last) if peer < -1_000_000_000_000}
    assert len(begin.messages) + len(end.messages) == len(boris.messages)
    assert {telegram.calls.all("messages.getHistory")[0].range} == {(ranges[0].min_id, ranges[0].max_id)}


def test_saved_messages_are_told_by_where_they_are_from(ask: Ask) -> None:
    answer = ask(
        functions.messages.GetSavedDialogsRequest(
            offset_date=None, offset_id=0, offset_peer=types.InputPeerEmpty(), limit=100, hash=0
        )
    )

    assert {utils.get_peer_id(each.peer) for each in answer.dialogs} == {1001, 1002, 1007, 2666000, -1000000006102}


def test_bots_have_no_list(telegram: LoopbackServer) -> None:
    from tgvault.testing.telegram.client import with_client
    from tgvault.testing.telegram.demo import BOT_TOKEN

    async def do(client: TelegramClient) -> None:
        await client.sign_in(bot_token=BOT_TOKEN)
        await client(dialogs())

    with pytest.raises(errors.BotMethodInvalidError):
        with_client(telegram, do)
