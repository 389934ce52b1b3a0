"""Finding the pictures of custom emoji: messages name them by ids only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from telethon import errors
from telethon.tl.functions.messages import GetCustomEmojiDocumentsRequest
from telethon.tl.types import Document, DocumentEmpty, MessageEntityCustomEmoji, ReactionCustomEmoji

from tgvault_plugins.takeout.calling import Caller

__all__ = ["EmojiFinder"]

#: Ids in one request, as many as Telegram takes.
PAGE = 200
#: Documents that are remembered; those met longest ago go first. Each takes about 2 kB.
LIMIT = 5_000


class EmojiFinder:
    """Asks for the documents of custom emoji, each once as long as it is remembered."""

    def __init__(self, caller: Caller, *, wanted: bool) -> None:
        self._caller = caller
        self._wanted = wanted
        #: What was found, by id, and an empty document for what Telegram refused; changes as more is learned.
        self.documents: dict[int, Document | DocumentEmpty] = {}

    def forget(self) -> None:
        """Have all asked for again: the references in them have run out."""
        self.documents.clear()

    async def learn(self, messages: Iterable[Any]) -> None:
        """Ask for those that messages use; one that Telegram does not have stays an id."""
        if not self._wanted:
            return
        known = {number for number, each in self.documents.items() if isinstance(each, Document)}
        missing = sorted({number for each in messages for number in _ids(each)} - known)
        for at in range(0, len(missing), PAGE):
            asked = missing[at : at + PAGE]
            try:
                found = await self._caller(GetCustomEmojiDocumentsRequest(asked))
            except errors.RPCError:
                self.documents.update({each: DocumentEmpty(each) for each in asked})
                continue
            for each in asked:
                self.documents.pop(each, None)
            self.documents.update({each.id: each for each in found if isinstance(each, Document)})
        while len(self.documents) > LIMIT:
            del self.documents[next(iter(self.documents))]


def _ids(message: Any) -> Iterator[int]:
    for entity in getattr(message, "entities", None) or ():
        if isinstance(entity, MessageEntityCustomEmoji):
            yield entity.document_id
    reactions = getattr(message, "reactions", None)
    for each in getattr(reactions, "results", None) or ():
        if isinstance(each.reaction, ReactionCustomEmoji):
            yield each.reaction.document_id
