"""What settings, interruptions and hidden histories keep a run from seeing: it comes later, and nothing is made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, OLD_CLUB, a_channel, a_photo, every_kind, talk_with_ben
from takeout_support import Killed, LiveVault, Telling, losses, serve
from tgvault.model.policy import Policy
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.faults import Answer, Fault, Refuse

CHATS = ["chats"]
GROUP = "channel:9"
#: The supergroup that was a basic group, and how its messages of then are numbered.
CLUB = "channel:6001"
SHIFT = -1_000_000_000


def a_week(account: Account) -> tuple[Conversation, Conversation]:
    """A private chat and a group with a message on each of seven days of May, every other one from Ben."""
    ben, group = talk_with_ben(account), a_channel(account, 9, "Group")
    for day in range(1, 8):
        sender = account.directory.users[BEN] if day % 2 else None
        for talk in (ben, group):
            account.say(talk, f"day {day}", sender=sender, date=datetime(2024, 5, day, 12, tzinfo=UTC))
    return ben, group


def with_a_photo() -> Account:
    """A message with a photo, and a month later one without."""
    account = ada()
    ben = talk_with_ben(account)
    account.say(ben, media=a_photo(account, 1), date=datetime(2024, 5, 1, tzinfo=UTC))
    account.say(ben, "later", date=datetime(2024, 6, 1, tzinfo=UTC))
    return account


def photo(live: LiveVault, chat: str = "user:11", number: int = 1) -> Any:
    return live.messages()[chat][number].media["photo"].content


def versions(live: LiveVault, chat: str, number: int) -> list[Any]:
    """All texts of a message, the last one last."""
    message = live.messages()[chat][number]
    return [json.loads(bytes(each.body))["text"] for each in (*message.earlier, message)]


def marked(account: Account, number: int) -> Conversation:
    return account.conversations[-1_000_000_000_000 - number]


class KilledBeforeFiles(Telling):
    """The process is gone when files are to be fetched."""

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        super().phase(name, total_bytes)
        if name == "fetching files":
            raise Killed


# Narrower settings


@pytest.mark.parametrize(
    ("narrow", "day"), [({"since": "2024-05-05"}, 1), ({"until": "2024-05-03"}, 7), ({"own_only": True}, 3)]
)
def test_an_edit_that_narrower_settings_leave_out_comes_when_they_are_wide_again(
    tmp_path: Path, narrow: dict[str, Any], day: int
) -> None:
    account = ada()
    ben, group = a_week(account)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up()
        for talk in (ben, group):
            account.edit(talk, talk.messages.ids[day - 1], message="edited")
        live.back_up(**narrow)
        # What is the account's own is told of, nothing else.
        meanwhile = [versions(live, chat, day) for chat in ("user:11", GROUP)]
        live.back_up()

        assert meanwhile == [[f"day {day}"]] * 2
        assert [versions(live, chat, day) for chat in ("user:11", GROUP)] == [[f"day {day}", "edited"]] * 2


def test_what_is_put_off_is_not_asked_for_by_every_run(tmp_path: Path) -> None:
    account = ada()
    _, group = a_week(account)
    with serve(account, tmp_path, categories=CHATS, since="2024-05-05") as live:
        live.back_up(since=None)
        account.edit(group, 1, message="edited")
        live.back_up()
        live.server.calls.clear()
        live.back_up()

        assert live.count("channels.getMessages") == 0
        account.delete(group, 1)
        live.back_up(since=None)
        assert live.gone() == {GROUP: [1]}


def test_what_was_put_off_and_then_deleted_is_gone_and_not_asked_for(tmp_path: Path) -> None:
    account = ada()
    _, group = a_week(account)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up()
        account.edit(group, 1, message="edited")
        live.back_up(since="2024-05-05")
        account.delete(group, 1)
        live.back_up(since="2024-05-05")
        live.server.calls.clear()
        live.back_up()

        assert (live.gone(), live.count("channels.getMessages")) == ({GROUP: [1]}, 0)


@pytest.mark.parametrize("first", ["refused", "left out", "cut off"])
def test_a_file_that_was_not_fetched_comes_after_a_run_that_leaves_its_message_out(tmp_path: Path, first: str) -> None:
    with serve(with_a_photo(), tmp_path, categories=CHATS) as live:
        word = {"refused": "LOCATION_INVALID", "cut off": "SESSION_REVOKED"}.get(first)
        if word is not None:
            live.server.faults.add(Fault(Refuse(word), "upload.getFile", times=1))
        live.back_up(**({} if word is not None else {"media": []}))
        live.server.calls.clear()
        narrow = live.back_up(since="2024-05-20")
        asked = live.count("upload.getFile")
        outcome = live.back_up()

        assert (asked, losses(narrow), losses(outcome)) == (0, [], [])
        assert photo(live) is not None


def test_a_file_that_a_wanted_message_speaks_of_too_is_fetched_by_a_narrower_run(tmp_path: Path) -> None:
    account = with_a_photo()
    ben = account.conversations[BEN]
    with serve(account, tmp_path, categories=CHATS) as live:
        live.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", times=1))
        live.back_up()
        account.say(ben, media=ben.messages.get(1).media, date=datetime(2024, 6, 2, tzinfo=UTC))
        live.back_up(since="2024-05-20")

        assert photo(live, number=3) is not None
        live.back_up()
        assert photo(live, number=1) == photo(live, number=3)


def test_files_of_what_an_interrupted_run_fetched_are_fetched_whatever_the_settings_are_now(tmp_path: Path) -> None:
    account = with_a_photo()
    with serve(account, tmp_path, categories=CHATS) as live:
        with pytest.raises(Killed):
            live.back_up(progress=KilledBeforeFiles())
        account.age_references([("photo", 1)])
        outcome = live.back_up(since="2024-05-20")

        assert (losses(outcome), photo(live) is not None) == ([], True)


# A group that was another one before


@pytest.mark.parametrize("how", ["left", "not described"])
def test_an_edit_in_the_group_that_it_was_before_does_not_hold_a_run_up(tmp_path: Path, how: str) -> None:
    account = every_kind()
    old, club = account.conversations[-OLD_CLUB], marked(account, 6001)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up()
        account.edit(old, old.messages.ids[0], message="edited")
        if how == "left":
            account.directory.chats[club.peer].left = True
            club.listed = False
        else:
            account.say(club, "new")
            live.server.faults.add(Fault(Refuse("CHAT_ID_INVALID"), "channels.getFullChannel", times=None))
        live.back_up()

        assert versions(live, CLUB, SHIFT + old.messages.ids[0]) == ["in the old days", "edited"]


def test_where_it_is_not_known_which_group_it_was_before_that_is_told(tmp_path: Path) -> None:
    account = every_kind()
    old, club = account.conversations[-OLD_CLUB], marked(account, 6001)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up()
        account.edit(old, old.messages.ids[0], message="edited")
        account.say(club, "new")
        full = dict(club.full)
        club.full.clear()
        first = live.back_up()
        club.full.update(full)
        account.say(club, "newer")
        second = live.back_up()

        told = [each.subject for each in losses(first)]
        assert (told, losses(second)) == (["what changed in the group that became chat Club"], [])
        assert versions(live, CLUB, SHIFT + old.messages.ids[0]) == ["in the old days", "edited"]


# Hidden, not gone


@pytest.mark.parametrize("policy", [Policy.KEEP, Policy.MIRROR])
@pytest.mark.parametrize("way", ["joined again", "too much to tell", "wanted from the beginning"])
def test_a_history_that_is_hidden_is_not_gone(tmp_path: Path, policy: Policy, way: str) -> None:
    account = ada()
    group = a_channel(account, 9, "Group", count=6)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up(policy=policy)
        channel = account.directory.chats[group.peer]
        if way == "joined again":
            channel.left, group.listed = True, False
            account.say(group, "from outside")
            live.back_up(policy=policy)
            channel.left, group.listed = False, True
        elif way == "wanted from the beginning":
            account.say(group, "mine")
            live.back_up(policy=policy, own_only=True)
        _hide(group, 5)
        if way != "wanted from the beginning":
            account.say(group, "after")
        if way == "too much to tell":
            group.events.forget()
        outcome = live.back_up(policy=policy)

        last = 8 if way == "joined again" else 7
        assert (losses(outcome), live.gone(), sorted(live.texts(GROUP))) == ([], {}, [*range(1, last + 1)])


def test_what_was_deleted_of_what_is_not_hidden_is_gone(tmp_path: Path) -> None:
    account = ada()
    group = a_channel(account, 9, "Group", count=9)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up()
        account.delete(group, 7)
        _hide(group, 5)
        group.events.forget()
        account.say(group, "after")
        live.back_up()

        assert live.gone() == {GROUP: [7]}


def test_a_message_whose_file_is_missing_is_not_gone_when_it_is_hidden(tmp_path: Path) -> None:
    account = ada()
    group = a_channel(account, 9, "Group")
    account.say(group, media=a_photo(account, 1))
    account.say(group, "later")
    with serve(account, tmp_path, categories=CHATS) as live:
        live.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", times=3))
        live.back_up()
        _hide(group, 1)
        live.back_up()
        hidden = live.gone(), sorted(live.texts(GROUP))
        group.full.clear()
        live.back_up()

        assert hidden == ({}, [1, 2])
        # As soon as nothing is hidden, what is not there is gone.
        assert live.gone() == {GROUP: [1]}


def test_where_it_is_not_told_what_is_hidden_nothing_is_gone_and_that_is_told(tmp_path: Path) -> None:
    account = ada()
    group = a_channel(account, 9, "Group", count=6)
    with serve(account, tmp_path, categories=CHATS) as live:
        live.back_up()
        account.delete(group, 2)
        group.events.forget()
        account.say(group, "after")
        live.server.faults.add(Fault(Refuse("SOMETHING_INVALID"), "channels.getFullChannel", times=None))
        outcome = live.back_up()

        assert (live.gone(), live.texts(GROUP)[7]) == ({}, "after")
        assert "what was deleted in chat Group" in [each.subject for each in losses(outcome)]


def _hide(group: Conversation, up_to: int) -> None:
    """Have Telegram show nothing of a group's history up to an id, as after one cleared it for oneself."""
    for number in range(1, up_to + 1):
        group.messages.remove(number)
    group.full["available_min_id"] = up_to


