"""Writing JSON as Telegram Desktop writes it, and reading it with every duplicate key kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Pairs", "Raw", "dump", "pairs"]

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Raw(str):
    """Text that is written as it stands."""

    __slots__ = ()


@dataclass(frozen=True)
class Pairs:
    """An object whose keys may repeat."""

    items: tuple[tuple[str, object], ...]


def dump(value: object, level: int = 0) -> str:
    """Write a value: one space a level, characters raw, control characters as the illegal `\\xNN`."""
    inner = "\n" + " " * (level + 1)
    outer = "\n" + " " * level
    match value:
        case Raw():
            return str(value)
        case str():
            return '"' + "".join(map(_character, value)) + '"'
        case dict() | Pairs():
            items = value.items if isinstance(value, Pairs) else tuple(value.items())
            return (
                "{" + ",".join(f"{inner}{dump(str(key))}: {dump(each, level + 1)}" for key, each in items) + outer + "}"
            )
        case list():
            return "[" + ",".join(inner + dump(each, level + 1) for each in value) + outer + "]"
        case float():
            return f"{value:f}"
    return json.dumps(value)


def _character(char: str) -> str:
    return _ESCAPES.get(char) or (f"\\x{ord(char):02X}" if char < " " else char)


def pairs(text: bytes | str) -> object:
    """Read JSON so that objects compare by all of their members, in order, repeated ones too."""
    hook: Callable[[list[tuple[str, object]]], object] = lambda members: ("object", members)  # noqa: E731
    return json.loads(text, object_pairs_hook=hook)
