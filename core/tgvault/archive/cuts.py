"""Where lists are cut: by a keyed hash of the key alone, never by content."""

from __future__ import annotations

from tgvault.crypto.keyed import IdKey

__all__ = ["MAX_LEAF", "MAX_PAGE", "MESSAGES_PER_SEGMENT", "ROWS_PER_LEAF", "Cuts", "Key"]

#: What a line is found by: a message id or position, or the text of a chat key, document name or path.
Key = int | str

#: Lines in a leaf on average. Segments of 64 messages would compress a tenth worse and make four times the places;
#: of 1024, an edit would store four times as much.
MESSAGES_PER_SEGMENT = 256
ROWS_PER_LEAF = 32

#: A leaf is cut before it passes this many bytes, a page before it passes this many references.
MAX_LEAF = 512 << 10
MAX_PAGE = 1024

_FANOUT = 32
_MASK = (1 << 64) - 1


class Cuts:
    """Says before which keys lists are cut. The same key of the vault gives the same cuts, for ever."""

    def __init__(self, id_key: IdKey, *, per_leaf: int) -> None:
        self._id_key = id_key
        self._multiplier = id_key.cut_key()
        self._per_leaf = per_leaf

    def before(self, key: Key) -> bool:
        """Tell whether a leaf starts with the key."""
        return self._hash(key) % self._per_leaf == 0

    def page_before(self, key: Key, level: int) -> bool:
        """Tell whether a page of that level (1 or more) starts with a reference whose first key this is."""
        unit: int = self._per_leaf * _FANOUT ** (level - 1)
        return self._hash(key) // unit % _FANOUT == 0

    def _hash(self, key: Key) -> int:
        number = key if isinstance(key, int) else int.from_bytes(self._id_key.blob_id(key.encode())[:8], "little")
        mixed = number * self._multiplier & _MASK
        mixed ^= mixed >> 32
        return (mixed * self._multiplier & _MASK) >> 32
