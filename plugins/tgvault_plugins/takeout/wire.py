"""Reading answers so that messages keep the bytes that they came in, and long lists never are in memory as objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.extensions import BinaryReader
from telethon.tl.functions.contacts import GetSavedRequest
from telethon.tl.types import Message, MessageEmpty, MessageService, SavedPhoneContact

from tgvault_plugins.takeout.convert.people import ContactRows

__all__ = ["address_book", "keep_bytes"]

_VECTOR = 0x1CB5C415

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


def address_book(rows: ContactRows) -> GetSavedRequest:
    """Make the request for the address book: its contacts are added to the rows one by one, and its answer is empty.

    As objects hundreds of thousands of contacts would take hundreds of megabytes.
    """

    def read(reader: Any) -> list[Any]:
        rows.clear()
        if reader.read_int(signed=False) != _VECTOR:
            raise ValueError("the answer is no list")
        for _ in range(reader.read_int()):
            contact = reader.tgread_object()
            if type(contact) is not SavedPhoneContact:
                raise ValueError("the list has something else than contacts")
            rows.add(contact)
        return []

    request = GetSavedRequest()
    request.read_result = read
    return request
