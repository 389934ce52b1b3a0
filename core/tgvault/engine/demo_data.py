"""Two small exports of an account that does not exist, a month apart, as Telegram Desktop would write them.

The second has later messages, a few edits, a deletion and a new photo; everything else is as in the first. Nothing in
them is random: each run writes the same bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tgvault.engine.demo_story import BEGIN, PROFILE_PICTURE, Fields, MadeUpChat, Story, dates
from tgvault.engine.demo_text import BEN, IRINA, ME, Person
from tgvault.errors import UsageError

__all__ = ["DemoExport", "write_first_export", "write_second_export"]

_FIRST_EXPORT = datetime(2026, 4, 3, 20, 0, tzinfo=UTC)
_SECOND_EXPORT = datetime(2026, 5, 3, 20, 0, tzinfo=UTC)

#: Messages up to the first export, and from there to the second.
_BEFORE, _AFTER = 280, 24


@dataclass(frozen=True, slots=True)
class DemoExport:
    """An export that was written: its folder, and how many chats, messages and files are in it."""

    folder: Path
    chats: int
    messages: int
    files: int


def write_first_export(folder: Path) -> DemoExport:
    """Write the first export into a new folder.

    Raises:
        UsageError: the folder is there already.
    """
    story = Story()
    story.live(_BEFORE)
    return _write(folder, story, _FIRST_EXPORT)


def write_second_export(folder: Path) -> DemoExport:
    """Write the second export into a new folder; raises as `write_first_export` does."""
    story = Story()
    story.live(_BEFORE)
    story.wait_until(_FIRST_EXPORT)
    story.change()
    story.live(_AFTER)
    return _write(folder, story, _SECOND_EXPORT)


def _write(folder: Path, story: Story, exported: datetime) -> DemoExport:
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"`{folder}` is there already", hint="name a folder that is not there yet") from None
    for path, (data, time) in story.files.items():
        _put(folder / path, data, time)
    text = json.dumps(dict(_root(story)), ensure_ascii=False, indent=1)
    _put(folder / "result.json", text.encode(), exported)
    messages = sum(len(chat.messages) for chat in story.chats)
    return DemoExport(folder, len(story.chats), messages, len(story.files))


def _put(path: Path, data: bytes, time: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time.timestamp(), time.timestamp()))


def _root(story: Story) -> Iterator[tuple[str, object]]:
    yield "about", "Here is the data you requested. None of it is about anybody who exists."
    yield "personal_information", _owner()
    yield "profile_pictures", [dates("date", BEGIN) | {"photo": PROFILE_PICTURE}]
    yield "contacts", {"about": "Made up.", "list": [_contact(person) for person in (BEN, IRINA)]}
    yield "frequent_contacts", {"about": "Made up.", "list": [_frequent(BEN, 12.345678), _frequent(IRINA, 3.141593)]}
    yield "sessions", {"about": "Made up.", "list": [_session()]}
    yield "chats", {"about": "Made up.", "list": [_chat(chat) for chat in story.chats]}


def _owner() -> Fields:
    first, last = ME.name.split()
    name: Fields = {"user_id": ME.id, "first_name": first, "last_name": last}
    return name | {"phone_number": "+44 7700 900100", "username": "@ada_example", "bio": "I do not exist."}


def _contact(person: Person) -> Fields:
    first, last = person.name.split()
    name: Fields = {"user_id": person.id, "first_name": first, "last_name": last}
    return name | {"phone_number": f"+44 7700 900{person.id % 1000:03}"} | dates("date", BEGIN)


def _frequent(person: Person, rating: float) -> Fields:
    first = person.name.partition(" ")[0]
    return {"id": person.id, "category": "people", "type": "user", "name": first, "rating": rating}


def _session() -> Fields:
    place: Fields = {"last_ip": "192.0.2.1", "last_country": "Nowhere", "last_region": ""}
    program = {"application_name": "Telegram Desktop", "application_version": "6.1.2", "device_model": "Desktop"}
    system = {"platform": "Linux", "system_version": "Example OS"}
    return dates("last_active", BEGIN) | place | program | system | dates("created", BEGIN)


def _chat(chat: MadeUpChat) -> Fields:
    name: Fields = {} if chat.told.title is None else {"name": chat.told.title}
    return name | {"type": chat.told.type, "id": chat.told.id, "messages": chat.messages}
