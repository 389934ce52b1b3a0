"""What lies beside the account's own list of chats: a bot's messages, comments to channels, topics, what was left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, OLD_CLUB, a_channel, a_document, a_group, a_photo, talk_with_ben
from takeout_files import at_files, missing
from takeout_support import Killed, LiveVault, Telling, losses, serve
from tgvault.errors import SourceRefusedError
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.faults import Fault, Refuse

# A bot


def of_a_bot() -> Account:
    """What a bot was sent: privately, in a group, and in a supergroup, which it cannot ask for."""
    account = ada()
    ben = talk_with_ben(account, 120)
    group = a_group(account, 5001, "Lunch")
    for number in range(3):
        account.say(group, f"lunch {number}", sender=account.directory.users[BEN])
    account.say(ben, media=a_photo(account, 1))
    a_channel(account, 9, "Super", count=3)
    return account


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(of_a_bot(), tmp_path / "vault", bot=True, takeout=False) as live:
        yield live


def with_bot(live: LiveVault) -> Conversation:
    return live.account.conversations[BEN]


def test_of_a_bot_private_messages_and_those_of_groups_are_read(bot: LiveVault) -> None:
    outcome = bot.back_up()

    assert (outcome.ended, losses(outcome)) == (None, [])
    assert {chat: len(texts) for chat, texts in bot.messages().items()} == {"user:11": 121, "chat:5001": 3}
    assert outcome.report.media.files == 1
    assert [len(call.request.id) for call in bot.calls("messages.getMessages")] == [100, 24]


def test_of_a_bots_chats_nothing_is_said_to_be_covered(bot: LiveVault) -> None:
    bot.back_up()
    bot.account.delete(with_bot(bot), 5)
    bot.account.events.forget()
    bot.back_up()

    # Telegram may have deleted what it does not give, or keep it from the bot: it is not known.
    assert set(map(tuple, bot.coverage().values())) == {()}


def test_a_bots_later_backups_ask_for_what_is_new(bot: LiveVault) -> None:
    bot.back_up()
    bot.account.say(with_bot(bot), "new")
    bot.account.edit(with_bot(bot), 1, message="edited")
    bot.account.delete(with_bot(bot), 2)
    bot.server.calls.clear()
    outcome = bot.back_up()

    assert (outcome.report.messages.new, outcome.report.messages.edited, bot.gone()) == (1, 1, {"user:11": [2]})
    assert bot.texts("user:11")[1] == "edited"
    assert sum(len(call.request.id) for call in bot.calls("messages.getMessages")) < 10
    bot.server.calls.clear()
    bot.back_up()
    assert bot.count("messages.getMessages") == 0


def test_a_bots_backup_that_is_killed_goes_on_where_it_was(bot: LiveVault, tmp_path: Path) -> None:
    whole = bot.copy(tmp_path / "whole")
    whole.back_up()
    bot.server.calls.clear()
    with pytest.raises(Killed):
        bot.back_up(progress=Telling(on_items=_kill))
    bot.back_up()

    assert bot.messages().keys() == whole.messages().keys()
    assert bot.texts("user:11") == whole.texts("user:11")
    # The page that was being kept is asked for again.
    assert [call.request.id[0].id for call in bot.calls("messages.getMessages")] == [1, 1, 101]


def _kill(items: int) -> None:
    raise Killed


def test_a_bots_files_get_new_references_too(bot: LiveVault) -> None:
    outcome = bot.back_up(progress=at_files(bot.account.age_references))

    assert (losses(outcome), outcome.report.media.files) == ([], 1)


def test_a_bots_messages_are_chosen_by_chat_and_time(bot: LiveVault) -> None:
    bot.account.say(with_bot(bot), "late", date=datetime(2024, 5, 1, 12, tzinfo=UTC))
    bot.back_up(since="2024-05-01", chats=["Ben"])

    assert {chat: list(texts) for chat, texts in bot.messages().items()} == {"user:11": [125]}


@pytest.mark.parametrize("narrow", [{"chats": ["Lunch"]}, {"since": "2024-01-01"}, {"own_only": True}])
def test_what_was_left_out_of_a_bots_messages_is_read_when_it_is_wanted(bot: LiveVault, narrow: dict[str, Any]) -> None:
    bot.back_up(**narrow)
    bot.back_up()

    assert {chat: len(texts) for chat, texts in bot.messages().items()} == {"user:11": 121, "chat:5001": 3}


def test_a_bot_cannot_have_its_data_exported(bot: LiveVault) -> None:
    with pytest.raises(SourceRefusedError) as caught:
        bot.back_up(takeout=True)

    assert "takeout = false" in (caught.value.hint or "")
    assert bot.vault.snapshots() == []


# Comments


def with_comments(*, listed: bool = False) -> Account:
    account = ada()
    channel = a_channel(account, 1, "Daily", broadcast=True, username="daily", count=2)
    channel.full["linked_chat_id"] = 2
    comments = a_channel(account, 2, "Daily Chat", listed=listed, count=3)
    account.say(comments, media=a_photo(account, 1))
    a_channel(account, 3, "Silent", broadcast=True, count=1)
    return account


@pytest.fixture
def commented(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(with_comments(), tmp_path / "vault", categories=["chats"]) as live:
        yield live


def test_comments_are_read_whole_with_their_files_and_covered(commented: LiveVault) -> None:
    outcome = commented.back_up(comments=True)

    assert (outcome.ended, losses(outcome), outcome.report.media.files) == (None, [], 1)
    assert commented.coverage() == {"channel:1": [(1, 2)], "channel:2": [(1, 4)], "channel:3": [(1, 1)]}


def test_comments_that_are_not_asked_for_any_more_stay(commented: LiveVault) -> None:
    commented.back_up(comments=True)
    outcome = commented.back_up()
    again = commented.back_up(comments=True)

    assert (outcome.report.messages.gone, again.report.messages.new) == (0, 0)
    assert len(commented.texts("channel:2")) == 4


def test_comments_may_be_asked_for_later(commented: LiveVault) -> None:
    commented.back_up()
    assert "channel:2" not in commented.messages()
    commented.back_up(comments=True)

    assert len(commented.texts("channel:2")) == 4
    commented.server.calls.clear()
    commented.back_up(comments=True)
    assert commented.count("upload.getFile") == 0


def test_comments_in_a_group_that_one_is_in_are_read_once(tmp_path: Path) -> None:
    with serve(with_comments(listed=True), tmp_path, categories=["chats"], comments=True) as live:
        live.back_up()

        asked = [call.request.offset_id for call in live.calls("messages.getHistory") if _channel_of(call) == 2]
        assert asked == [1]
        assert len(live.texts("channel:2")) == 4


def _channel_of(call: Any) -> int | None:
    return getattr(call.request.peer, "channel_id", None)


@pytest.mark.parametrize("choice", [{"chats": ["Daily"]}, {"chat_types": ["public_channel"]}, {"exclude": ["* chat"]}])
def test_comments_are_chosen_like_any_chat(commented: LiveVault, choice: dict[str, Any]) -> None:
    commented.back_up(comments=True, **choice)

    assert "channel:1" in commented.messages()
    assert "channel:2" not in commented.messages()


@pytest.mark.parametrize("access", [Access.CLOSED, Access.OWN_ONLY])
def test_comments_that_are_closed_are_told_of_and_end_nothing(commented: LiveVault, access: Access) -> None:
    commented.account.conversations[-1_000_000_000_002].access = access
    outcome = commented.back_up(comments=True)

    assert (outcome.ended, losses(outcome)) == (None, [])
    assert [each.subject for each in outcome.report.findings] == ["chat Daily Chat"]
    assert commented.texts("channel:1") == {1: "Daily 0", 2: "Daily 1"}
    assert commented.coverage()["channel:2"] == []


# Topics


def a_topic(number: int, title: str) -> types.ForumTopic:
    made, me = datetime(2022, 1, 1, tzinfo=UTC), types.PeerUser(5)
    return types.ForumTopic(number, made, me, title, 0, number, 0, 0, 0, 0, 0, 0, me, types.PeerNotifySettings())


def test_a_forum_with_more_topics_than_a_page_has_all_of_them_told(tmp_path: Path) -> None:
    account = ada()
    topics = [a_topic(number, f"topic {number}") for number in range(1, 251)]
    forum = a_channel(account, 1, "Forum", forum=True, topics=topics, count=250)
    account.say(forum, "in topic 7", reply_to=types.MessageReplyHeader(reply_to_msg_id=7, forum_topic=True))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()

        (listed,) = live.documents()["dialogs"]
        assert sorted(each["id"] for each in listed["topics"]) == list(range(1, 251))
        assert live.bodies("channel:1")[251]["api"]["topic_id"] == 7


def test_a_forum_whose_topics_are_not_told_is_read(tmp_path: Path) -> None:
    account = ada()
    a_channel(account, 1, "Forum", forum=True, topics=[a_topic(1, "General")], count=2)

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("CHANNEL_FORUM_MISSING"), "messages.getForumTopics", times=None))
        outcome = live.back_up()

        assert (outcome.ended, live.texts("channel:1")) == (None, {1: "Forum 0", 2: "Forum 1"})


# Left, archived, former


def test_a_channel_that_is_left_keeps_what_was_read_of_it(tmp_path: Path) -> None:
    account = ada()
    talk = a_channel(account, 9, "Group", count=2)
    account.say(talk, "theirs", sender=account.user(BEN, "Ben"))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        talk.listed, talk.access = False, Access.OWN_ONLY
        account.directory.chats[talk.peer].left = True
        account.say(talk, "mine at last")
        outcome = live.back_up()
        live.back_up()

        assert (losses(outcome), live.gone()) == ([], {})
        assert list(live.texts("channel:9").values()) == ["Group 0", "Group 1", "theirs", "mine at last"]
        assert live.coverage()["channel:9"] == [(1, 3)]


def test_a_channel_that_is_joined_again_is_read_whole(tmp_path: Path) -> None:
    account = ada()
    talk = a_channel(account, 9, "Group", count=2, left=True, listed=False, access=Access.OWN_ONLY)
    account.say(talk, "theirs", sender=account.user(BEN, "Ben"))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        assert live.texts("channel:9") == {1: "Group 0", 2: "Group 1"}
        talk.listed, talk.access = True, Access.OPEN
        account.directory.chats[talk.peer].left = False
        live.back_up()

        assert live.texts("channel:9") == {1: "Group 0", 2: "Group 1", 3: "theirs"}
        assert live.coverage()["channel:9"] == [(1, 3)]


def test_a_chat_that_goes_to_the_archive_and_back_is_one_chat(tmp_path: Path) -> None:
    account = ada()
    talk = talk_with_ben(account, 2)

    with serve(account, tmp_path, categories=["chats"]) as live:
        for folder in (0, 1, 0):
            talk.folder_id = folder
            account.say(talk, f"in {folder}")
            live.back_up()
            assert [bool(each.get("archived")) for each in live.documents()["dialogs"]] == [bool(folder)]

        assert list(live.texts("user:11").values()) == ["hello 0", "hello 1", "in 0", "in 1", "in 0"]


def test_a_group_that_becomes_a_supergroup_between_two_backups_is_its_beginning(tmp_path: Path) -> None:
    account = ada()
    group = a_group(account, OLD_CLUB, "Club")
    for number in range(3):
        account.say(group, f"old {number}", media=a_document(account, number + 1))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        club = a_channel(
            account, 6001, "Club", full={"migrated_from_chat_id": OLD_CLUB, "migrated_from_max_id": group.top()}
        )
        entity = account.directory.chats[group.peer]
        entity.deactivated = True
        entity.migrated_to = types.InputChannel(6001, account.directory.chats[club.peer].access_hash)
        account.say(club, "new")
        live.server.calls.clear()
        outcome = live.back_up()

        assert (losses(outcome), missing(outcome), live.count("upload.getFile")) == ([], {}, 0)
        assert list(live.texts("channel:6001").values()) == ["old 0", "old 1", "old 2", "new"]
        assert live.gone() == {}
