"""Bytes of files, computed where they are read, so that no memory holds them."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Content"]

#: Bytes that are computed at once.
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Content:
    """A file of so many bytes that follow from `seed`, with the given ones at its beginning.

    What lies behind the beginning does not compress, as with real media.
    """

    seed: int
    size: int
    dc: int
    head: bytes = b""

    def read(self, offset: int = 0, limit: int | None = None) -> bytes:
        """Give the bytes from an offset; fewer than `limit` at the end, which is where all end without one."""
        end = self.size if limit is None else min(self.size, offset + limit)
        if offset >= end:
            return b""
        first = offset // _BLOCK
        data = b"".join(self._block(each) for each in range(first, (end - 1) // _BLOCK + 1))
        return data[offset - first * _BLOCK : end - first * _BLOCK]

    def _block(self, index: int) -> bytes:
        data = random.Random(self.seed << 32 | index).randbytes(_BLOCK)  # noqa: S311 (it is nothing but filling)
        return data if index else (self.head + data)[:_BLOCK]
