"""Values of a body: what JSON can hold, written as Telegram Desktop writes it."""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

import msgspec

from tgvault_plugins.takeout.convert.times import unix_of

__all__ = ["Fields", "decimal", "encoded", "only", "plain", "tidied"]

#: Members of an object in the order in which they are written.
Fields: TypeAlias = dict[str, object]

_ENCODE = msgspec.json.Encoder().encode
_HALF = re.compile("[\ud800-\udfff]")
#: What gives the right to read something; it is of use to nobody but the account, and only for a while.
_RIGHTS = frozenset({"access_hash", "file_reference"})


def encoded(body: object) -> bytes:
    """Write a value as JSON on one line, without white space and with letters as they are."""
    try:
        return _ENCODE(body)
    except (UnicodeEncodeError, TypeError):
        return _ENCODE(tidied(body))


def only(fields: Iterable[tuple[str, object]]) -> Fields:
    """Keep the fields that say something: no `None`, no `False`, no empty text or list. A zero does."""
    return {name: value for name, value in fields if value or (value == 0 and value is not False)}


def decimal(number: float) -> object:
    """Write a number with six decimals, as Telegram Desktop writes all that are not whole; null for none at all."""
    return msgspec.Raw(f"{number:.6f}".encode()) if math.isfinite(number) else None


def plain(thing: object) -> object:
    """Give an object of Telegram's as JSON can hold it, without the rights to read files; `_` is its constructor."""
    to_dict = getattr(thing, "to_dict", None)
    return _plain(to_dict() if callable(to_dict) else thing)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        kept = {str(key): _plain(each) for key, each in value.items() if key not in _RIGHTS}
        return {key: each for key, each in kept.items() if each is not None and each is not False}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return unix_of(value)
    if hasattr(value, "to_dict"):
        return plain(value)
    return value


def tidied(value: object) -> object:
    """Make of any value one that JSON can hold: halves of characters replaced, what is strange described."""
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {str(tidied(str(key))): tidied(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [tidied(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, int | msgspec.Raw):
        return value
    return tidied(_plain(value) if isinstance(value, bytes | datetime) or hasattr(value, "to_dict") else repr(value))
