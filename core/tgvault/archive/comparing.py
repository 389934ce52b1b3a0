"""Telling an edit from the many ways in which two exports of one message differ without one."""

from __future__ import annotations

from typing import Any

import msgspec

from tgvault.archive.segments import Media, Stored
from tgvault.model.records import BEYOND

__all__ = ["Compared", "compare", "fill_missing"]

#: Fields whose change is an edit by somebody. Names of people, reactions, votes, file names, sizes and the exporter's
#: own additions change without one.
_CONTENT = (
    "game_title",
    "information_text",
    "inline_bot_buttons",
    "location_information",
    "place_name",
    "todo_list",
)

#: Fields of a rich text that tell of its files: where they lie differs from one export to the next.
_PLACES = frozenset(
    {"photo", "file", "thumbnail", "poster_photo", "author_photo", "document_id", "access_hash", "file_size"}
)
_SKIPPED = "_skip_reason"
#: A rich text that is nested deeper than any is compared as it stands.
_DEEPEST = 200

_FILES = ("photo", "file", "contact_vcard")
#: Those of which the API tells an id.
_REPLACED = ("photo", "file")


class Compared(msgspec.Struct, frozen=True):
    """How two observations of one message differ.

    `edited` tells whether somebody changed its content, `edit_order` is negative when the first was edited before the
    second, positive when after, 0 when they do not tell. `same_date` is false when they cannot be one message.
    """

    edited: bool
    edit_order: int
    same_date: bool


def compare(one: Stored, other: Stored) -> Compared:
    """Compare two observations of one message."""
    a, b = _fields(one.body), _fields(other.body)
    edited_a, edited_b = (_seconds(each.get("edited_unixtime")) for each in (a, b))
    order = (edited_a > edited_b) - (edited_a < edited_b)
    edited = (
        _says_other(a, b)
        or _other_file(one.media, other.media)
        or _file_gone(a, b, one.media, other.media)
        or (order != 0 and _shows_other(a, b))
    )
    dates = {_seconds(each.get("date_unixtime")) for each in (a, b)} - {0}
    return Compared(edited, order, len(dates) < 2)


def _says_other(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Compare what both exporters were able to write; a newer one writes fields that an older one does not know."""
    same_form = ("rich_message" in a) == ("rich_message" in b)
    return (
        (same_form and _plain(a) != _plain(b))
        or any(a[name] != b[name] for name in _CONTENT if name in a and name in b)
        or any(of(a) != of(b) for name, of in _SEEN_AS.items() if name in a and name in b)
        or _question(a) != _question(b)
    )


def _shows_other(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Compare what also differs by the exporter's version, once the time of the last edit says that there was one."""
    return (
        _entities(a) != _entities(b)
        or any(a.get(name) != b.get(name) for name in _CONTENT)
        or any(of(a) != of(b) for of in _SEEN_AS.values())
        or any((name in a) != (name in b) for name in _REPLACED)
    )


def fill_missing(newer: Stored, older: Stored) -> dict[str, Media] | None:
    """Give the newer one's media with contents that only the older one has; None if there are none.

    A field is filled only where the newer body still speaks of the file, and of one of the same size and id.
    """
    wanted = {field: media for field, media in older.media.items() if media.content and "/" not in field}
    wanted = {field: media for field, media in wanted.items() if not _content(newer.media.get(field))}
    if not wanted:
        return None
    a, b = _fields(newer.body), _fields(older.body)
    fits = {field: media for field, media in wanted.items() if field in a and _same_file(field, a, b)}
    if not fits:
        return None
    return newer.media | {field: msgspec.structs.replace(media, filled=True) for field, media in fits.items()}


def _content(media: Media | None) -> object:
    return media.content if media is not None else None


def _same_file(field: str, a: dict[str, Any], b: dict[str, Any]) -> bool:
    # A file that the exporter could not get has size 0.
    names = [f"{field}_file_size"]
    if field == "file":
        names.append("file_size")
    if field in {"photo", "file"}:
        names += ["width", "height", "duration_seconds", "file_name"]
    ids = {_file_id(a, field), _file_id(b, field)} - {None}
    return len(ids) < 2 and all(a[name] == b[name] for name in names if a.get(name) and b.get(name))


def _file_id(fields: dict[str, Any], field: str) -> int | None:
    """Give Telegram's id of a file, where the source knew it."""
    known = _known_files(fields).get(field)
    number = known.get("id") if isinstance(known, dict) else None
    return number if isinstance(number, int) else None


def _known_files(fields: dict[str, Any]) -> dict[str, Any]:
    beyond = fields.get(BEYOND)
    media = beyond.get("media") if isinstance(beyond, dict) else None
    return media if isinstance(media, dict) else {}


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        fields = None
    # What cannot be taken apart is compared as a whole.
    return fields if isinstance(fields, dict) else {"text": body.hex()}


def _seconds(value: object) -> int:
    """Read a time since 1970, a number in a text; 0 for anything else."""
    text = str(value) if isinstance(value, str | int) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _runs(text: object) -> list[Any]:
    return [text] if isinstance(text, str) else text if isinstance(text, list) else []


def _plain(fields: dict[str, Any]) -> str:
    return "".join(_run_text(run) for run in _runs(fields.get("text")))


def _run_text(run: object) -> str:
    text = run.get("text", "") if isinstance(run, dict) else run
    return text if isinstance(text, str) else ""


def _entities(fields: dict[str, Any]) -> list[tuple[object, ...]]:
    runs = [run for run in _runs(fields.get("text")) if isinstance(run, dict)]
    return [(run.get("type"), run.get("text"), run.get("href"), run.get("language")) for run in runs if run.get("text")]


def _contact(fields: dict[str, Any]) -> object:
    """Give a contact as it is compared: how a number is written depends on the exporter's knowledge of countries."""
    said = fields.get("contact_information")
    if not isinstance(said, dict):
        return said
    number = said.get("phone_number")
    digits = "".join(filter(str.isdigit, number)) if isinstance(number, str) else number
    return {**said, "phone_number": digits}


def _rich(fields: dict[str, Any]) -> object:
    """Give a rich text as it is compared."""
    return _without_places(fields.get("rich_message"), depth=0)


def _without_places(value: Any, *, depth: int) -> Any:
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [_without_places(each, depth=depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_places(each, depth=depth + 1)
        for name, each in value.items()
        if name not in _PLACES and not name.endswith(_SKIPPED)
    }


#: What is compared otherwise than as it stands.
_SEEN_AS = {"contact_information": _contact, "rich_message": _rich}


def _question(fields: dict[str, Any]) -> object:
    poll = fields.get("poll")
    if not isinstance(poll, dict):
        return None
    answers = poll.get("answers")
    texts = (
        [each.get("text") if isinstance(each, dict) else each for each in answers] if isinstance(answers, list) else []
    )
    return poll.get("question"), texts


def _file_gone(a: dict[str, Any], b: dict[str, Any], one: dict[str, Media], other: dict[str, Media]) -> bool:
    """Tell whether one has a file that the other, which would know its id, does not speak of.

    The file of a message can be replaced or taken away, with or without a time of an edit; that the other one could not
    get the new file must not cost the old one.
    """
    if not (BEYOND in a and BEYOND in b):
        return False
    had = [field for field in _REPLACED if _content(one.get(field)) or _content(other.get(field))]
    return any(_file_id(a, field) != _file_id(b, field) for field in had)


def _other_file(one: dict[str, Media], other: dict[str, Media]) -> bool:
    for field in _FILES:
        a, b = one.get(field), other.get(field)
        if a is not None and b is not None and a.content and b.content and a.content != b.content:
            return True
    return False
