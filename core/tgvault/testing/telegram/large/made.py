"""The messages and files of one chat of a large account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tgvault.testing.telegram.account.content import Content
from tgvault.testing.telegram.account.shelf import FileKey, Shelf
from tgvault.testing.telegram.large.template import Template, Values
from tgvault.testing.telegram.large.variants import FILE_SIZES, PATTERN

__all__ = ["Made"]

#: A file's id holds the chat above and the message below this bit.
_CHAT_BIT = 40
#: More than any chat has: their texts are numbered apart.
_MOST_MESSAGES = 10**8


@dataclass(frozen=True, slots=True)
class Made:
    """Makes what belongs to the messages with certain ids."""

    #: Number of the chat, from 0.
    place: int
    ids: range
    templates: tuple[Template, ...]
    shelf: Shelf
    dcs: tuple[int, ...]
    #: Time of the message with the id 0, and between two ids, in seconds.
    begin: int
    step: float

    def message(self, message_id: int) -> bytes:
        """Give the bytes of a message."""
        index = self._index(message_id)
        template = self.templates[index % PATTERN]
        date, before = self.begin + int(message_id * self.step), max(1, message_id - self.ids.step)
        number = (self.place + 1) * _MOST_MESSAGES + index
        if not template.has_file:
            return template.fill(Values(message_id, date, before, number))
        file_id = (self.place + 1) << _CHAT_BIT | message_id
        kind = next(iter(FILE_SIZES[index % PATTERN]))[0]
        access_hash, reference = self.shelf.access_hash(kind, file_id), self.shelf.reference(kind, file_id)
        return template.fill(Values(message_id, date, before, number, file_id, access_hash, reference))

    def finder(self, otherwise: Callable[[FileKey], Content | None]) -> Callable[[FileKey], Content | None]:
        """Give what finds the files of the messages, and asks another for the files of others."""

        def find(key: FileKey) -> Content | None:
            kind, file_id, letter = key
            if file_id >> _CHAT_BIT != self.place + 1:
                return otherwise(key)
            place = self._index(file_id & (1 << _CHAT_BIT) - 1) % PATTERN
            size = FILE_SIZES.get(place, {}).get((kind, letter))
            return None if size is None else Content(file_id & 2**31 - 1, size, self.dcs[place % len(self.dcs)])

        return find

    def _index(self, message_id: int) -> int:
        return (message_id - self.ids.start) // self.ids.step
