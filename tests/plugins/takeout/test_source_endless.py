"""Answers that go on without an end, or say less than nothing: each list ends, and what was cut off is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types
from telethon.tl.functions import channels, messages, photos, stories, updates, upload, users

from account_support import ada
from takeout_accounts import BEN, a_channel, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.engine.running import Outcome
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.methods.registry import METHODS
from tgvault_plugins.takeout.bots import IDLE

ENDLESS = 2**31 - 1
T0 = datetime(2024, 5, 1, 12, tzinfo=UTC)
CHANNEL = -1_000_000_000_009


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have a method answered otherwise: with what a function makes of the request and of how often it was asked."""

    def set_answer(request: Any, make: Callable[[Any, int], Any], *, limit: int = 300) -> None:
        asked = 0

        def carry_out(invocation: Any) -> Any:
            nonlocal asked
            asked += 1
            # Else a loop would go on for ever.
            assert asked <= limit, f"{request.__name__} was asked {asked} times"
            return make(invocation.request, asked)

        monkeypatch.setitem(METHODS, request, replace(METHODS[request], carry_out=carry_out))

    return set_answer


def two_chats() -> Account:
    account = ada()
    talk_with_ben(account, 3)
    a_channel(account, 9, "Group", count=3)
    return account


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.subject, each.detail) for each in losses(outcome)]


def cut_off(listed: int, count: int = ENDLESS) -> str:
    return f"Telegram does not tell how it goes on: {listed:,} of {count:,} were listed"


# Lists


def a_dialog(turn: int) -> types.messages.DialogsSlice:
    top = 100 + turn % 2
    return types.messages.DialogsSlice(
        count=ENDLESS,
        dialogs=[types.Dialog(types.PeerUser(BEN), top, 0, 0, 0, 0, 0, 0, types.PeerNotifySettings())],
        messages=[types.Message(id=top, peer_id=types.PeerUser(BEN), date=T0.replace(second=turn % 2), message="x")],
        chats=[],
        users=[types.User(id=BEN, first_name="Ben", access_hash=1)],
    )


def test_a_list_of_chats_that_goes_round_in_a_circle_ends(tmp_path: Path, answer: Callable[..., None]) -> None:
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        answer(messages.GetDialogsRequest, lambda asked, turn: a_dialog(turn))
        outcome = live.back_up()

    assert ("the list of chats", cut_off(1)) in told(outcome)


def test_channels_that_were_left_are_listed_once(tmp_path: Path, answer: Callable[..., None]) -> None:
    left = [
        types.Channel(7000 + each, f"left {each}", types.ChatPhotoEmpty(), T0, access_hash=1, left=True)
        for each in range(5)
    ]
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        answer(channels.GetLeftChannelsRequest, lambda asked, turn: types.messages.ChatsSlice(ENDLESS, left))
        outcome = live.back_up()

        assert live.count("channels.getLeftChannels") == 2
        assert ("supergroups and channels that you left", cut_off(5)) in told(outcome)


def test_topics_that_are_told_again_and_again_are_listed_once(tmp_path: Path, answer: Callable[..., None]) -> None:
    account = ada()
    a_channel(account, 9, "Project", count=2, forum=True)
    topics = [
        types.ForumTopic(
            *(each, T0, types.PeerUser(5), f"topic {each}", 0, each, 0, 0, 0, 0, 0, 0),
            from_id=types.PeerUser(5),
            notify_settings=types.PeerNotifySettings(),
        )
        for each in (1, 2)
    ]
    forum = types.messages.ForumTopics(ENDLESS, topics, [], [], [], 1)
    with serve(account, tmp_path, categories=["chats"]) as live:
        answer(messages.GetForumTopicsRequest, lambda asked, turn: forum)
        outcome = live.back_up()

        [row] = live.documents()["dialogs"]
        assert [each["id"] for each in row["topics"]] == [1, 2]
        assert told(outcome) == [("the topics of Project", cut_off(2))]


@pytest.mark.parametrize(
    ("category", "document", "request_", "made"),
    [
        (
            "profile photos",
            "profile pictures",
            photos.GetUserPhotosRequest,
            types.photos.PhotosSlice(ENDLESS, [types.PhotoEmpty(each) for each in range(1, 4)], []),
        ),
        (
            "stories",
            "stories",
            stories.GetStoriesArchiveRequest,
            types.stories.Stories(ENDLESS, [types.StoryItemDeleted(each) for each in range(1, 4)], [], [], []),
        ),
        (
            "profile music",
            "profile music",
            users.GetSavedMusicRequest,
            types.users.SavedMusic(ENDLESS, [types.DocumentEmpty(each) for each in range(1, 4)]),
        ),
    ],
)
def test_what_is_told_again_and_again_is_kept_once(
    tmp_path: Path, answer: Callable[..., None], category: str, document: str, request_: Any, made: Any
) -> None:
    with serve(two_chats(), tmp_path, categories=[category]) as live:
        answer(request_, lambda asked, turn: made)
        outcome = live.back_up()

        assert told(outcome) == [(document, cut_off(3))]
        assert document.replace(" ", "_") in live.documents()


