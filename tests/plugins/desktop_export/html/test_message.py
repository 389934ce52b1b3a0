import pytest
from msgspec import UNSET

from samples.html import writer
from tgvault_plugins.desktop_export.html.body import Entity
from tgvault_plugins.desktop_export.html.message import read_message
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.tags import elements, parse


def read(markup: str) -> Reading:
    reading = Reading(1, "message", folder="")
    read_message(reading, next(elements(parse(markup))))
    return reading


def test_a_message_has_sender_time_and_text() -> None:
    found = read(writer.message(1, "Ben 伊藤", words="a &lt; b"))

    assert found.body.sender == "Ben 伊藤"
    assert (found.body.text, found.body.text_entities) == ("a < b", [Entity("plain", "a < b")])
    assert found.wall is not None
    assert found.wall.text == "2024-11-14T11:12:45"
    assert found.html.userpic == "userpic2"
    assert found.unknown == []


@pytest.mark.parametrize(
    ("written", "name", "bot"),
    [
        ("News ✨ ", "News ✨", UNSET),
        ("Ben 伊藤 via @gif", "Ben 伊藤", "@gif"),
        ("Ben  via @gif", "Ben", "@gif"),
        ("Ben via train", "Ben via train", UNSET),
        ("Deleted Account", None, UNSET),
        ("Deleted Account via @gif", None, "@gif"),
    ],
)
def test_names_are_told_from_bots(written: str, name: str | None, bot: object) -> None:
    found = read(writer.message(1, written))

    assert (found.body.sender, found.body.via_bot) == (name, bot)


def test_a_forward_has_origin_date_and_text() -> None:
    found = read(writer.message(1, "Ben ", writer.forward("News ✨ ", "14.11.2024 09:49:24 UTC+03:00", words="x")))

    assert (found.body.sender, found.body.forwarded_from, found.body.text) == ("Ben", "News ✨", "x")
    assert found.forwarded_wall is not None
    assert found.forwarded_wall.text == "2024-11-14T09:49:24"
    assert found.unknown == []


def test_a_forward_from_before_3_7_6_tells_its_date_as_text() -> None:
    old = writer.forward("Cleo Park via @gif", "", words="x").replace(
        '<span class="date details" title=""> ', '<span class="details"> 14.11.2024 09:49:24'
    )

    found = read(writer.message(1, "Ben ", old))

    assert (found.body.forwarded_from, found.body.via_bot) == ("Cleo Park", "@gif")
    assert found.forwarded_wall is not None
    assert found.forwarded_wall.text == "2024-11-14T09:49:24"


def test_a_reply_names_its_message_or_says_that_it_is_elsewhere() -> None:
    here = read(writer.message(1, "Ben ", writer.reply("messages.html#go_to_message-999999994")))
    elsewhere = writer.block("div", "In reply to a message in another chat", classes="reply_to details")
    there = read(writer.message(1, "Ben ", elsewhere))

    assert (here.body.reply_to_message_id, here.html.reply_to) == (-999999994, "")
    assert there.body.reply_to_message_id is UNSET
    assert there.html.reply_to == "In reply to a message in another chat"


def test_a_post_has_its_author() -> None:
    assert read(writer.message(1, "News ", writer.block("div", "Ed", classes="signature details"))).body.author == "Ed"


def test_an_article_is_kept_as_words_and_files() -> None:
    blocks = "\n <h1>\nTitle\n </h1>\n\n <p>\na <b>b</b>\n </p>\n<a class='photo_wrap' href='photos/a.jpg'></a>"
    article = f'<div class="text rich_message" data-rich-message="1">{blocks}</div>'

    found = read(writer.message(1, "Ben ", article))

    assert found.body.text == "Title\na b"
    assert found.body.text_entities == [Entity("plain", "Title\na b")]
    assert found.html.files == ["photos/a.jpg"]
    assert found.unknown == ["rich_message"]


def test_an_article_without_words() -> None:
    found = read(writer.message(1, "Ben ", '<div class="text rich_message"><hr></div>'))

    assert (found.body.text, found.body.text_entities) == ("", [])


def test_unknown_parts_are_told_of() -> None:
    found = read(writer.message(1, "Ben ", "loose", '<div class="effect new">x</div>', "<video>y</video>", words="a"))

    assert found.unknown == ["text outside of any part", "effect new", "<video>"]
    assert found.body.text == "a"


def test_classes_without_end_are_no_known_part() -> None:
    found = read(writer.message(1, "Ben ", f'<div class="text {"x" * 500}">x</div>'))

    assert [len(each) for each in found.unknown] == [100]


def test_a_time_that_is_none_is_told_of() -> None:
    assert read(writer.message(1, title="soon")).unknown == ["date"]
    assert read(writer.message(1, title="")).unknown == []


def test_a_picture_tells_no_colour() -> None:
    found = read(writer.message(1).replace('class="userpic userpic2"', 'class="userpic"'))

    assert found.html.userpic == ""