# What is pending


def test_what_was_deleted_after_an_interrupted_run_is_gone_though_no_update_tells_it(tmp_path: Path) -> None:
    account = ada()
    ben, group = talk_with_ben(account, 5), a_channel(account, 9, "Group", count=5)
    account.say(ben, media=a_photo(account, 1))
    with serve(account, tmp_path, categories=CHATS) as live:
        with pytest.raises(Killed):
            live.back_up(progress=KilledBeforeFiles())
        for talk in (ben, group):
            account.delete(talk, 2)
        for each in (account, group):
            each.events.forget()
        account.say(group, "new")
        live.back_up()
        # A message that was seen is told once before it is gone.
        live.back_up()

        assert live.gone() == {"user:11": [2], GROUP: [2]}


def test_what_was_deleted_of_what_a_bot_read_is_gone_though_no_update_tells_it(tmp_path: Path) -> None:
    account = ada()
    ben = account.user(BEN, "Ben")
    talk = account.talk(ben)
    for number in range(3):
        account.say(talk, f"hello {number}", sender=ben)
    with serve(account, tmp_path, bot=True, categories=CHATS, takeout=False) as live:
        live.back_up()
        account.delete(talk, 2)
        account.events.forget()
        live.back_up()

        assert live.gone() == {"user:11": [2]}


