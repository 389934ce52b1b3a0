from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import TLObject, types
from tests.plugins.takeout.convert.support import ANA, BEN, CHANNEL, T0, at, convert, message, told

from tgvault_plugins.takeout.convert.links import topic_of


def _forwarded(**fields: Any) -> dict[str, Any]:
    return told(message(fwd_from=types.MessageFwdHeader(at(T0 - 9), **fields)))


def test_a_forward_names_whose_it_was() -> None:
    found = _forwarded(from_id=CHANNEL, channel_post=7, post_author="chief", saved_from_peer=BEN, saved_from_msg_id=3)

    assert list(found) == ["forwarded_from", "forwarded_from_id", "saved_from", "api"]
    assert [found["forwarded_from"], found["forwarded_from_id"]] == ["News ✨", "channel1987654321"]
    assert found["saved_from"] == "Ben 伊藤"
    assert found["api"]["forward"] == {
        "from_id": "channel1987654321",
        "date_unixtime": str(T0 - 9),
        "channel_post": 7,
        "post_author": "chief",
        "saved_from_id": "user7000000002",
        "saved_from_message_id": 3,
    }


def test_a_forward_of_somebody_hidden_has_a_name_only() -> None:
    assert _forwarded(from_name="Hidden Person")["forwarded_from"] == "Hidden Person"
    assert "forwarded_from_id" not in _forwarded(from_name="Hidden Person")


def test_a_forward_of_a_deleted_account_has_no_name() -> None:
    found = _forwarded(from_id=types.PeerUser(100000009))

    assert (found["forwarded_from"], found["forwarded_from_id"]) == (None, "user100000009")


def test_a_forward_that_says_nothing_has_its_date() -> None:
    assert _forwarded() == {"api": {"forward": {"date_unixtime": str(T0 - 9)}}}


@pytest.mark.parametrize(("shift", "number"), [(0, 4), (-1_000_000_000, -999_999_996)])
def test_an_answer_names_what_it_answers(shift: int, number: int) -> None:
    sent = message(reply_to=types.MessageReplyHeader(reply_to_msg_id=4))

    assert told(sent, shift=shift) == {"reply_to_message_id": number}
    assert convert(sent, shift=shift).id == 5 + shift


def test_an_answer_to_another_chat_keeps_its_id() -> None:
    sent = message(reply_to=types.MessageReplyHeader(reply_to_msg_id=4, reply_to_peer_id=CHANNEL))

    found = told(sent, shift=-1_000_000_000)
    assert found == {"reply_to_message_id": 4, "reply_to_peer_id": "channel1987654321"}


def test_a_quote_is_noted() -> None:
    marks = [types.MessageEntityBold(0, 1)]
    header = types.MessageReplyHeader(
        reply_to_msg_id=4, quote=True, quote_text="word", quote_offset=0, quote_entities=marks, poll_option=b"\x01"
    )

    assert told(message(reply_to=header))["api"]["reply"] == {
        "quote": "word",
        "quote_offset": 0,
        "quote_entities": [{"_": "MessageEntityBold", "offset": 0, "length": 1}],
        "manual_quote": True,
        "poll_option": "AQ==",
    }


def test_an_answer_to_a_message_that_cannot_be_seen_tells_whose_it_was() -> None:
    header = types.MessageReplyHeader(reply_from=types.MessageFwdHeader(at(T0), from_name="Cleo"))

    assert told(message(reply_to=header)) == {"api": {"reply": {"from": {"date_unixtime": str(T0), "name": "Cleo"}}}}


def test_an_answer_to_a_story_is_noted() -> None:
    sent = message(reply_to=types.MessageReplyStoryHeader(ANA, 12))

    assert told(sent) == {"api": {"reply": {"story": {"peer_id": "user100000001", "id": 12}}}}


@pytest.mark.parametrize(
    ("header", "topic"),
    [
        (types.MessageReplyHeader(forum_topic=True, reply_to_msg_id=2), 2),
        (types.MessageReplyHeader(forum_topic=True, reply_to_msg_id=9, reply_to_top_id=2), 2),
        (types.MessageReplyHeader(reply_to_msg_id=9, reply_to_top_id=2), None),
        (types.MessageReplyHeader(forum_topic=True), None),
    ],
)
def test_the_topic_of_a_forum_is_told(header: Any, topic: int | None) -> None:
    assert topic_of(header) == topic
    assert told(message(reply_to=header)).get("api", {}).get("topic_id") == topic


def test_a_sort_of_answer_that_is_new_is_kept_and_told() -> None:
    class MessageReplyDream(TLObject):  # type: ignore[misc]
        """One from a layer to come."""

        def to_dict(self) -> dict[str, object]:
            return {"_": "MessageReplyDream", "depth": 3}

    made = convert(message(reply_to=MessageReplyDream()))

    assert [each.subject for each in made.findings] == ["reply MessageReplyDream"]
    assert b'"reply":{"_":"MessageReplyDream","depth":3}' in made.body
