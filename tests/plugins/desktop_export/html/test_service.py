import pytest
from msgspec import UNSET

from samples.html import writer
from tgvault.api import MediaRef
from tgvault_plugins.desktop_export.html.body import Body
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.service import read_separator, read_service
from tgvault_plugins.desktop_export.html.tags import Element, elements, parse


def element(sentence: str, extra: str = "") -> Element:
    return next(elements(parse(writer.service(5, sentence, extra))))


def body(sentence: str, extra: str = "") -> Body:
    return reading(sentence, extra).body


def reading(sentence: str, extra: str = "") -> Reading:
    found = Reading(5, "service", folder="")
    read_service(found, element(sentence, extra))
    return found


def test_a_separator_tells_its_day() -> None:
    assert read_separator(element("3 July 2024")) == "2024-07-03"


def test_the_note_of_an_empty_chat_is_no_message() -> None:
    assert read_separator(element("No exported messages")) == ""


@pytest.mark.parametrize("sentence", ["", "3 Juli 2024", "July 2024", "Ana joined Telegram"])
def test_what_is_no_separator_is_told(sentence: str) -> None:
    assert read_separator(element(sentence)) is None
    assert read_separator(parse("")) is None


def test_a_sentence_is_kept_and_its_action_named() -> None:
    found = body("Ana &amp; Co changed group title to &laquo;A &lt;b&gt;&raquo;")

    assert (found.actor, found.action, found.title) == ("Ana & Co", "edit_group_title", "A <b>")
    assert found.information_text == "Ana & Co changed group title to «A <b>»"
    assert (found.text, found.text_entities) == ("", [])


def test_a_sentence_that_is_not_known_is_kept_alone() -> None:
    found = body("Something new")

    assert found.information_text == "Something new"
    assert found.action is UNSET


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("Ana pinned {}this message</a>", "message_id"),
        ("Ana set {}the same background</a> for this chat", "message_id"),
        ("Ana scored 9 in {}this game</a>", "game_message_id"),
    ],
)
def test_a_linked_message_is_named(sentence: str, field: str) -> None:
    found = body(sentence.format('<a href="messages.html#go_to_message18">'))

    assert getattr(found, field) == 18


def test_a_pinned_message_that_is_gone_is_not_named() -> None:
    assert body('Ana pinned <a href="#go_to_message0">this message</a>').message_id is UNSET


def test_numbers_are_numbers() -> None:
    assert body("Ana scored -9 in this game").score == -9
    assert body("Group call (5 seconds)").duration == 5
    assert body("Ana boosted the group 1 time").boosts == 1
    assert body("Ana has set messages to auto-delete in 7 days").period == 604_800
    assert body("New messages will not auto-delete").period == 0
    assert body("Ana changed topic icon to &laquo;5368324170671202286&raquo;").new_icon_emoji_id == 5368324170671202286


def test_people_whose_accounts_are_gone_have_no_name() -> None:
    assert body("Deleted joined group by link from Deleted Account").actor is None
    assert body("Deleted joined group by link from Deleted Account").inviter is None


def test_one_member_is_named_and_a_list_is_not_guessed_at() -> None:
    assert body("Ana invited Ben").members == ["Ben"]
    assert body("Ana invited Deleted Account").members == [None]
    assert body("Ana invited Ben and Cleo").members is UNSET
    assert body("Ana invited Ben, Cleo").members is UNSET


def test_a_group_photo_is_a_file() -> None:
    picture = '<a class="userpic_link" href="photos/p.jpg"><img src="photos/p_thumb.jpg"/></a>'

    found = reading("Ana changed group photo", f'<div class="userpic_wrap">{picture}</div>')

    assert found.body.photo == "photos/p.jpg"
    assert found.media == [MediaRef("photo", "photos/p.jpg")]


def test_an_unsupported_message_has_its_type_alone() -> None:
    words = "This message is not supported by this version of Telegram Desktop. Please update the application."

    found = reading(words)

    assert (found.body.type, found.body.text) == ("unsupported", UNSET)
    assert found.html.description == words
