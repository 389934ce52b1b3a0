"""The transform `drop-service`: a backup without calls, pinned messages and the like."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from tgvault.api import Chat, Document, Message

__all__ = ["DropService", "DropServiceConfig"]


class DropServiceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `[transforms.…]` table of type `drop-service`."""

    actions: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            min_length=1,
            description="The service messages to leave out, by their `action`: `phone_call`, `pin_message`.",
        ),
    ]


class DropService:
    """Drops the service messages with certain actions, and passes on everything else as it is."""

    config: ClassVar[type[msgspec.Struct]] = DropServiceConfig

    def __init__(self, config: DropServiceConfig) -> None:
        self._actions = config.actions

    def document(self, document: Document) -> Document | None:
        """Pass on the document."""
        return document

    def message(self, chat: Chat, message: Message) -> Message | None:
        """Drop the message if its action is one of ours."""
        # Few messages are service messages. Looking at the bytes first spares the others from being decoded.
        if b'"action"' not in message.body:
            return message
        action = msgspec.json.decode(message.body, type=_Service).action
        return None if action in self._actions else message


class _Service(msgspec.Struct):
    """The one field that matters here; the others are not even built."""

    #: Text in every export so far. Should it be something else one day, it is not one of ours, and no reason to fail.
    action: object = None
