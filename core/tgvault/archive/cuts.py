"""Where lists are cut: by a keyed hash of the key alone, never by content."""

from __future__ import annotations

from collections.abc import Sequence

from tgvault.crypto.keyed import IdKey

__all__ = ["MAX_LEAF", "MAX_PAGE", "MESSAGES_PER_SEGMENT", "ROWS_PER_LEAF", "Cuts", "Key"]

#: What a line is found by: a message id or position, or the text of a chat key, document name or path.
Key = int | str

#: Lines in a leaf on average. The next version of a 300 MB export (66 edits, 5 deletions, 2 % more messages in 40
#: chats) stores 2.3 MB of text with segments of 128 messages and 3.4 MB with 256; the first one 36.3 and 36.1 MB.
MESSAGES_PER_SEGMENT = 128
ROWS_PER_LEAF = 32

#: A leaf is cut before it passes this many bytes, a page before it passes this many references.
MAX_LEAF = 512 << 10
MAX_PAGE = 1024

_FANOUT = 32
_MASK = (1 << 64) - 1
_LOW = (1 << 32) - 1


class Cuts:
    """Says before which keys lists are cut. The same key of the vault gives the same cuts, for ever."""

    def __init__(self, id_key: IdKey, *, per_leaf: int) -> None:
        self._id_key = id_key
        self._multiplier = id_key.cut_key()
        self._per_leaf = per_leaf

    def before(self, key: Key) -> bool:
        """Tell whether a leaf starts with the key."""
        return self._hash(key) % self._per_leaf == 0

    def among(self, keys: Sequence[int]) -> list[int]:
        """Give the places of those keys before which a leaf starts."""
        by, rows = self._multiplier, self._per_leaf
        mixed = [key * by & _MASK for key in keys]
        return [at for at, each in enumerate(mixed) if not ((each ^ each >> 32) * by >> 32 & _LOW) % rows]

    def page_before(self, key: Key, level: int) -> bool:
        """Tell whether a page of that level (1 or more) starts with a reference whose first key this is."""
        unit: int = self._per_leaf * _FANOUT ** (level - 1)
        return self._hash(key) // unit % _FANOUT == 0

    def _hash(self, key: Key) -> int:
        number = key if isinstance(key, int) else int.from_bytes(self._id_key.blob_id(key.encode())[:8], "little")
        mixed = number * self._multiplier & _MASK
        mixed ^= mixed >> 32
        return (mixed * self._multiplier & _MASK) >> 32
