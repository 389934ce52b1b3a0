"""The order in which a source said things, for giving them back in that order."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tgvault.archive.cuts import MAX_LEAF, Cuts
from tgvault.archive.entries import DocumentEntry, LayoutChat, parse_layout
from tgvault.archive.lists import BlobSource, BlobStore, Line, Ref, build, leaves, read_leaf, store_leaf
from tgvault.vault.manifests import Node

__all__ = ["LayoutBuilder", "read_layout"]


#: Characters in one row: even written as escapes of six bytes each they fill no leaf beyond its limit.
_TEXT_ROW = MAX_LEAF // 8


class LayoutBuilder:
    """Takes what a source says in its order. Only chats cut the list, so a chat that moves changes little."""

    def __init__(self, store: BlobStore, cuts: Cuts) -> None:
        self._store = store
        self._cuts = cuts
        self._refs: list[Ref] = []
        self._open: list[Line] = []
        self._size = 0
        self._position = 0

    def text(self, text: str) -> None:
        """Add text of the source's own form, in as many rows as it takes."""
        for at in range(0, max(1, len(text)), _TEXT_ROW):
            self._add(("text", text[at : at + _TEXT_ROW]))

    def document(self, entry: DocumentEntry) -> None:
        """Add a document."""
        self._add(("document", entry))

    def chat(self, chat: LayoutChat) -> None:
        """Add a chat."""
        if self._open and self._cuts.before(chat.key):
            self._close()
        self._add(("chat", chat))

    def build(self) -> Node | None:
        """End the list."""
        self._close()
        return build(self._refs, self._store, self._cuts)

    def _add(self, row: tuple[str, object]) -> None:
        line = Line(self._position, msgspec.json.encode(row) + b"\n")
        if self._open and self._size + len(line.data) > MAX_LEAF:
            self._close()
        self._open.append(line)
        self._size += len(line.data)
        self._position += 1

    def _close(self) -> None:
        if self._open:
            self._refs.append(store_leaf(self._open, self._store))
        self._open, self._size = [], 0


def read_layout(node: Node | None, source: BlobSource) -> Iterator[str | DocumentEntry | LayoutChat]:
    """Give texts, documents and chats in the source's order."""
    for leaf in leaves(node, source):
        yield from parse_layout(read_leaf(leaf, source))
