"""What the engine asks of a transform."""

from __future__ import annotations

from typing import ClassVar, Protocol

import msgspec

from tgvault.model.records import Chat, Document, Message

__all__ = ["Transform"]


class Transform(Protocol):
    """Changes or drops records on their way from a source to the archive.

    An instance is made from its checked configuration in every process that reads; it keeps no state that depends on
    the order of calls, since spans of one chat are read in parallel. A message that is dropped leaves a hole in the
    coverage: it is never taken for deleted. Bodies are JSON objects on one line; what a transform returns MUST be one
    again, with the same id.
    """

    config: ClassVar[type[msgspec.Struct]]

    def document(self, document: Document) -> Document | None:
        """Pass on the document, a changed one, or None to drop it."""

    def message(self, chat: Chat, message: Message) -> Message | None:
        """Pass on the message, a changed one, or None to drop it. Called once for each message, in any process."""
