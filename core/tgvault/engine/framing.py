"""The form of an account export around the records of a source that has no form of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tgvault.archive.entries import DocumentEntry
from tgvault.engine.chat_work import GatheredChat
from tgvault.model.records import Literal

__all__ = ["framed"]

_Item = GatheredChat | DocumentEntry | Literal


def framed(items: Sequence[_Item]) -> Iterator[_Item]:
    """Give the items with text around them that makes them one JSON document; the source's own text if it has any.

    One chat alone is a document already: the export of a single chat.
    """
    if len(items) == 1 or any(isinstance(item, Literal) for item in items):
        yield from items
        return
    yield Literal(b"{")
    for item in items:
        if isinstance(item, DocumentEntry):
            yield Literal(msgspec.json.encode(item.name) + b":")
            yield item
            yield Literal(b",\n")
    yield Literal(b'"chats":{"list":[')
    comma = b""
    for item in items:
        if isinstance(item, GatheredChat):
            yield Literal(comma + b"\n")
            yield item
            comma = b","
    yield Literal(b"]}}")