def test_other_data_without_an_end_are_left_out_and_told(tmp_path: Path, answer: Callable[..., None]) -> None:
    part = b" " * (1 << 20)
    with serve(two_chats(), tmp_path, categories=["other data"]) as live:
        answer(
            upload.GetFileRequest, lambda asked, turn: types.upload.File(types.storage.FileUnknown(), 0, part), limit=64
        )
        outcome = live.back_up()

        assert told(outcome) == [("other data", "it is larger than 64 MiB, and was not read")]
        assert live.documents() == {}


# Changes


def a_slice(pts: int) -> types.updates.DifferenceSlice:
    return types.updates.DifferenceSlice([], [], [], [], [], types.updates.State(pts, 0, T0, 0, 0))


@pytest.mark.parametrize(
    "make",
    [
        lambda asked, turn: a_slice(asked.pts),
        lambda asked, turn: a_slice(1_000 + turn % 2),
        lambda asked, turn: a_slice(1_000 + turn),
    ],
    ids=["the same state", "two states by turns", "states without changes"],
)
def test_changes_that_come_to_no_end_are_too_many(
    tmp_path: Path, answer: Callable[..., None], make: Callable[[Any, int], Any]
) -> None:
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        live.back_up()
        live.account.edit(live.account.conversations[BEN], 1, message="edited")
        answer(updates.GetDifferenceRequest, make)
        outcome = live.back_up()

        # What is not told is found by reading once more.
        assert (live.texts("user:11")[1], losses(outcome)) == ("edited", [])


@pytest.mark.parametrize("step", [0, -1, 1])
def test_changes_of_a_channel_that_come_to_no_end_are_too_many(
    tmp_path: Path, answer: Callable[..., None], step: int
) -> None:
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        live.back_up()
        group = live.account.conversations[CHANNEL]
        live.account.edit(group, 1, message="edited")
        answer(
            updates.GetChannelDifferenceRequest,
            lambda asked, turn: types.updates.ChannelDifference(asked.pts + step, [], [], [], []),
        )
        outcome = live.back_up()

        assert (live.texts("channel:9")[1], losses(outcome)) == ("edited", [])


# A bot


def test_a_bot_asks_for_what_is_not_there_up_to_a_bound_and_goes_on_behind_it(
    tmp_path: Path, answer: Callable[..., None]
) -> None:
    account = ada()
    talk_with_ben(account, 3)
    with serve(account, tmp_path, bot=True, takeout=False) as live:
        answer(updates.GetStateRequest, lambda asked, turn: types.updates.State(150_050, 0, T0, 0, 0))
        answer(updates.GetDifferenceRequest, lambda asked, turn: types.updates.DifferenceEmpty(T0, 0))
        first = live.back_up()
        asked = live.count("messages.getMessages")
        second = live.back_up()

        left = 150_050 - (IDLE + 1) * 100
        reason = f"100,000 ids in a row have none; the next run asks for the {left:,} ids behind them"
        assert (asked, told(first)) == (IDLE + 1, [("the bot's messages", reason)])
        assert (live.count("messages.getMessages"), told(second)) == (1_501, [])
        assert len(live.messages()["user:11"]) == 3


# A dry run


def estimate(live: LiveVault) -> tuple[int, int, int, bool]:
    made = live.estimate()
    messages_, files, size = (
        sum(getattr(each, name) for each in made.chats) for name in ("messages", "files", "bytes")
    )
    return messages_, files, size, made.disk >= 0 and (made.seconds or 0) >= 0


def test_less_than_no_files_are_none(tmp_path: Path, answer: Callable[..., None]) -> None:
    photo = types.InputMessagesFilterPhotos()
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        answer(messages.GetSearchCountersRequest, lambda asked, turn: [types.messages.SearchCounter(photo, -5)])

        assert estimate(live) == (6, 0, 0, True)


def test_less_than_no_messages_are_none(tmp_path: Path, answer: Callable[..., None]) -> None:
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        answer(messages.GetHistoryRequest, lambda asked, turn: types.messages.MessagesSlice(-(2**31), [], [], [], []))

        assert estimate(live) == (0, 0, 0, True)


def test_sizes_below_zero_do_not_count(tmp_path: Path, answer: Callable[..., None]) -> None:
    sizes = [types.PhotoSize("y", 1, 1, -(10**9))]
    media = types.MessageMediaPhoto(photo=types.Photo(1, 1, b"", T0, sizes, 2))
    found = types.messages.Messages([types.Message(1, types.PeerUser(1), T0, "", media=media)], [], [], [])
    photo = types.InputMessagesFilterPhotos()
    with serve(two_chats(), tmp_path, categories=["chats"]) as live:
        answer(messages.SearchGlobalRequest, lambda asked, turn: found)
        answer(messages.GetSearchCountersRequest, lambda asked, turn: [types.messages.SearchCounter(photo, 3)])

        assert estimate(live) == (6, 6, 0, True)
