"""Custom emoji: messages name them by ids, and their pictures are asked for apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import a_document, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.api import FindingKind
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.faults import Fault, Refuse

FIELD = "text_entities/0/document_id"


def with_emoji(*numbers: int) -> Account:
    """A private chat with a message for each of these custom emoji."""
    account = ada()
    ben = talk_with_ben(account)
    for number in numbers:
        told = types.DocumentAttributeCustomEmoji("x", types.InputStickerSetEmpty())
        a_document(account, number, told, mime="image/webp")
        account.say(ben, "x", entities=[types.MessageEntityCustomEmoji(0, 1, number)])
    return account


def refuse(live: LiveVault, **more: Any) -> None:
    live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "messages.getCustomEmojiDocuments", **more))


def contents(live: LiveVault) -> list[bool]:
    """Whether the newest snapshot has the picture of each message."""
    return [
        FIELD in each.media and each.media[FIELD].content is not None for each in live.messages()["user:11"].values()
    ]


@pytest.fixture
def refused(tmp_path: Path) -> Any:
    with serve(with_emoji(77, 78), tmp_path, categories=["chats"]) as live:
        refuse(live, times=None)
        yield live


def test_a_custom_emoji_that_telegram_refuses_is_told_and_stays_an_id(refused: LiveVault) -> None:
    outcome = refused.back_up()

    assert [(each.kind, each.subject) for each in losses(outcome)] == [
        (FindingKind.MISSING_FILE, "custom emoji 77"),
        (FindingKind.MISSING_FILE, "custom emoji 78"),
    ]
    assert refused.bodies("user:11")[1]["text_entities"][0]["document_id"] == "77"
    assert contents(refused) == [False, False]


def test_it_is_asked_for_by_every_run_until_telegram_gives_it(refused: LiveVault) -> None:
    refused.back_up()
    again = refused.back_up()
    refused.server.faults.clear()
    outcome = refused.back_up()

    assert len(losses(again)) == 2
    assert losses(outcome) == []
    assert contents(refused) == [True, True]
    assert losses(refused.back_up()) == []


def test_one_that_is_refused_once_is_had_with_the_next_message_that_uses_it(tmp_path: Path) -> None:
    account = with_emoji(77)
    for number in range(100):
        account.say(account.conversations[11], str(number))
    account.say(account.conversations[11], "x", entities=[types.MessageEntityCustomEmoji(0, 1, 77)])
    with serve(account, tmp_path, categories=["chats"]) as live:
        refuse(live)
        outcome = live.back_up()

        assert losses(outcome) == []
        assert (contents(live)[0], contents(live)[-1]) == (True, True)


def test_one_that_telegram_does_not_have_is_an_id_and_no_loss(tmp_path: Path) -> None:
    account = ada()
    account.say(talk_with_ben(account), "x", entities=[types.MessageEntityCustomEmoji(0, 1, 99)])
    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

        assert losses(outcome) == []
        assert live.bodies("user:11")[1]["text_entities"][0]["document_id"] == "99"


def test_one_that_is_not_wanted_is_not_asked_for(refused: LiveVault) -> None:
    outcome = refused.back_up(media=["photos"])

    assert losses(outcome) == []
    assert refused.count("messages.getCustomEmojiDocuments") == 0


@pytest.mark.parametrize("settings", [{"max_size": "1 B"}, {"media": ["photos"]}])
def test_one_that_was_left_out_is_asked_for_when_it_is_wanted(tmp_path: Path, settings: dict[str, Any]) -> None:
    with serve(with_emoji(77), tmp_path, categories=["chats"]) as live:
        live.back_up(**settings)
        live.back_up()

        assert contents(live) == [True]


def test_one_that_was_left_out_and_is_refused_when_it_is_wanted_is_told(refused: LiveVault) -> None:
    refused.server.faults.clear()
    refused.back_up(max_size="1 B")
    refuse(refused, times=1)
    outcome = refused.back_up()
    refused.back_up()

    assert len(losses(outcome)) == 2
    assert contents(refused) == [True, True]
