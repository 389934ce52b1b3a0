"""What all parts of the demo account are made with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from telethon.tl import types

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.account.numbers import number
from tgvault.testing.telegram.tl import Tl

__all__ = ["Piece", "Scene", "marked", "plain", "utf16"]

#: A text, or a text with the class of its entity and that one's other fields.
Piece: TypeAlias = "str | tuple[str, type[Tl]] | tuple[str, type[Tl], dict[str, Tl]]"


@dataclass(slots=True)
class Scene:
    """An account in the making, with its people and chats by short names, and its files numbered."""

    account: Account
    users: dict[str, types.User] = field(default_factory=dict)
    chats: dict[str, Tl] = field(default_factory=dict)
    talks: dict[str, Conversation] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def photo(self, size: int = 48_000, **more: Tl) -> types.Photo:
        """Make a photo; they lie in the data centres by turns."""
        place = next(self._numbers)
        return self.account.shelf.photo(
            file_id=number("photo", place), dc=self._dc(place), date=self.account.now, size=size, **more
        )

    def document(self, mime_type: str, size: int, *attributes: Tl, thumb: int | None = None) -> types.Document:
        """Make a document; they lie in the data centres by turns."""
        place = next(self._numbers)
        return self.account.shelf.document(
            mime_type,
            size,
            *attributes,
            file_id=number("document", place),
            dc=self._dc(place),
            date=self.account.now,
            thumb=thumb,
        )

    def file(self, name: str, size: int, mime_type: str = "application/octet-stream") -> types.Document:
        """Make an ordinary file."""
        return self.document(mime_type, size, types.DocumentAttributeFilename(name))

    def say(self, chat: str, text: str = "", *, sender: str | None = None, **more: Tl) -> types.Message:
        """Write a message into a chat by its short name."""
        who = None if sender is None else self.users.get(sender) or self.chats[sender]
        return self.account.say(self.talks[chat], text, sender=who, **more)

    def note(self, chat: str, action: Tl, *, sender: str | None = None, **more: Tl) -> types.MessageService:
        """Add a service message to a chat by its short name."""
        who = None if sender is None else self.users[sender]
        return self.account.note(self.talks[chat], action, sender=who, **more)

    def _dc(self, place: int) -> int:
        return self.account.dcs[place % len(self.account.dcs)]


def utf16(text: str) -> int:
    """Count the units in which entities are measured: https://core.telegram.org/api/entities#entity-length ."""
    return len(text.encode("utf-16-le")) // 2


def marked(*pieces: Piece) -> dict[str, Tl]:
    """Make text and entities of pieces."""
    text, entities = "", []
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        more = piece[2] if len(piece) == 3 else {}
        entities.append(piece[1](utf16(text), utf16(piece[0]), **more))
        text += piece[0]
    return {"text": text, "entities": entities}


def plain(text: str) -> types.TextWithEntities:
    """Make a text without entities for fields that may have some."""
    return types.TextWithEntities(text, [])
