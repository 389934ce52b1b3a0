"""Backups where single messages are of a kind that this version cannot read."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import OLD_CLUB, a_channel, a_group, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.api import FindingKind
from tgvault.engine.running import Outcome
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.faults import Answer, Fault, Refuse
from tgvault.testing.telegram.methods.paging import page
from tgvault.testing.telegram.tl import Encoded

UNKNOWN = Encoded(struct.pack("<I", 0xDEADBEEF) + b"SECRET")


def hide(live: LiveVault, talk: Conversation, *ids: int) -> None:
    """Have nobody read an answer that has one of these messages of a chat."""
    (kind, bare), *_ = vars(talk.tl_peer).items()

    def has_page(request: Any) -> bool:
        if getattr(request.peer, kind, None) != bare:
            return False
        return bool({*ids} & {*page(talk.messages.ids, request, lambda each: talk.messages.get(each).date)[0]})

    def has_ids(request: Any) -> bool:
        there = not talk.is_channel or request.channel.channel_id == bare
        return there and bool({*ids} & {each.id for each in request.id})

    by_ids = "channels.getMessages" if talk.is_channel else "messages.getMessages"
    for method, when in (("messages.getHistory", has_page), ("messages.search", has_page), (by_ids, has_ids)):
        live.server.faults.add(Fault(Answer(UNKNOWN), method, times=None, when=when))


def subjects(outcome: Outcome) -> list[str]:
    return [each.subject for each in losses(outcome)]


@pytest.fixture
def account() -> Account:
    """A long private chat, a long group, and one that was a basic group before."""
    account = ada()
    talk_with_ben(account, 230)
    a_channel(account, 9, "Group", count=130)
    return account


def of(live: LiveVault, chat: str) -> list[int]:
    return sorted(live.messages()[chat])


@pytest.mark.parametrize("lost", [[1], [50], [99, 100, 101], [40, 170], [230]])
def test_messages_that_cannot_be_read_are_told_and_all_others_are_kept(
    account: Account, tmp_path: Path, lost: list[int]
) -> None:
    with serve(account, tmp_path, categories=["chats"]) as live:
        ben = account.conversations[11]
        hide(live, ben, *lost)
        first, second = live.back_up(), live.back_up()

        told = [f"message {number} of chat Ben" for number in lost]
        assert (first.ended, sorted(subjects(first)), sorted(subjects(second))) == (None, sorted(told), sorted(told))
        assert "this version cannot read it; it is asked for again by the next run" in losses(first)[0].detail
        assert of(live, "user:11") == [each for each in range(1, 231) if each not in lost]
        assert not any(low <= number <= high for low, high in live.coverage()["user:11"] for number in lost)
        assert len(of(live, "channel:9")) == 130
        live.server.faults.clear()
        assert subjects(live.back_up()) == []
        assert of(live, "user:11") == [*range(1, 231)]
        assert live.gone() == {}


def test_one_message_is_found_with_few_requests(account: Account, tmp_path: Path) -> None:
    with serve(account, tmp_path, categories=["chats"]) as live:
        hide(live, account.conversations[11], 50)
        live.back_up()

        assert live.count("messages.getHistory") < 30
        assert live.time.now < 20
        live.server.calls.clear()
        live.back_up()
        assert live.count("messages.getHistory") == 0
        assert live.count("messages.getMessages") == 2


def test_where_ids_lie_far_apart_the_message_is_found(account: Account, tmp_path: Path) -> None:
    ben = account.conversations[11]
    account.skip_ids(1_000_000)
    hidden, seen = account.say(ben, "hidden").id, account.say(ben, "seen").id
    with serve(account, tmp_path, categories=["chats"]) as live:
        hide(live, ben, hidden)
        outcome = live.back_up()

        assert subjects(outcome) == [f"message {hidden} of chat Ben"]
        assert of(live, "user:11")[-1] == seen


def test_messages_of_channels_and_within_ranges_are_found_too(account: Account, tmp_path: Path) -> None:
    account.has.split_ranges = [types.MessageRange(1, 100), types.MessageRange(101, (1 << 31) - 1)]
    with serve(account, tmp_path, categories=["chats"]) as live:
        hide(live, account.conversations[11], 100)
        hide(live, account.conversations[-1000000000009], 70)
        outcome = live.back_up()

        assert sorted(subjects(outcome)) == ["message 100 of chat Ben", "message 70 of chat Group"]
        assert of(live, "user:11") == [each for each in range(1, 231) if each != 100]
        assert of(live, "channel:9") == [each for each in range(1, 131) if each != 70]


def test_what_is_edited_into_something_unknown_stays_as_it_was(account: Account, tmp_path: Path) -> None:
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        group = account.conversations[-1000000000009]
        for number in (3, 4, 5):
            account.edit(group, number, message=f"edited {number}")
        hide(live, group, 4)
        outcome = live.back_up()

        assert subjects(outcome) == ["message 4 of chat Group"]
        assert [live.texts("channel:9")[number] for number in (3, 4, 5)] == ["edited 3", "Group 3", "edited 5"]
        live.server.faults.clear()
        assert subjects(live.back_up()) == []
        assert live.texts("channel:9")[4] == "edited 4"


def test_a_chat_of_nothing_but_unknown_messages_is_given_up_at_some_point(account: Account, tmp_path: Path) -> None:
    with serve(account, tmp_path, categories=["chats"]) as live:
        hide(live, account.conversations[11], *range(1, 231))
        outcome = live.back_up()

        assert "chat Ben" in subjects(outcome)
        assert len(of(live, "channel:9")) == 130
        live.server.faults.clear()
        assert subjects(live.back_up()) == []
        assert of(live, "user:11") == [*range(1, 231)]


def test_a_window_whose_beginning_cannot_be_read_is_read_all_the_same(account: Account, tmp_path: Path) -> None:
    ben = account.conversations[11]
    since = ben.messages.get(100).date
    with serve(account, tmp_path, categories=["chats"], since=since.isoformat()) as live:
        hide(live, ben, 99)
        outcome = live.back_up()

        assert outcome.ended is None
        assert of(live, "user:11") == [*range(100, 231)]


# The group that a chat was before


def club(account: Account) -> None:
    old = a_group(account, OLD_CLUB, "Club", deactivated=True, migrated_to=types.InputChannel(6001, 1), listed=False)
    for number in range(5):
        account.say(old, f"old {number}")
    full = {"migrated_from_chat_id": OLD_CLUB, "migrated_from_max_id": old.top()}
    a_channel(account, 6001, "Club", count=4, full=full)


@pytest.mark.parametrize("error", ["PEER_ID_INVALID", "CHAT_ID_INVALID", "CHANNEL_PRIVATE"])
def test_that_a_former_group_is_refused_does_not_keep_the_chat_from_being_read(tmp_path: Path, error: str) -> None:
    account = ada()
    club(account)
    with serve(account, tmp_path, categories=["chats"]) as live:
        is_former = lambda request: hasattr(request.peer, "chat_id")  # noqa: E731  # of a request
        live.server.faults.add(Fault(Refuse(error), "messages.getHistory", times=None, when=is_former))
        outcome = live.back_up()

        told = [each for each in outcome.report.findings if each.subject == "the group that became chat Club"]
        kind = FindingKind.NOTE if error == "CHANNEL_PRIVATE" else FindingKind.LOST
        assert (len(live.messages()["channel:6001"]), [each.kind for each in told]) == (4, [kind])
        assert losses(outcome) == [each for each in told if kind is FindingKind.LOST]
        live.server.faults.clear()
        assert losses(live.back_up()) == []
        assert len(live.messages()["channel:6001"]) == 9


def test_a_message_of_a_former_group_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    account = ada()
    club(account)
    with serve(account, tmp_path, categories=["chats"]) as live:
        old = account.conversations[-OLD_CLUB]
        hide(live, old, old.messages.ids[2])
        outcome = live.back_up()

        assert subjects(outcome) == [f"message {old.messages.ids[2]} of the group that became chat Club"]
        assert len(live.messages()["channel:6001"]) == 8
