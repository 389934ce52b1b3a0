from msgspec import UNSET

from samples.html import writer
from tgvault.api import MediaRef
from tgvault_plugins.desktop_export.html.ballots import read_giveaway, read_poll
from tgvault_plugins.desktop_export.html.body import Answer, Entity, Giveaway, Poll, Task, TodoList
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.tags import parse


def poll(*rows: tuple[str, str]) -> Reading:
    reading = Reading(1, "message", folder="")
    read_poll(reading, parse("".join(writer.block("div", words, classes=classes) for classes, words in rows)))
    return reading


def giveaway(*lines: str) -> Reading:
    reading = Reading(1, "message", folder="")
    read_giveaway(reading, parse("".join(writer.block("div", line, classes="section_body") for line in lines)))
    return reading


def test_a_poll_has_question_answers_and_votes() -> None:
    found = poll(
        ("question bold", "A &amp; B?"),
        ("details", "Anonymous poll"),
        ("answer", '- a - <span class="details">2 votes, chosen vote</span>'),
        ("answer", '- b <span class="details">1 vote</span>'),
        ("answer", "- c "),
        ("total details\t", "3 votes"),
    )

    answers = [Answer("a -", 2, True), Answer("b", 1, False), Answer("c ", 0, False)]
    assert found.body.poll == Poll("A & B?", False, 3, answers)
    assert found.html.status == "Anonymous poll"


def test_a_closed_poll_without_votes() -> None:
    found = poll(("question bold", "Q"), ("details", "Final results"), ("total details\t", "No votes"))

    assert found.body.poll == Poll("Q", True, 0, [])


def test_what_a_poll_says_in_unknown_words_is_left_out() -> None:
    found = poll(
        ("details", "Quiz"), ("answer", '- a <span class="details">many</span>'), ("total details", "some votes")
    )

    assert found.body.poll == Poll("", UNSET, UNSET, [Answer("a", 0, False)])
    assert found.html.status == "Quiz"


def test_custom_emoji_in_answers_name_their_files_where_they_stand() -> None:
    emoji = '<a href = "stickers/x.tgs">🔥</a>'

    found = poll(
        ("question bold", f"Q{emoji}"),
        ("details", "Quiz"),
        ("answer", f'- {emoji} b <span class="details">1 vote</span>'),
    )

    entity = Entity("custom_emoji", "🔥", document_id="stickers/x.tgs")
    assert found.body.poll == Poll(["Q", entity], UNSET, UNSET, [Answer([entity, " b"], 1, False)])
    assert found.media == [
        MediaRef("poll/question/1/document_id", "stickers/x.tgs"),
        MediaRef("poll/answers/0/text/0/document_id", "stickers/x.tgs"),
    ]


def test_an_answer_without_words() -> None:
    found = poll(("answer", '<b></b>- <span class="details">1 vote</span>'))

    assert isinstance(found.body.poll, Poll)
    assert found.body.poll.answers == [Answer("-", 1, False)]


def test_an_answer_that_is_one_emoji() -> None:
    emoji = '<a href="" onclick="return ShowNotLoadedEmoji();">🔥</a>'

    found = poll(("answer", f'- {emoji} <span class="details">1 vote</span>'))

    assert isinstance(found.body.poll, Poll)
    assert found.body.poll.answers == [Answer([Entity("custom_emoji", "🔥", document_id="")], 1, False)]


def test_a_to_do_list_is_no_poll() -> None:
    found = poll(("question bold", "To do"), ("details", "To-do List"), ("answer", "- milk"), ("answer", "- eggs"))

    assert found.body.todo_list == TodoList("To do", [Task("milk"), Task("eggs")])
    assert found.body.poll is UNSET


def test_a_giveaway_keeps_its_lines_and_tells_its_numbers() -> None:
    found = giveaway(
        "Giveaway Prizes", "<b>10</b> books", "<b>10</b> Telegram Premium Subscriptions for <b>3</b> months."
    )

    assert found.body.giveaway_information == Giveaway(quantity=10, months=3)
    assert found.html.lines == ["Giveaway Prizes", "10 books", "10 Telegram Premium Subscriptions for 3 months."]


def test_a_giveaway_of_stars() -> None:
    found = giveaway("Giveaway Prize", "<b>1</b> ", "<b>500 Stars</b> will be distributed to <b>1</b> winner.")

    assert found.body.giveaway_information == Giveaway(quantity=1, stars=500)


def test_the_results_of_a_giveaway_name_its_message() -> None:
    found = giveaway(
        "Winners Selected!",
        '<b>3</b> winners of the <a href="#go_to_message38">Giveaway</a> was randomly selected by Telegram.',
        "All winners received <b>50</b> Stars in total.",
    )

    assert found.body.giveaway_results == Giveaway(launch_message_id=38, winners_count=3, stars=50)


def test_the_results_of_a_giveaway_without_link_or_numbers() -> None:
    found = giveaway("Winner Selected!", "nobody")

    assert found.body.giveaway_results == Giveaway()


def test_a_giveaway_of_another_form_is_told_of() -> None:
    found = giveaway("Raffle")

    assert found.unknown == ["media_giveaway"]
    assert found.html.lines == ["Raffle"]
    assert giveaway().unknown == ["media_giveaway"]
