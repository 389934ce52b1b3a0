from __future__ import annotations

from typing import Any

import pytest

from tgvault.engine.wording import in_words, missing_files, plain_text
from tgvault.errors import CorruptObjectError
from vault_support import compact


def body(**fields: Any) -> bytes:
    return compact({"id": 1, "type": "message", **fields})


def service(action: str, **fields: Any) -> bytes:
    return compact({"id": 1, "type": "service", "actor": "Ada", "actor_id": "user1", "action": action, **fields})


def test_a_message_is_told_by_its_sender_and_text() -> None:
    words = in_words(body(**{"from": "Ada", "text": "hello", "forwarded_from": "Ben", "reply_to_message_id": 7}))

    assert (words.sender, words.text, words.attached) == ("Ada", "hello", None)
    assert (words.forwarded_from, words.reply_to) == ("Ben", 7)


def test_a_formatted_text_is_joined() -> None:
    assert plain_text(["see ", {"type": "link", "text": "example.org"}, "!"]) == "see example.org!"
    assert plain_text([{"type": "bold"}, 7]) == ""


def test_a_text_in_blocks_is_joined_by_lines() -> None:
    inner = {"type": "list", "items": [{"type": "paragraph", "text": ["b", {"type": "bold", "text": "c"}]}]}
    rich = {"blocks": [{"type": "heading", "text": "a"}, inner, 5]}

    assert in_words(body(rich_message=rich)).text == "a\nbc"


def test_a_deleted_account_has_no_name() -> None:
    assert in_words(body(**{"from": None, "text": "x"})).sender is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"photo": "photos/a.jpg"}, "photo"),
        ({"file": "files/a.pdf", "file_name": "a.pdf"}, "file (a.pdf)"),
        ({"file": "files/a"}, "file"),
        ({"file": "v.ogg", "media_type": "voice_message", "duration_seconds": 67}, "voice message (1:07)"),
        ({"file": "s.webp", "media_type": "sticker", "sticker_emoji": "🎄"}, "sticker (🎄)"),
        (
            {"contact_information": {"first_name": "Eve", "last_name": "", "phone_number": "+44"}},
            "contact Eve +44",
        ),
        ({"location_information": {"latitude": 1.5, "longitude": 2.5}}, "location 1.5, 2.5"),
        ({"location_information": None, "place_name": "Cafe", "address": "Row 1"}, "location Cafe Row 1"),
        ({"poll": {"question": ["Tea", {"type": "bold", "text": "?"}]}}, "poll “Tea?”"),
        ({"todo_list": {"title": "Shopping"}}, "to-do list “Shopping”"),
        ({"game_title": "Chess"}, "game “Chess”"),
        ({"invoice_information": "{}"}, "invoice"),
        ({"paid_stars_amount": 5}, "paid media"),
        ({}, None),
    ],
)
def test_what_comes_with_a_message_is_named(fields: dict[str, Any], words: str | None) -> None:
    assert in_words(body(text="", **fields)).attached == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (service("pin_message", message_id=5), "pinned message 5"),
        (service("pin_message"), "pin message"),
        (service("phone_call", duration_seconds=61, discard_reason="hangup"), "phone call, 61 s, hangup"),
        (service("phone_call", discard_reason="missed"), "phone call, missed"),
        (service("invite_members", members=["Ben", None, "Eve"]), "invited Ben, , Eve"),
        (service("take_screenshot"), "took a screenshot"),
        (service("boost_apply", boosts=4), "boost apply: boosts 4"),
        (service("no_forwards_toggle", new_value=True), "no forwards toggle: new value true"),
        (service("something_new", deep={"text": "x"}), "something new: deep x"),
        (compact({"type": "service", "information_text": "a notice"}), "a notice"),
    ],
)
def test_a_service_message_is_put_into_a_sentence(message: bytes, words: str) -> None:
    assert in_words(message).text == words


def test_who_did_it_is_the_sender_of_a_service_message() -> None:
    assert in_words(service("take_screenshot")).sender == "Ada"


def test_a_message_that_the_exporter_could_not_read_says_so() -> None:
    assert "could not read" in in_words(compact({"id": 1, "type": "unsupported"})).text


def test_braces_in_a_title_are_taken_as_they_stand() -> None:
    assert in_words(service("create_group", title="{actor} {0}")).text == "created the group “{actor} {0}”"


def test_words_in_place_of_a_path_say_why_there_is_no_file() -> None:
    found = missing_files(body(photo="(File not included.)", file="files/(a).pdf", thumbnail="(a/b)"))

    assert found == {"photo": "File not included."}


def test_half_a_surrogate_pair_is_shown_as_it_stands() -> None:
    assert in_words(rb'{"text":"a\ud83d"}').text == "a\ud83d"


@pytest.mark.parametrize("broken", [b"", b"[1]", b"{"])
def test_what_is_no_json_object_is_called_corrupt(broken: bytes) -> None:
    with pytest.raises(CorruptObjectError):
        in_words(broken)
