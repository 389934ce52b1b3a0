"""Chats that are closed to the account, or that Telegram does not give: what is read all the same, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from account_support import ada
from takeout_accounts import a_channel, a_photo, talk_with_ben
from takeout_support import losses, serve
from tgvault.api import FindingKind
from tgvault.engine.running import Outcome
from tgvault.testing.telegram import Account, demo_account
from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.faults import Fault, Refuse

NEXT = "it is asked for again by the next run"


def a_group() -> tuple[Account, Conversation]:
    """A private chat and a supergroup of two messages each."""
    account = ada()
    talk_with_ben(account, 2)
    return account, a_channel(account, 9, "Group", count=2)


def told(outcome: Outcome) -> list[tuple[FindingKind, str, str]]:
    return [(each.kind, each.subject, each.detail) for each in outcome.report.findings]


# Closed since


def test_what_one_wrote_in_a_group_that_one_left_since_is_read(tmp_path: Path) -> None:
    account, group = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        account.say(group, "mine, later")
        group.access, group.listed = Access.OWN_ONLY, False
        account.directory.chats[group.peer].left = True
        outcome = live.back_up()

        assert live.texts("channel:9")[3] == "mine, later"
        assert told(outcome) == []


def test_what_one_wrote_in_a_group_that_was_closed_since_is_read(tmp_path: Path) -> None:
    account, group = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        account.say(group, "mine, later")
        group.access = Access.OWN_ONLY
        outcome = live.back_up()

        assert live.texts("channel:9")[3] == "mine, later"
        note = "it is closed to you; your own messages only were read"
        assert told(outcome) == [(FindingKind.NOTE, "chat Group", note)]


def test_it_is_where_nothing_else_is_wanted(tmp_path: Path) -> None:
    account, group = a_group()
    with serve(account, tmp_path, categories=["chats"], own_only=True) as live:
        live.back_up()
        account.say(group, "mine, later")
        group.access = Access.OWN_ONLY
        live.back_up()

        assert live.texts("channel:9")[3] == "mine, later"


def test_that_an_edit_in_a_group_cannot_be_asked_for_any_more_is_a_note(tmp_path: Path) -> None:
    account, group = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        account.edit(group, 1, message="edited")
        live.server.faults.add(Fault(Refuse("CHANNEL_PRIVATE"), "channels.getMessages", times=None))
        outcome = live.back_up()
        live.server.faults.clear()
        live.back_up()

        note = "it is closed to you; your own messages only were read"
        assert told(outcome) == [(FindingKind.NOTE, "chat Group", note)]
        assert live.texts("channel:9")[1] == "edited"


# Not given, whatever for


def test_that_telegram_does_not_tell_the_changes_of_a_group_does_not_keep_it_from_being_read(tmp_path: Path) -> None:
    account, group = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        account.edit(group, 1, message="edited")
        account.say(group, "new")
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "updates.getChannelDifference"))
        outcome = live.back_up()
        texts = live.texts("channel:9")
        live.back_up()

        reason = f"Telegram does not tell what was edited and deleted: NEVER_HEARD_OF; {NEXT}"
        assert told(outcome) == [(FindingKind.LOST, "chat Group", reason)]
        assert (texts[3], live.texts("channel:9")[1]) == ("new", "edited")


@pytest.mark.parametrize("word", ["PEER_ID_INVALID", "CHANNEL_INVALID", "CHAT_ADMIN_REQUIRED"])
def test_a_chat_that_is_not_closed_and_is_not_given_is_a_loss(tmp_path: Path, word: str) -> None:
    account, _ = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse(word), "messages.getHistory"))
        outcome = live.back_up()
        again = live.back_up()

        assert [each.detail for each in losses(outcome)] == [f"Telegram does not give it: {word}; {NEXT}"]
        assert (told(again), len(live.texts("channel:9")), len(live.texts("user:11"))) == ([], 2, 2)


def test_that_the_search_for_ones_own_messages_fails_is_a_loss(tmp_path: Path) -> None:
    account, group = a_group()
    group.access = Access.OWN_ONLY
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "messages.search"))
        outcome = live.back_up()
        live.back_up()

        reason = f"Telegram does not give it: NEVER_HEARD_OF; {NEXT}"
        assert told(outcome) == [(FindingKind.LOST, "chat Group", reason)]
        assert len(live.texts("channel:9")) == 2


# Gone before its file came


def test_the_file_of_a_message_that_was_deleted_before_it_was_fetched_is_asked_for_all_the_same(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account, 1)
    number = account.say(ben, media=a_photo(account, 1)).id
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("SESSION_REVOKED"), "upload.getFile"))
        assert live.back_up().ended is not None
        account.delete(ben, number)
        outcome = live.back_up()

        assert losses(outcome) == []
        assert live.messages()["user:11"][number].media["photo"].content is not None
        live.back_up()
        assert live.gone() == {"user:11": [number]}
        assert live.messages()["user:11"][number].media["photo"].content is not None


def test_a_file_that_cannot_be_had_any_more_either_is_told_of_once(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account, 1)
    number = account.say(ben, media=a_photo(account, 1)).id
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("SESSION_REVOKED"), "upload.getFile"))
        live.back_up()
        account.delete(ben, number)
        account.age_references()
        outcome = live.back_up()
        again = live.back_up()

        assert [each.kind for each in losses(outcome)] == [FindingKind.MISSING_FILE]
        assert (losses(again), live.gone()) == ([], {"user:11": [number]})


# The takeout


def test_a_takeout_in_which_a_chat_was_not_given_is_kept_for_the_next_run(tmp_path: Path) -> None:
    account, _ = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "messages.getHistory"))
        live.back_up()

        assert live.count("account.finishTakeoutSession") == 0
        # A day would have to pass before another one.
        live.account.has.takeout_delay = 86_400
        assert live.back_up().ended is None
        assert [call.request.success for call in live.calls("account.finishTakeoutSession")] == [True]
        assert live.count("account.initTakeoutSession") == 1


def test_a_takeout_in_which_a_document_was_not_given_is_kept_for_the_next_run(tmp_path: Path) -> None:
    account, _ = a_group()
    with serve(account, tmp_path, categories=["chats", "contacts"]) as live:
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "contacts.getSaved"))
        live.back_up()

        assert live.count("account.finishTakeoutSession") == 0
        live.back_up()
        assert live.count("account.finishTakeoutSession") == 1


def test_a_takeout_is_ended_though_a_rule_of_the_settings_finds_no_chat(tmp_path: Path) -> None:
    account, _ = a_group()
    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(chats=["Gruop"])

        assert len(losses(outcome)) == 1
        assert live.count("account.finishTakeoutSession") == 1


# Sets of stickers


def test_a_set_of_stickers_that_telegram_does_not_give_is_a_loss(tmp_path: Path) -> None:
    with serve(demo_account(), tmp_path, categories=["sticker sets"]) as live:
        live.back_up()
        before = live.documents()
        live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "messages.getStickerSet"))
        outcome = live.back_up()
        title = before["sticker_sets"][0]["title"]
        again = live.back_up()

        reason = "Telegram does not give it: NEVER_HEARD_OF"
        assert told(outcome) == [(FindingKind.LOST, f"sticker set {title}", reason)]
        assert (told(again), live.documents()) == ([], before)


def test_a_set_of_stickers_that_is_not_there_any_more_is_a_note(tmp_path: Path) -> None:
    with serve(demo_account(), tmp_path, categories=["sticker sets"]) as live:
        live.server.faults.add(Fault(Refuse("STICKERSET_INVALID"), "messages.getStickerSet"))
        outcome = live.back_up()
        first = live.documents()["sticker_sets"][0]

        note = "Telegram does not have it any more"
        assert told(outcome) == [(FindingKind.NOTE, f"sticker set {first['title']}", note)]
        assert "stickers" not in first
