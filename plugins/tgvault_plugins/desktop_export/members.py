"""Reading the members of the outermost objects of a `result.json`, and telling its form by them."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from tgvault_plugins.desktop_export.known import CHAT_SECTIONS, CHAT_TYPES, ROOT_FIELDS
from tgvault_plugins.desktop_export.parts import Broken, Ended
from tgvault_plugins.desktop_export.tidy import tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["FULL", "SINGLE", "Member", "form_by", "is_messages", "is_section", "member_at", "name_of"]

FULL = "full account"
SINGLE = "single chat"

_MEMBER = re.compile(rb'\s*,?\s*(?:("[^"\\]*+(?:\\.[^"\\]*+)*+")\s*:\s*|(\}))', re.DOTALL)
_PARTIAL = re.compile(rb'\s*,?\s*(?:"[^"\\]*+(?:\\.[^"\\]*+)*+(?:\\|"\s*:?\s*)?)?', re.DOTALL)
_TYPE = re.compile(rb'"([a-z_]{1,64})"')
_MESSAGES = re.compile(rb'\[\s*\{\s*"(?:id|type)"\s*:')
_CHATS = re.compile(rb'\{[^\[\]{}]*"[^"\[\]{}]*"\s*:\s*\[\s*\{[^\[\]{}]*"messages"\s*:\s*\[')
_STRING = msgspec.json.Decoder(str)


class Member(NamedTuple):
    """A member's key, as it is written, and the position of its value."""

    key: bytes
    at: int


def member_at(view: View, at: int) -> tuple[Member | None, int]:
    """The member whose key comes next and where its value is; None and what follows when the object closes.

    Raises:
        Ended: the file ends first.
        Broken: something else stands there.
    """
    for count in (1 << 10, 1 << 20):
        seen = view.peek(at, count)
        if found := _MEMBER.match(seen):
            end = at + found.end()
            return (Member(found[1], end) if found[1] else None), end
        if len(seen) < count:
            raise Ended(at) if _PARTIAL.fullmatch(seen) else Broken(at)
    raise Broken(at)


def name_of(key: bytes) -> str:
    """The name that a key writes, damaged letters replaced."""
    tidy = tidied(key)
    try:
        return _STRING.decode(tidy.data) if tidy else key[1:-1].decode(errors="replace")
    except msgspec.MsgspecError:
        return key[1:-1].decode(errors="replace")


def form_by(view: View, member: Member) -> str | None:
    """What a member of the root says about the form of the file."""
    key = member.key[1:-1].decode("ascii", "replace")
    first = view.peek(member.at, 1)
    if key == "messages" and first == b"[":
        return SINGLE
    if key == "type" and (found := view.match(_TYPE, member.at)):
        return SINGLE if found[1].decode() in CHAT_TYPES else None
    return FULL if key in ROOT_FIELDS and key != "about" and first in {b"{", b"["} else None


def is_section(view: View, member: Member) -> bool:
    """Whether a member of the root holds a list of chats, by its name or, if that is new or damaged, by its look."""
    name = member.key[1:-1].decode("ascii", "replace")
    if name in CHAT_SECTIONS:
        return True
    return name not in ROOT_FIELDS and bool(view.match(_CHATS, member.at, 1 << 12))


def is_messages(view: View, member: Member) -> bool:
    """Whether a member of a chat holds its messages, by its name or, if that is damaged, by its look."""
    if view.peek(member.at, 1) != b"[":
        return False
    return member.key == b'"messages"' or bool(view.match(_MESSAGES, member.at))
