"""Polls and lists of tasks."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.attached import nested_fields
from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.text import joined
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["poll_fields", "todo_fields", "todo_item"]


def poll_fields(media: types.MessageMediaPoll, making: Making) -> Fields:
    """Give `poll`, and note its id, who may vote how, and what is right."""
    poll, results = media.poll, media.results
    votes = {each.option: each for each in results.results or ()}
    answers = []
    for answer in poll.answers or ():
        vote = votes.get(getattr(answer, "option", b""))
        voters = (vote.voters or 0) if vote is not None else 0
        chosen = bool(vote is not None and vote.chosen)
        answers.append({"text": joined(answer.text, making), "voters": voters, "chosen": chosen})
    making.api["poll"] = _poll_beyond(media, votes, making)
    told = {"question": joined(poll.question, making), "closed": bool(poll.closed)}
    return {"poll": {**told, "total_voters": results.total_voters or 0, "answers": answers}}


def _poll_beyond(media: types.MessageMediaPoll, votes: dict[bytes, Any], making: Making) -> Fields:
    poll, results = media.poll, media.results
    answers = [_answer_beyond(each, place, votes, making) for place, each in enumerate(poll.answers or ())]
    found = only(
        [
            ("id", poll.id),
            ("quiz", poll.quiz),
            ("multiple_choice", poll.multiple_choice),
            ("public_voters", poll.public_voters),
            ("open_answers", poll.open_answers),
            ("close_period", poll.close_period),
            ("close_date_unixtime", str(unix_of(poll.close_date)) if poll.close_date else None),
            ("solution", results.solution),
            ("solution_entities", [plain(entity) for entity in results.solution_entities or ()]),
            ("recent_voters", [peer_id_text(each) for each in results.recent_voters or ()]),
            ("answers", answers),
        ]
    )
    if media.attached_media is not None:
        found["media"] = nested_fields(media.attached_media, making, at="api/poll/media/")
    if results.solution_media is not None:
        found["solution_media"] = nested_fields(results.solution_media, making, at="api/poll/solution_media/")
    return found


def _answer_beyond(answer: Any, place: int, votes: dict[bytes, Any], making: Making) -> Fields:
    option = getattr(answer, "option", b"")
    vote = votes.get(option)
    found = only(
        [
            ("option", b64encode(option).decode()),
            ("correct", vote is not None and vote.correct),
            ("recent_voters", [peer_id_text(each) for each in (vote.recent_voters if vote else None) or ()]),
            ("added_by", peer_id_text(getattr(answer, "added_by", None))),
        ]
    )
    if getattr(answer, "media", None) is not None:
        found["media"] = nested_fields(answer.media, making, at=f"api/poll/answers/{place}/media/")
    return found


def todo_fields(media: types.MessageMediaToDo, making: Making) -> Fields:
    """Give `todo_list`, and note who ticked what."""
    todo = media.todo
    done = [
        {"id": each.id, "by": peer_id_text(each.completed_by), "date_unixtime": str(unix_of(each.date))}
        for each in media.completions or ()
    ]
    if done:
        making.api["todo"] = {"completions": done}
    told: Fields = {
        "title": joined(todo.title, making),
        "others_can_append": bool(todo.others_can_append),
        "others_can_complete": bool(todo.others_can_complete),
    }
    return {"todo_list": told | {"answers": [todo_item(item, making) for item in todo.list or ()]}}


def todo_item(item: types.TodoItem, making: Making) -> Fields:
    """Give one task."""
    return {"text": joined(item.title, making), "id": item.id}
