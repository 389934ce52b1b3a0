"""The text around a chat's messages, and what it says about the chat."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.known import CHAT_FIELDS, CHAT_TYPES
from tgvault_plugins.desktop_export.paths import shown
from tgvault_plugins.desktop_export.tidy import UNREADABLE, Tidied, tidied

__all__ = ["Head", "head_of"]

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_NUMBER = msgspec.json.Decoder(int)
_BEFORE = b'{"m":['


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before and after the messages, without white space, and the three fields that name the chat."""

    opening: bytes
    closing: bytes
    name: str | None = None
    type: str | None = None
    id: int | None = None
    findings: tuple[Finding, ...] = ()


def head_of(opening: bytes, closing: bytes) -> Head | None:
    """Read a chat's opening, up to the bracket of its messages, and its closing; None when they are no JSON.

    A chat without messages has no such bracket: its opening lacks the last brace, which is its closing.
    """
    if closing == b"}":
        whole = tidied(opening + closing)
        return _read(Tidied(whole.data[:-1], whole.repaired, whole.replaced), closing) if whole else None
    before, after = tidied(opening + b"]}"), tidied(_BEFORE + closing)
    if before is None or after is None:
        return None
    repaired, replaced = before.repaired + after.repaired, before.replaced + after.replaced
    return _read(Tidied(before.data[:-2], repaired, replaced), after.data[len(_BEFORE) :])


def _read(opening: Tidied, closing: bytes) -> Head | None:
    try:
        fields = _OBJECT.decode(opening.data + closing)
    except UNREADABLE:
        return None
    name, kind = _string(fields.get("name")), _string(fields.get("type"))
    found = [
        Finding(FindingKind.UNKNOWN_FIELD, f"chat.{shown(field, 80)}") for field in sorted(fields.keys() - CHAT_FIELDS)
    ]
    if kind is not None and kind not in CHAT_TYPES:
        found.append(Finding(FindingKind.UNKNOWN_TYPE, f"chat type {shown(kind, 80)}"))
    found += opening.findings(f"chat {shown(name or kind or '', 80)}")
    return Head(opening.data, closing, name, kind, _number(fields.get("id")), tuple(found))


def _string(value: msgspec.Raw | None) -> str | None:
    try:
        return _STRING.decode(value) if value is not None else None
    except msgspec.MsgspecError:
        return None


def _number(value: msgspec.Raw | None) -> int | None:
    try:
        return _NUMBER.decode(value) if value is not None else None
    except msgspec.MsgspecError:
        return None
