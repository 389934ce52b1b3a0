"""Reading polls, to-do lists and giveaways."""

from __future__ import annotations

import re

from msgspec import UNSET, UnsetType

from tgvault_plugins.desktop_export.html.body import Answer, Entity, Giveaway, Poll, Task, Text, TodoList, as_text
from tgvault_plugins.desktop_export.html.names import linked_message
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.tags import Element, elements, own_line, visible_text

__all__ = ["read_giveaway", "read_poll"]

_VOTES = re.compile(r"(?:([0-9]{1,9}) votes?|No votes)(, chosen vote)?")
_NUMBER = re.compile(r"([0-9]{1,9})")
_MONTHS = re.compile(r"for ([0-9]{1,4}) months?\.")
_STARS = re.compile(r"([0-9]{1,12}) Stars?\b")


def read_poll(reading: Reading, element: Element) -> None:
    """Read a poll, or a to-do list, which is shown as one."""
    parts = {name: each for each in elements(element) for name in each.classes.split()[:1]}
    rows = [each for each in elements(element) if each.classes == "answer"]
    note = own_line(parts["details"]) if "details" in parts else ""
    if note == "To-do List":
        title = _question(reading, parts.get("question"), "todo_list/title")
        tasks = [Task(_answer(reading, row, f"todo_list/answers/{n}/text")) for n, row in enumerate(rows)]
        reading.body.todo_list = TodoList(title, tasks)
        return
    reading.html.status = note
    reading.body.poll = Poll(
        question=_question(reading, parts.get("question"), "poll/question"),
        closed={"Final results": True, "Anonymous poll": False}.get(note, UNSET),
        total_voters=_count(own_line(parts["total"])) if "total" in parts else UNSET,
        answers=[_option(reading, row, f"poll/answers/{n}/text") for n, row in enumerate(rows)],
    )


def _question(reading: Reading, element: Element | None, field: str) -> Text:
    return as_text(reading.text(element, field)) if element else ""


def _option(reading: Reading, row: Element, field: str) -> Answer:
    votes = _VOTES.fullmatch(visible_text(note)) if (note := _note(row)) else None
    return Answer(_answer(reading, row, field), int(votes[1] or 0) if votes else 0, bool(votes and votes[2]))


def _note(row: Element) -> Element | None:
    return next((each for each in reversed([*elements(row)]) if each.classes == "details"), None)


def _answer(reading: Reading, row: Element, field: str) -> Text:
    """Read an answer without the dash before it and the note on votes behind it."""
    note = _note(row)
    bare = Element(row.tag, row.classes, row.attributes)
    bare.children = [child for child in row.children if child is not note]
    if bare.children and isinstance(text := bare.children[0], str):
        bare.children[0] = text.removeprefix("\n").removeprefix("- ")
    found = reading.text(bare, field)
    if note and found and found[-1].type == "plain":
        rest = found.pop().text.removesuffix(" ")
        found += [Entity("plain", rest)] if rest else []
    return as_text(found)


def _count(text: str) -> int | UnsetType:
    votes = _VOTES.fullmatch(text)
    return int(votes[1] or 0) if votes else UNSET


def read_giveaway(reading: Reading, element: Element) -> None:
    """Read a giveaway or its results: the lines as they are, and the numbers in them that are certain."""
    lines = [own_line(each) for each in elements(element)]
    reading.html.lines = lines
    text = "\n".join(lines[1:])
    if lines and lines[0].startswith("Giveaway Prize"):
        reading.body.giveaway_information = Giveaway(
            quantity=_number(_NUMBER, text), months=_number(_MONTHS, text), stars=_number(_STARS, text)
        )
    elif lines and lines[0] in ("Winner Selected!", "Winners Selected!"):
        launch = linked_message(element)
        reading.body.giveaway_results = Giveaway(
            launch_message_id=UNSET if launch is None else launch,
            winners_count=_number(_NUMBER, text),
            stars=_number(_STARS, lines[-1]),
        )
    else:
        reading.unknown.append("media_giveaway")


def _number(pattern: re.Pattern[str], text: str) -> int | UnsetType:
    found = pattern.search(text)
    return int(found[1]) if found else UNSET
