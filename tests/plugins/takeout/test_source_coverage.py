"""What a backup says it has seen, whatever the settings leave out: nothing is called gone that was not looked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, a_channel, every_kind, talk_with_ben
from takeout_support import Killed, LiveVault, Telling, losses, serve
from tgvault.api import FindingKind, NotSignedInError
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.faults import Fault, Refuse

DAILY = "channel:9"
#: Narrowings of all that could be read, each of which leaves something of every chat or every chat but one out.
NARROW: list[dict[str, Any]] = [
    {"since": "2024-05-06"},
    {"until": "2024-05-05"},
    {"since": "2024-05-03", "until": "2024-05-08"},
    {"own_only": True},
    {"own_only": True, "since": "2024-05-06"},
    {"chats": ["Ben"]},
    {"chats": ["channel:9"]},
    {"chats": ["folder:Groups"]},
    {"chats": ["saved"]},
    {"exclude": ["Daily"]},
    {"chat_types": ["personal_chat"]},
    {"categories": ["contacts"]},
    {"media": ["photos"]},
]


def name_of(narrow: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in narrow.items())


def ten_days() -> Account:
    """Three chats with a message on each of ten days; every second one from somebody else, but to oneself."""
    account = ada()
    ben, daily, me = talk_with_ben(account), a_channel(account, 9, "Daily"), account.talk(account.me)
    folder = types.DialogFilter(2, types.TextWithEntities("Groups", []), [], [], [], groups=True)
    account.has.filters = [folder]
    for day in range(1, 11):
        date = datetime(2024, 5, day, 12, tzinfo=UTC)
        for talk in (ben, daily, me):
            other = account.directory.users[BEN] if day % 2 and talk is not me else None
            account.say(talk, f"day {day}", sender=other, date=date)
    return account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(ten_days(), tmp_path / "vault", categories=["chats"]) as live:
        yield live


def talks(live: LiveVault) -> list[Conversation]:
    return list(live.account.conversations.values())


def seen(live: LiveVault, chat: str) -> set[int]:
    """The ids that are covered."""
    return {number for first, last in live.coverage().get(chat, []) for number in range(first, last + 1)}


def is_whole(live: LiveVault) -> bool:
    days = [f"day {day}" for day in range(1, 11)]
    return [list(live.texts(chat).values()) for chat in ("user:5", "user:11", DAILY)] == [days] * 3


# What is covered


@pytest.mark.parametrize("narrow", NARROW, ids=name_of)
def test_nothing_is_covered_that_was_not_brought(live: LiveVault, narrow: dict[str, Any]) -> None:
    live.back_up(**narrow)
    brought = live.messages()

    # A chat of which nothing was brought may be covered no less wrongly.
    chats = {_key(talk) for talk in talks(live)}
    assert chats == {"user:5", "user:11", DAILY}
    for chat in chats | live.coverage().keys():
        mine = {each for talk in talks(live) if _key(talk) == chat for each in talk.messages.ids}
        assert seen(live, chat) & mine <= brought.get(chat, {}).keys(), chat


def _key(talk: Conversation) -> str:
    return DAILY if talk.is_channel else f"user:{talk.peer}"


@pytest.mark.parametrize("narrow", NARROW, ids=name_of)
def test_what_was_left_out_is_brought_once_it_is_wanted(live: LiveVault, narrow: dict[str, Any]) -> None:
    first = live.back_up(**narrow)
    second = live.back_up()

    assert (is_whole(live), live.gone()) == (True, {})
    assert first.report.messages.new + second.report.messages.new == 30
    assert seen(live, DAILY) == set(range(1, 11))
    live.server.calls.clear()
    live.back_up()
    assert live.count("messages.getHistory") == 0


@pytest.mark.parametrize("narrow", NARROW, ids=name_of)
def test_what_is_left_out_now_is_not_gone(live: LiveVault, narrow: dict[str, Any]) -> None:
    live.back_up()
    outcome = live.back_up(**narrow)

    assert (outcome.report.messages.gone, live.gone(), losses(outcome)) == (0, {}, [])
    assert is_whole(live)
    assert seen(live, DAILY) == set(range(1, 11))


@pytest.mark.parametrize("narrow", NARROW, ids=name_of)
def test_what_happened_while_less_was_wanted_is_learned_later(live: LiveVault, narrow: dict[str, Any]) -> None:
    live.back_up()
    for talk in talks(live):
        ids = list(talk.messages.ids)
        live.account.edit(talk, ids[2], message="edited")
        live.account.delete(talk, ids[7])
        live.account.say(talk, "new", date=datetime(2024, 6, 1, tzinfo=UTC))
    live.back_up(**narrow)
    live.back_up()

    for chat in ("user:5", "user:11", DAILY):
        assert list(live.texts(chat).values()) == [
            "day 1", "day 2", "edited", *(f"day {day}" for day in (4, 5, 6, 7, 9, 10)), "new"
        ], chat  # fmt: skip
    assert {chat: len(ids) for chat, ids in live.gone().items()} == {"user:5": 1, "user:11": 1, DAILY: 1}


@pytest.mark.parametrize("narrow", [each for each in NARROW if "categories" not in each], ids=name_of)
def test_less_is_wanted_when_everything_is_read_again(live: LiveVault, narrow: dict[str, Any]) -> None:
    live.back_up()
    for talk in talks(live):
        if talk.events is not None:
            talk.events.forget()
    live.account.events.forget()
    outcome = live.back_up(**narrow)

    assert (outcome.report.messages.gone, live.gone()) == (0, {})
    live.back_up()
    assert (is_whole(live), live.gone()) == (True, {})


@pytest.mark.parametrize("narrow", NARROW, ids=name_of)
def test_without_the_local_state_less_is_wanted(live: LiveVault, narrow: dict[str, Any]) -> None:
    live.back_up()
    live.forget()
    outcome = live.back_up(**narrow)

    assert (outcome.report.messages.gone, live.gone()) == (0, {})
    live.back_up()
    assert (is_whole(live), live.gone()) == (True, {})


def test_more_and_more_is_wanted(live: LiveVault) -> None:
    for first in range(9, 1, -2):
        live.back_up(since=f"2024-05-{first:02}")
        assert list(live.texts(DAILY)) == list(range(first, 11))
        assert seen(live, DAILY) == set(range(first, 11))
    for last in range(1, 11, 3):
        live.back_up(until=f"2024-05-{last:02}")
    live.back_up()

    assert (is_whole(live), live.gone()) == (True, {})


# What others wrote to oneself alone


def test_of_what_others_wrote_in_private_chats_nothing_is_kept_where_only_ones_own_is_wanted(live: LiveVault) -> None:
    live.back_up(own_only=True)

    assert list(live.texts("user:11").values()) == [f"day {day}" for day in range(2, 11, 2)]
    assert list(live.texts(DAILY).values()) == [f"day {day}" for day in range(2, 11, 2)]
    assert list(live.texts("user:5").values()) == [f"day {day}" for day in range(1, 11)]
    assert (live.coverage()["user:11"], live.coverage()[DAILY]) == ([], [])
    # To oneself nobody else writes, so all was seen.
    assert len(seen(live, "user:5")) >= 10


# Runs that end early


@pytest.mark.parametrize("after", range(4))
def test_a_run_that_ends_early_covers_what_it_brought(tmp_path: Path, after: int) -> None:
    account = ada()
    talk_with_ben(account, 250)
    a_channel(account, 9, "Daily", count=250)

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("SESSION_REVOKED"), "messages.getHistory", after=after, times=None))
        # Without anything brought there is no snapshot, and the backup fails.
        with suppress(NotSignedInError):
            live.back_up()
        live.server.faults.clear()
        if live.vault.snapshots():
            for chat, rows in live.messages().items():
                assert seen(live, chat) <= rows.keys()
            assert sum(len(rows) for rows in live.messages().values()) == 100 * after - 50 * (after == 3)
        live.log_out()
        live.log_in()
        live.back_up()

        assert seen(live, DAILY) == set(range(1, 251))
        assert live.gone() == {}


def test_a_page_that_is_lost_is_not_covered(tmp_path: Path) -> None:
    account = ada()
    a_channel(account, 9, "Daily", count=250)

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "messages.getHistory", after=1, times=None))
        outcome = live.back_up()

        assert [each.kind for each in losses(outcome)] == [FindingKind.LOST]
        assert live.coverage() == {DAILY: [(1, 100)]}


def test_a_killed_run_and_then_another_choice_of_chats(live: LiveVault) -> None:
    def kill(items: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        live.back_up(progress=Telling(on_items=kill))
    live.back_up(chats=["nobody"])
    live.back_up()

    assert (is_whole(live), live.gone()) == (True, {})


# Everything at once


@pytest.mark.parametrize(
    "narrow",
    [
        {"chats": ["Club"]},
        {"left": False},
        {"comments": True},
        {"exclude": ["*"]},
        {"takeout": False},
        {"own_only": True},
    ],
    ids=name_of,
)
def test_chats_of_every_kind_outlive_any_choice(tmp_path: Path, narrow: dict[str, Any]) -> None:
    with serve(every_kind(), tmp_path) as live:
        live.back_up()
        before = {chat: {number: each.body for number, each in rows.items()} for chat, rows in live.messages().items()}
        covered = live.coverage()
        live.back_up(**narrow)
        live.back_up()
        after = live.messages()

        assert live.gone() == {}
        for chat, rows in before.items():
            assert {number: each.body for number, each in after[chat].items()} == rows, chat
            assert covered[chat] == live.coverage()[chat], chat
