"""What a message says, in plain words for people: its text, what is attached, and what a service message tells.

Field names and actions are those of Telegram Desktop's export (tdesktop 1.3.8 to 6.9).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from tgvault.errors import CorruptObjectError

__all__ = ["FILE_FIELDS", "Words", "in_words", "missing_files", "plain_text"]

#: Fields that hold a path, or words in round brackets that say why there is no file.
FILE_FIELDS = ("photo", "file", "thumbnail", "contact_vcard")

_KINDS = {
    "animation": "animation",
    "audio_file": "audio",
    "sticker": "sticker",
    "video_file": "video",
    "video_message": "round video",
    "voice_message": "voice message",
}

#: What service messages tell, after the name of who did it. Other actions are told by their name and their fields.
_ACTIONS = {
    "create_channel": "created the channel “{title}”",
    "create_group": "created the group “{title}”",
    "clear_history": "cleared the history",
    "delete_group_photo": "removed the group's photo",
    "edit_chat_theme": "changed the chat's theme to {emoticon}",
    "edit_group_photo": "changed the group's photo",
    "edit_group_title": "named the group “{title}”",
    "group_call": "group call, {duration} s",
    "invite_members": "invited {members}",
    "join_group_by_link": "joined by a link of {inviter}",
    "join_group_by_request": "was let into the group",
    "joined_telegram": "joined Telegram",
    "migrate_from_group": "made the group “{title}” a supergroup",
    "migrate_to_supergroup": "made the group a supergroup",
    "phone_call": "phone call, {duration_seconds} s, {discard_reason}",
    "pin_message": "pinned message {message_id}",
    "remove_members": "removed {members}",
    "score_in_game": "scored {score} in a game",
    "set_messages_ttl": "set messages to vanish after {period} s",
    "take_screenshot": "took a screenshot",
    "topic_created": "created the topic “{title}”",
}

#: Members of every service message.
_COMMON = frozenset(
    {"id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "actor", "actor_id", "action"}
    | {"text", "text_entities"}
)


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words: who wrote it (None where nothing tells), what it says, and what comes with it.

    Everything stands as somebody sent it and may be hostile to a terminal.
    """

    sender: str | None
    text: str
    attached: str | None = None
    forwarded_from: str | None = None
    reply_to: int | None = None


def in_words(body: bytes) -> Words:
    """Put a message into words.

    Raises:
        CorruptObjectError: the body is no JSON object.
    """
    fields = _fields(body)
    if fields.get("type") == "service":
        return Words(_name(fields.get("actor")), _service(fields))
    if fields.get("type") == "unsupported":
        return Words(None, "a message that the exporter could not read")
    reply = fields.get("reply_to_message_id")
    return Words(
        _name(fields.get("from")),
        plain_text(fields.get("text") or _rich(fields)),
        _attached(fields),
        _name(fields.get("forwarded_from")),
        reply if isinstance(reply, int) else None,
    )


