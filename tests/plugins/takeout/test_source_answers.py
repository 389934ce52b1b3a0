"""Backups where Telegram answers something else than what it was asked for, or nothing that can be read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from key_support import all_texts
from takeout_accounts import a_channel, a_photo, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.api import FindingKind, SourceError, SourceUnavailableError
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.faults import Answer, Fault
from tgvault.testing.telegram.tl import Encoded

UNKNOWN = Encoded(struct.pack("<I", 0xDEADBEEF) + b"SECRET")
PONG = types.Pong(1, 2)
SAYS = "is of a kind that this version cannot read"


def two_chats() -> Account:
    """A private chat and a group, with a photo in each."""
    account = ada()
    account.say(talk_with_ben(account, 10), media=a_photo(account, 1))
    account.say(a_channel(account, 9, "Group", count=10), media=a_photo(account, 2, dc=4))
    return account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(two_chats(), tmp_path, categories=["chats", "contacts", "sessions"]) as live:
        yield live


def answer(live: LiveVault, method: str, value: Any, **more: Any) -> None:
    live.server.faults.add(Fault(Answer(value), method, times=None, **more))


def in_whole(live: LiveVault) -> bool:
    """Whether the newest snapshot has every message of `two_chats`."""
    return [len(live.messages().get(chat, ())) for chat in ("user:11", "channel:9")] == [11, 11]


def nested(depth: int) -> Encoded:
    return Encoded(struct.pack("<I", types.TextBold.CONSTRUCTOR_ID) * depth + types.TextPlain("x")._bytes())


@pytest.mark.parametrize(
    ("method", "value", "subjects"),
    [
        ("contacts.getSaved", UNKNOWN, {"contacts"}),
        ("contacts.getSaved", PONG, {"contacts"}),
        ("contacts.getSaved", [PONG], {"contacts"}),
        ("account.getAuthorizations", True, {"sessions"}),
        ("help.getCountriesList", UNKNOWN, set()),
        ("help.getCountriesList", types.help.CountriesListNotModified(), set()),
        ("upload.getFile", True, {"{chat}/photos/photo_1.jpg", "{chat}/photos/photo_2.jpg"}),
        ("upload.getFile", UNKNOWN, {"{chat}/photos/photo_1.jpg", "{chat}/photos/photo_2.jpg"}),
        ("auth.exportAuthorization", UNKNOWN, {"{chat}/photos/photo_2.jpg"}),
        ("auth.exportAuthorization", True, {"{chat}/photos/photo_2.jpg"}),
    ],
)
def test_what_cannot_be_read_is_listed_and_all_else_is_kept(
    live: LiveVault, method: str, value: Any, subjects: set[str]
) -> None:
    answer(live, method, value)
    outcome = live.back_up()

    assert (outcome.ended, in_whole(live)) == (None, True)
    assert {each.subject for each in losses(outcome)} == subjects
    assert all(SAYS in each.detail and "SECRET" not in each.detail for each in losses(outcome))
    assert live.count(method) <= 2 * max(1, len(subjects))
    live.server.faults.clear()
    assert losses(live.back_up()) == []


@pytest.mark.parametrize(
    "value",
    [
        UNKNOWN,
        True,
        types.messages.MessagesNotModified(3),
        types.messages.Messages([types.UserEmpty(5)], [], [], []),
        types.messages.Messages([nested(400)], [], [], []),
    ],
    ids=["unknown", "true", "not modified", "users", "deep"],
)
def test_a_chat_that_cannot_be_read_does_not_keep_others_from_it(live: LiveVault, value: Any) -> None:
    answer(live, "messages.getHistory", value, when=lambda request: getattr(request.peer, "user_id", 0) == 11)
    outcome = live.back_up()

    assert (outcome.ended, len(live.messages()["channel:9"])) == (None, 11)
    assert [(each.kind, each.subject) for each in losses(outcome)] == [(FindingKind.LOST, "chat Ben")]
    assert SAYS in losses(outcome)[0].detail
    # Once more, then a page that nothing is in, and no minutes of waiting.
    assert [getattr(each.request.peer, "user_id", 0) for each in live.calls("messages.getHistory")].count(11) == 4
    assert live.time.now < 5
    live.server.faults.clear()
    assert losses(live.back_up()) == []
    assert in_whole(live)


@pytest.mark.parametrize("value", [UNKNOWN, True, types.messages.DialogsNotModified(3)])
@pytest.mark.parametrize("method", ["messages.getDialogs", "messages.getSplitRanges", "account.initTakeoutSession"])
def test_what_nothing_can_be_read_without_ends_the_run_in_words(live: LiveVault, method: str, value: Any) -> None:
    answer(live, method, value)
    ended: BaseException | None = None
    try:
        ended = live.back_up().ended
    except SourceError as error:
        ended = error

    assert isinstance(ended, SourceError)
    assert SAYS in str(ended)
    assert ended.hint
    assert "SECRET" not in all_texts(ended)
    live.server.faults.clear()
    assert live.back_up().ended is None
    assert in_whole(live)


@pytest.mark.parametrize("value", [[], [types.UserEmpty(5)], PONG, UNKNOWN])
def test_an_account_that_is_nobody_is_told(live: LiveVault, value: Any) -> None:
    answer(live, "users.getUsers", value)

    with pytest.raises(SourceUnavailableError, match=SAYS) as caught:
        live.back_up()

    assert "SECRET" not in all_texts(caught.value)


def test_a_greeting_that_cannot_be_read_is_told(live: LiveVault) -> None:
    answer(live, "help.getConfig", UNKNOWN)

    with pytest.raises(SourceUnavailableError, match=r"`help\.getConfig`"):
        live.back_up()


def test_a_number_that_was_not_asked_for_is_passed_over_in_a_dry_run(live: LiveVault) -> None:
    answer(
        live,
        "messages.getSearchCounters",
        [
            types.messages.SearchCounter(types.InputMessagesFilterUrl(), 5),
            types.messages.SearchCounter(types.InputMessagesFilterPhotos(), 1),
        ],
    )

    assert [each.files for each in live.estimate().chats] == [1, 1]


def test_messages_that_were_not_asked_for_are_passed_over(live: LiveVault) -> None:
    live.back_up()
    ben = live.account.conversations[11]
    live.account.edit(ben, ben.messages.ids[2], message="edited")
    told = [types.Message(each, types.PeerUser(11), live.account.now, "evil") for each in (-5, 0, 4, (1 << 31) - 1)]
    told.append(types.Message(3, types.PeerUser(12), live.account.now, "evil"))
    answer(live, "messages.getMessages", types.messages.Messages(told, [], [], []))
    outcome = live.back_up()

    # The one that was asked for is not among them.
    assert (outcome.ended, losses(outcome), live.gone()) == (None, [], {"user:11": [3]})
    assert "evil" not in live.texts("user:11").values()
    assert len(live.messages()["user:11"]) == 11


def test_changes_that_cannot_be_read_are_too_many_to_tell(live: LiveVault) -> None:
    live.back_up()
    ben = live.account.conversations[11]
    live.account.say(ben, "new")
    live.account.edit(ben, ben.messages.ids[2], message="edited")
    answer(live, "updates.getDifference", UNKNOWN)
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome)) == (None, [])
    assert {"new", "edited"} <= set(live.texts("user:11").values())
    # The state is the present one: the next run gets by with what came since.
    live.server.faults.clear()
    live.server.calls.clear()
    assert losses(live.back_up()) == []
    assert live.count("messages.getHistory") == 0