def test_a_text_that_an_interrupted_run_fetched_stays_though_it_was_edited_since(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account, 3)
    account.say(ben, media=a_photo(account, 1))
    with serve(account, tmp_path, categories=CHATS) as live:
        for text in ("second", "third"):
            with pytest.raises(Killed):
                live.back_up(progress=KilledBeforeFiles())
            account.edit(ben, 2, message=text)
        outcome = live.back_up()

        assert versions(live, "user:11", 2) == ["hello 1", "second", "third"]
        assert (losses(outcome), len(live.messages()["user:11"]), photo(live, number=4) is not None) == ([], 4, True)
        assert list(live.texts("user:11").values())[:3] == ["hello 0", "third", "hello 2"]
        assert [each["id"] for each in json.loads(live.files()["result.json"])["chats"]["list"]] == [11]
        live.back_up()
        assert versions(live, "user:11", 2) == ["hello 1", "second", "third"]


def test_a_message_that_only_more_people_saw_is_told_once(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account, 3)
    account.say(ben, media=a_photo(account, 1))
    with serve(account, tmp_path, categories=CHATS) as live:
        with pytest.raises(Killed):
            live.back_up(progress=KilledBeforeFiles())
        reaction = types.MessageReactions([types.ReactionCount(types.ReactionEmoji("🦉"), 3)])
        account.edit(ben, 2, reactions=reaction, edit_date=None)
        outcome = live.back_up()

        assert (outcome.report.messages.seen, versions(live, "user:11", 2)) == (4, ["hello 1"])


# Histories that end too early


def test_a_history_that_does_not_show_its_newest_message_is_told_and_read_by_the_next_run(tmp_path: Path) -> None:
    account = ada()
    talk_with_ben(account, 3)
    nothing = types.messages.Messages(messages=[], topics=[], chats=[], users=[])
    with serve(account, tmp_path, categories=CHATS) as live:
        live.server.faults.add(Fault(Answer(nothing), "messages.getHistory", times=None))
        outcome = live.back_up()
        told = [(each.subject, each.detail) for each in losses(outcome)]
        live.server.faults.clear()
        second = live.back_up()

        reason = "Telegram does not show them in its history; it is asked for again by the next run"
        assert told == [("the newest messages of chat Ben", reason)]
        assert (losses(second), list(live.texts("user:11").values())) == ([], ["hello 0", "hello 1", "hello 2"])


def test_that_the_newest_message_was_deleted_while_the_chats_were_listed_is_no_loss(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account, 3)

    class Deleting(Telling):
        def phase(self, name: str, total_bytes: int | None = None) -> None:
            if name == "fetching messages":
                account.delete(ben, 3)

    with serve(account, tmp_path, categories=CHATS) as live:
        outcome = live.back_up(progress=Deleting())

        assert (losses(outcome), outcome.ended, sorted(live.texts("user:11"))) == ([], None, [1, 2])