def plain_text(text: object) -> str:
    """Join a text that stands as one string, or as a list of strings and entities."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(plain_text(run) for run in text)
    return plain_text(text.get("text")) if isinstance(text, dict) else ""


def missing_files(body: bytes) -> dict[str, str]:
    """Give the fields of a body that say why there is no file, and what they say, without the brackets."""
    fields = _fields(body)
    found = {name: fields.get(name) for name in FILE_FIELDS}
    return {name: said[1:-1] for name, said in found.items() if isinstance(said, str) and _says_why(said)}


def _says_why(value: str) -> bool:
    # A path of an export always has a slash in it.
    return value.startswith("(") and value.endswith(")") and "/" not in value


def _fields(body: bytes) -> Mapping[str, object]:
    try:
        fields: object = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        fields = _read_leniently(body)
    if not isinstance(fields, dict):
        raise CorruptObjectError("a message of the archive is no JSON object")
    return fields


def _read_leniently(body: bytes) -> object:
    # Half a surrogate pair is legal JSON, and msgspec does not read it.
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CorruptObjectError(f"a message of the archive cannot be read: {error}") from None


def _name(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _rich(fields: Mapping[str, object]) -> str:
    """Find the text of a message of Telegram Desktop 7, which may be formatted in blocks."""
    rich = fields.get("rich_message")
    return "\n".join(_blocks(rich.get("blocks"))) if isinstance(rich, dict) else ""


def _blocks(blocks: object) -> Iterator[str]:
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict):
            if text := plain_text(block.get("text")):
                yield text
            for inner in ("items", "blocks"):
                yield from _blocks(block.get(inner))


def _attached(fields: Mapping[str, object]) -> str | None:
    if "file" in fields:
        return _file(fields)
    if "photo" in fields:
        return "photo"
    if isinstance(contact := fields.get("contact_information"), dict):
        return f"contact {_together(contact, 'first_name', 'last_name', 'phone_number')}"
    if "location_information" in fields:
        return _location(fields)
    if isinstance(poll := fields.get("poll"), dict):
        return f"poll “{plain_text(poll.get('question'))}”"
    if isinstance(todo := fields.get("todo_list"), dict):
        return f"to-do list “{plain_text(todo.get('title'))}”"
    return _other(fields)


def _file(fields: Mapping[str, object]) -> str:
    kind = _KINDS.get(str(fields.get("media_type")), "file")
    details = []
    if isinstance(name := fields.get("file_name"), str) and kind in {"file", "audio", "video"}:
        details.append(name)
    if isinstance(emoji := fields.get("sticker_emoji"), str):
        details.append(emoji)
    if isinstance(seconds := fields.get("duration_seconds"), int):
        details.append(f"{seconds // 60}:{seconds % 60:02}")
    return f"{kind} ({', '.join(details)})" if details else kind


def _location(fields: Mapping[str, object]) -> str:
    place = _together(fields, "place_name", "address")
    spot = fields.get("location_information")
    degrees = f"{spot.get('latitude')}, {spot.get('longitude')}" if isinstance(spot, dict) else ""
    return " ".join(part for part in ("location", place, degrees) if part)


def _other(fields: Mapping[str, object]) -> str | None:
    if isinstance(game := fields.get("game_title"), str):
        return f"game “{game}”"
    for name, words in (
        ("invoice_information", "invoice"),
        ("giveaway_information", "giveaway"),
        ("giveaway_results", "results of a giveaway"),
        ("paid_stars_amount", "paid media"),
    ):
        if name in fields:
            return words
    return None


def _together(fields: Mapping[str, object], *names: str) -> str:
    return " ".join(value for name in names if isinstance(value := fields.get(name), str) and value)


def _service(fields: Mapping[str, object]) -> str:
    action = fields.get("action")
    if not isinstance(action, str):
        return plain_text(fields.get("information_text")) or plain_text(fields.get("text"))
    sentence = _ACTIONS.get(action)
    if sentence is None:
        return _by_name(action, fields)
    told = {name: _short(value) for name, value in fields.items()}
    # A template says only what is there: of older exporters, and of calls that nobody took, some of it is not.
    parts = [part for part in sentence.split(", ") if _has_all(part, told)]
    return ", ".join(part.format_map(told) for part in parts) or action.replace("_", " ")


def _has_all(part: str, told: Mapping[str, str]) -> bool:
    names = [piece.partition("}")[0] for piece in part.split("{")[1:]]
    return all(told.get(name) for name in names)


def _by_name(action: str, fields: Mapping[str, object]) -> str:
    details = [f"{name.replace('_', ' ')} {_short(value)}" for name, value in fields.items() if name not in _COMMON]
    words = action.replace("_", " ")
    return f"{words}: {', '.join(details)}" if details else words


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_short(each) for each in value)
    if isinstance(value, dict):
        return plain_text(value)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
