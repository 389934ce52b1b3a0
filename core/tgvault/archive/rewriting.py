"""Changing one value in a body and leaving every other byte as the source wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]
from typing import NamedTuple

import msgspec

__all__ = ["put_text", "take_member"]

# Numbers are passed over as text: a number of five thousand digits is legal JSON, and Python refuses to read it.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


class _Member(NamedTuple):
    """A member of an object or an array: its name or number, and where it and its value begin and end."""

    name: str
    start: int
    value: int
    end: int


def put_text(body: bytes, place: str, text: str) -> bytes:
    """Give the value at a place (a JSON pointer without the first slash) another text.

    Of a member that an object has twice, the last one counts. Nothing changes where nothing stands at the place.
    """
    whole = body.decode()
    at = 0
    for name in place.split("/"):
        member = _last(whole, at, name.replace("~1", "/").replace("~0", "~"))
        if member is None:
            return body
        at = member.value
    return whole[:at].encode() + msgspec.json.encode(text) + whole[_end(whole, at) :].encode()


def take_member(body: bytes, name: str) -> tuple[bytes, bytes | None]:
    """Give an object without its member of that name, and the member's value; None if it has none."""
    whole = body.decode()
    member = _last(whole, 0, name)
    if member is None:
        return body, None
    before, after = whole[: member.start].rstrip(), whole[member.end :].lstrip()
    if before.endswith(","):
        before = before[:-1]
    else:
        after = after.removeprefix(",")
    return (before + after).encode(), whole[member.value : member.end].encode()


def _last(text: str, at: int, name: str) -> _Member | None:
    return next((member for member in reversed(list(_members(text, at))) if member.name == name), None)


def _members(text: str, at: int) -> Iterator[_Member]:
    """Give the members of the object or array that begins here; anything else has none."""
    is_object = text[at] == "{"
    if not is_object and text[at] != "[":
        return
    number = 0
    at = _past_space(text, at + 1)
    while text[at] not in "}]":
        start, name = at, str(number)
        if is_object:
            name, at = scanstring(text, at + 1, False)
            at = _past_space(text, _past_space(text, at) + 1)
        end = _end(text, at)
        yield _Member(name, start, at, end)
        number += 1
        at = _past_space(text, end)
        at = _past_space(text, at + 1) if text[at] == "," else at


def _end(text: str, at: int) -> int:
    return _DECODER.raw_decode(text, at)[1]


def _past_space(text: str, at: int) -> int:
    found = WHITESPACE.match(text, at)
    return found.end() if found else at
