"""Telethon's TL objects, which carry no types, and the answers they have no writer for."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, TypeAlias

from telethon.tl import TLObject

__all__ = ["Answer", "Encoded", "Tl", "encode", "method_name", "vector"]

#: An object of Telethon's TL schema. Annotated by its class where that says more.
Tl: TypeAlias = Any
#: What a method answers: an object, a truth value, or a vector.
Answer: TypeAlias = "Tl | bool | list[Tl]"

_TRUE, _FALSE, _VECTOR = 0x997275B5, 0xBC799737, 0x1CB5C415


class Encoded:
    """An object that is bytes already; Telethon's writers take it wherever they take an object."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _bytes(self) -> bytes:
        return self.data


def vector(items: Iterable[bytes], count: int) -> bytes:
    """Write a vector of written items."""
    return b"".join((struct.pack("<Ii", _VECTOR, count), *items))


def encode(answer: Answer) -> bytes:
    """Write an answer: https://core.telegram.org/mtproto/serialize ."""
    if isinstance(answer, bool):
        return struct.pack("<I", _TRUE if answer else _FALSE)
    if isinstance(answer, list):
        return vector((each._bytes() for each in answer), len(answer))
    data: bytes = answer._bytes()
    return data


def method_name(request: type[TLObject] | Tl) -> str:
    """Name the method of a request, or of its class, as Telegram's documentation does: `messages.getHistory`."""
    kind = request if isinstance(request, type) else type(request)
    name = kind.__name__.removesuffix("Request")
    room = kind.__module__.rpartition(".")[2]
    short = name[0].lower() + name[1:]
    return short if room == "functions" else f"{room}.{short}"
