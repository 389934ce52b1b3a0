from __future__ import annotations

from typing import Any

from telethon.tl import types
from tests.plugins.takeout.convert.support import ANA, T0, at, convert, message, photo, told


def _text(text: str, *entities: Any) -> types.TextWithEntities:
    return types.TextWithEntities(text, list(entities))


def _poll(results: types.PollResults, **fields: Any) -> types.MessageMediaPoll:
    marked = _text("🔥 b", types.MessageEntityCustomEmoji(0, 2, 5))
    answers = [types.PollAnswer(_text("a"), b"0"), types.PollAnswer(marked, b"1")]
    return types.MessageMediaPoll(types.Poll(3, _text("Q?"), answers, 0, **fields), results)


def test_a_poll_tells_its_answers_and_votes() -> None:
    votes = [types.PollAnswerVoters(b"0", chosen=True, voters=2), types.PollAnswerVoters(b"1", voters=1)]
    strange = types.PollAnswerVoters(b"9", voters=7)
    found = told(message(media=_poll(types.PollResults(results=[*votes, strange], total_voters=3))))

    emoji = [{"type": "custom_emoji", "text": "🔥", "document_id": "5"}, " b"]
    answers = [{"text": "a", "voters": 2, "chosen": True}, {"text": emoji, "voters": 1, "chosen": False}]
    assert found["poll"] == {"question": "Q?", "closed": False, "total_voters": 3, "answers": answers}
    assert found["api"]["poll"] == {"id": 3, "answers": [{"option": "MA=="}, {"option": "MQ=="}]}


def test_a_quiz_tells_what_is_right() -> None:
    votes = [types.PollAnswerVoters(b"1", correct=True, recent_voters=[ANA])]
    results = types.PollResults(results=votes, solution="because", solution_entities=[types.MessageEntityBold(0, 2)])
    found = told(message(media=_poll(results, quiz=True, closed=True, public_voters=True, close_date=at(T0))))

    assert found["poll"]["closed"] is True
    assert found["api"]["poll"] == {
        "id": 3,
        "quiz": True,
        "public_voters": True,
        "close_date_unixtime": str(T0),
        "solution": "because",
        "solution_entities": [{"_": "MessageEntityBold", "offset": 0, "length": 2}],
        "answers": [
            {"option": "MA=="},
            {"option": "MQ==", "correct": True, "recent_voters": ["user100000001"]},
        ],
    }


def test_pictures_of_a_poll_are_files() -> None:
    attached = types.MessageMediaPhoto(photo=photo())
    poll = _poll(types.PollResults(solution_media=attached))
    poll.attached_media = attached
    poll.poll.answers[1].media = types.MessageMediaGeo(types.GeoPointEmpty())

    found = told(message(media=poll))["api"]["poll"]
    assert found["media"]["photo"] == found["solution_media"]["photo"] == "{chat}/photos/photo_77.jpg"
    assert found["answers"][1]["media"]["_"] == "MessageMediaGeo"
    assert [file.field for file in convert(message(media=poll)).files] == [
        "api/poll/media/photo",
        "api/poll/solution_media/photo",
    ]


def test_a_list_of_tasks_tells_who_ticked_what() -> None:
    items = [types.TodoItem(1, _text("milk")), types.TodoItem(2, _text("eggs", types.MessageEntityBold(0, 4)))]
    todo = types.TodoList(_text("To do"), items, others_can_append=True)
    found = told(message(media=types.MessageMediaToDo(todo, [types.TodoCompletion(1, ANA, at(T0))])))

    assert found["todo_list"] == {
        "title": "To do",
        "others_can_append": True,
        "others_can_complete": False,
        "answers": [{"text": "milk", "id": 1}, {"text": [{"type": "bold", "text": "eggs"}], "id": 2}],
    }
    assert found["api"]["todo"] == {"completions": [{"id": 1, "by": "user100000001", "date_unixtime": str(T0)}]}


def test_a_list_of_tasks_that_nobody_ticked_is_only_a_list() -> None:
    todo = types.TodoList(_text("To do"), [])

    assert list(told(message(media=types.MessageMediaToDo(todo)))) == ["todo_list"]
