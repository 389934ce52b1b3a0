"""Reading answers of Telegram so that each message keeps the bytes that it came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.extensions import BinaryReader
from telethon.tl.types import Message, MessageEmpty, MessageService

__all__ = ["keep_bytes"]

_MESSAGES = (Message, MessageService, MessageEmpty)


class _Recorder(BinaryReader):  # type: ignore[misc]  # Telethon is not typed
    """Notes where the messages of an answer begin and end; a message inside another one is part of it."""

    def __init__(self, data: bytes, found: dict[int, bytes]) -> None:
        super().__init__(data)
        self._found = found

    def tgread_object(self) -> Any:
        start = self.position
        made = super().tgread_object()
        if isinstance(made, _MESSAGES):
            self._found[id(made)] = self.stream[start : self.position]
        return made


def keep_bytes(request: Any) -> tuple[Any, Callable[[Any], bytes | None]]:
    """Prepare a request; gives it, and what tells the bytes of a message of its answer.

    A message's bytes are known as long as the message itself is there.
    """
    found: dict[int, bytes] = {}

    def read(reader: Any) -> Any:
        found.clear()
        recorder = _Recorder(reader.get_bytes(), found)
        recorder.set_position(reader.tell_position())
        return recorder.tgread_object()

    request.read_result = read
    return request, lambda message: found.get(id(message))
