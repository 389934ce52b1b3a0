"""A chat's history while an observation is merged into the chat."""

from __future__ import annotations

from tgvault.archive.cuts import Cuts, Key
from tgvault.archive.entries import Gone, Past, Version, entry_line, entry_lines, parse_history
from tgvault.archive.lists import BlobSource, BlobStore, leaves, read_leaf, update
from tgvault.archive.ranges import Range
from tgvault.vault.manifests import Node

__all__ = ["Pasts"]


class Pasts:
    """Gives and takes what is kept of messages besides their newest text.

    Ranges are entered one after another, so that memory grows with what changes and not with the history.
    """

    def __init__(self, node: Node | None, *, source: BlobSource, store: BlobStore, cuts: Cuts) -> None:
        self._node = node
        self._source = source
        self._store = store
        self._cuts = cuts
        self._loaded: dict[int, Past] = {}
        self._changes: dict[int, Past | None] = {}
        #: By how many the number of gone messages has grown.
        self.gone = 0

    def touch(self, ids: Range) -> bool:
        """Tell whether the history may know of an id in the range."""
        return next(leaves(self._node, self._source, first=ids.first, last=ids.last), None) is not None

    def enter(self, ids: Range) -> None:
        """Read what is known of the ids in the range."""
        self._loaded = {
            past.id: past
            for leaf in leaves(self._node, self._source, first=ids.first, last=ids.last)
            for past in parse_history(read_leaf(leaf, self._source))
        }

    def find(self, number: int) -> Past | None:
        """Give what is known of an id in the range that was entered last."""
        return self._changes[number] if number in self._changes else self._loaded.get(number)

    def versions(self, number: int) -> tuple[Version, ...]:
        """Give the earlier texts of a message."""
        past = self.find(number)
        return past.versions if past is not None else ()

    def put(self, number: int, gone: Gone | None, versions: tuple[Version, ...]) -> None:
        """Remember this of a message; with neither it has no past."""
        before = self.find(number)
        after = Past(number, gone, versions) if gone is not None or versions else None
        if before != after:
            self._changes[number] = after
            self.gone += _is_gone(after) - _is_gone(before)

    def build(self) -> Node | None:
        """Write the history anew."""
        rows: dict[Key, bytes | None] = {
            number: entry_line(past).data if past is not None else None for number, past in self._changes.items()
        }
        return update(
            self._node,
            rows,
            parse=lambda content: entry_lines(parse_history(content)),
            source=self._source,
            store=self._store,
            cuts=self._cuts,
        )


def _is_gone(past: Past | None) -> bool:
    return past is not None and past.gone is not None
