"""Reading of messages what an archive needs, and noticing at the same time whether anything in them is new.

The structs name every known field, so one pass of the decoder tells that a window of messages holds nothing unknown:
0.8 µs a message, of which 0.3 µs are for the id and the paths. Only a window that it refuses is looked at closely.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal, cast

import msgspec

from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.known import (
    ACTIONS,
    ENTITY_TYPES,
    MEDIA_TYPES,
    MESSAGE_FIELDS,
    MESSAGE_TYPES,
    PATH_FIELDS,
    SERVICE_FIELDS,
)
from tgvault_plugins.desktop_export.paths import shown
from tgvault_plugins.desktop_export.tidy import UNREADABLE

__all__ = ["NOTHING", "Fields", "known", "looked_at", "novelties"]

#: What a restore adds to messages that are gone or were edited, and what is told of it: an archive takes them as they
#: stand, so those that are gone come back. An exact restore has none.
_OWN_KEY = "tgvault"
_RESTORED = "messages with marks of a restore: those that were gone count as there"

#: Digits that no decoder takes, for there are thousands; and what stands for their number, which no archive takes.
_DIGITS = re.compile(rb"-?[0-9]+")
_BEYOND_ALL = 1 << 64

#: Letters of a new name that are told.
_NAME = 80


#: What stands for a field that is not there.
NOTHING = msgspec.Raw()


class Fields(msgspec.Struct, gc=False):
    """What is read of each message: its id, its paths, and the part that may hold more paths."""

    id: int | None = None
    photo: str | None = None
    file: str | None = None
    thumbnail: str | None = None
    contact_vcard: str | None = None
    rich_message: msgspec.Raw = NOTHING


class _Entity(msgspec.Struct, gc=False):
    type: Literal[tuple(sorted(ENTITY_TYPES))]  # type: ignore[valid-type]


#: Types that cost the least to decode: text for what is short, the bytes themselves for what may be long.
_CHEAP: dict[str, Any] = dict.fromkeys(
    ("date", "date_unixtime", "edited", "edited_unixtime", "from", "actor", "mime_type", "file_name"), str | None
) | {
    "media_type": Literal[tuple(sorted(MEDIA_TYPES))],
    "action": Literal[tuple(sorted(ACTIONS))],
    "text_entities": list[_Entity],
    "from_id": str | int | None,
    "actor_id": str | int | None,
    "reply_to_message_id": int | None,
}
#: The decoder looks for a field from the place of the last one on, so the usual ones stand first, as they are written.
_USUAL = ("date", "date_unixtime", "from", "actor", "from_id", "actor_id", "action", "reply_to_message_id", "text")


def _struct(tag: str, fields: frozenset[str], cheap: dict[str, Any]) -> type[msgspec.Struct]:
    usual = [field for field in (*_USUAL, "text_entities") if field in fields]
    rest = sorted(fields - {"id", "type", "rich_message", *PATH_FIELDS, *usual})
    own = [(f"f{i}", cheap.get(f, msgspec.Raw), None) for i, f in enumerate([*usual, *rest])]
    return msgspec.defstruct(
        tag.title(),
        [
            ("id", int),
            *own,
            *((path, str | None, None) for path in PATH_FIELDS),
            ("rich_message", msgspec.Raw, NOTHING),
        ],
        tag=tag,
        rename={f"f{i}": field for i, field in enumerate([*usual, *rest])},
        forbid_unknown_fields=True,
        gc=False,
    )


def _any_of(cheap: dict[str, Any]) -> Any:
    message = _struct("message", MESSAGE_FIELDS | frozenset(PATH_FIELDS), cheap)
    return (
        message | _struct("service", SERVICE_FIELDS, cheap) | _struct("unsupported", frozenset({"id", "type"}), cheap)
    )


_KNOWN = msgspec.json.Decoder(list[_any_of(_CHEAP)])  # type: ignore[misc]
#: Before 4.1.2 only `text` told the entities.
_KNOWN_OLD = msgspec.json.Decoder(list[_any_of(_CHEAP | {"text": str | list[str | _Entity] | None})])  # type: ignore[misc]


class _Loose(Fields, gc=False):
    type: str | None = None
    action: str | None = None
    media_type: str | None = None


_LOOSE = msgspec.json.Decoder(_Loose)
_ID_FIRST = re.compile(rb'\{"id":(-?\d{1,19})[,}]')
_PIECES = msgspec.json.Decoder(str | list[str | _Entity] | None)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANYTHING = msgspec.json.Decoder()


def known(messages: bytes) -> list[Fields]:
    """Read a JSON array of messages.

    Raises:
        MsgspecError: something in it is not as it is known to be.
    """
    decoder = _KNOWN if b'"text_entities"' in messages else _KNOWN_OLD
    return cast("list[Fields]", decoder.decode(messages))


def looked_at(message: bytes) -> tuple[Fields, list[tuple[FindingKind, str]]]:
    """Read one message of which something may be new, and tell what.

    Raises:
        MsgspecError: it is no JSON object.
    """
    try:
        raw = _OBJECT.decode(message)
    except msgspec.ValidationError:
        raise
    except msgspec.MsgspecError:
        # A name with half a character: JSON that no decoder takes. The message is kept, by its id alone.
        first = _ID_FIRST.match(message)
        return Fields(int(first[1]) if first else None), []
    try:
        fields = _LOOSE.decode(message)
    except msgspec.MsgspecError:
        fields = _salvaged(raw)
    return fields, [*_unknown_words(fields), *_unknown_fields(raw, fields.type), *_unknown_entities(raw)]


def novelties(found: Iterable[tuple[FindingKind, str]]) -> list[Finding]:
    """Count what is new."""
    return [Finding(kind, shown(name, _NAME), "", count) for (kind, name), count in sorted(Counter(found).items())]


def _salvaged(raw: dict[str, msgspec.Raw]) -> _Loose:
    values = {name: _plain(raw[name]) for name in _Loose.__struct_fields__ if name in raw}
    number = values.pop("id", None)
    values.pop("rich_message", None)
    if "id" in raw and _DIGITS.fullmatch(bytes(raw["id"])) and type(number) is not int:
        number = _BEYOND_ALL
    fields = _Loose(number if type(number) is int else None)
    for name, value in values.items():
        if isinstance(value, str):
            setattr(fields, name, value)
    return fields


def _plain(raw: msgspec.Raw) -> object:
    try:
        return None if bytes(raw)[:1] in {b"{", b"["} else cast("object", _ANYTHING.decode(raw))
    except msgspec.MsgspecError:
        return None


def _unknown_words(fields: _Loose) -> list[tuple[FindingKind, str]]:
    found = []
    if fields.type is not None and fields.type not in MESSAGE_TYPES:
        found.append((FindingKind.UNKNOWN_TYPE, f"message type {fields.type}"))
    if fields.media_type is not None and fields.media_type not in MEDIA_TYPES:
        found.append((FindingKind.UNKNOWN_TYPE, f"media type {fields.media_type}"))
    if fields.action is not None and fields.action not in ACTIONS:
        found.append((FindingKind.UNKNOWN_ACTION, fields.action))
    return found


def _unknown_fields(raw: dict[str, msgspec.Raw], kind: str | None) -> list[tuple[FindingKind, str]]:
    fields = SERVICE_FIELDS if kind == "service" else MESSAGE_FIELDS
    return [
        (FindingKind.NOTE, _RESTORED) if name == _OWN_KEY else (FindingKind.UNKNOWN_FIELD, f"message.{name}")
        for name in raw.keys() - fields
    ]


def _unknown_entities(raw: dict[str, msgspec.Raw]) -> list[tuple[FindingKind, str]]:
    pieces = raw.get("text_entities", raw.get("text"))
    if pieces is None:
        return []
    try:
        _PIECES.decode(pieces)
    except msgspec.MsgspecError:
        return [(FindingKind.UNKNOWN_TYPE, f"entity type {kind}") for kind in _types(pieces)]
    return []


def _types(pieces: msgspec.Raw) -> Iterable[str]:
    try:
        decoded = _ANYTHING.decode(pieces)
    except UNREADABLE:
        return
    for piece in decoded if isinstance(decoded, list) else ():
        kind = piece.get("type") if isinstance(piece, dict) else None
        if isinstance(kind, str) and kind not in ENTITY_TYPES:
            yield kind
