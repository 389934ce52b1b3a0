"""Reading Telegram's answers: one that cannot be read, or is of another kind than asked for, is one error of ours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from telethon import errors
from telethon.tl import TLRequest

from tgvault_plugins.takeout.conforming import conforms

__all__ = ["UnreadableAnswerError", "innermost", "reader_for"]

#: What Telethon's readers raise for bytes that are no answer, or objects within objects without an end.
_UNREAD = (
    errors.TypeNotFoundError,
    BufferError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


class UnreadableAnswerError(errors.RPCError):  # type: ignore[misc]  # Telethon is not typed
    """Telegram's answer to a request cannot be read.

    To whoever asks it is as if Telegram refused the request. Nothing of the answer is in it.
    """

    def __init__(self, request: TLRequest) -> None:
        super().__init__(request, "the answer is of a kind that this version cannot read", 0)


def innermost(request: TLRequest) -> TLRequest:
    """Give what is asked for in the end, out of all that says how to carry it out."""
    while isinstance(inner := getattr(request, "query", None), TLRequest):
        request = inner
    return request


def reader_for(request: TLRequest) -> Callable[[Any], Any]:
    """Give what reads the answer to a request, and raises `UnreadableAnswerError` for all that is none."""
    asked = innermost(request)
    read = asked.read_result

    def read_result(reader: Any) -> Any:
        answer = None
        with suppress(*_UNREAD):
            answer = read(reader)
        # Not within a handler: an error that is being handled would stay with ours, and the answer's bytes with it.
        if not conforms(asked, answer):
            raise UnreadableAnswerError(asked)
        return answer

    return read_result
