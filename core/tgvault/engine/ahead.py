"""Reading a little ahead, while others have something to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["Ahead"]

_Item = TypeVar("_Item")

#: Items that are held at most.
LIMIT = 10_000


class Ahead(Generic[_Item]):
    """Gives the items of an iterator, those first that were fetched ahead.

    Nothing is fetched any more behind an item that is not small: such items come in great numbers.
    """

    def __init__(self, items: Iterator[_Item], *, is_small: Callable[[_Item], bool]) -> None:
        self._items = items
        self._is_small = is_small
        self._fetched: deque[_Item] = deque()
        self._has_more = True

    def fetch(self) -> bool:
        """Fetch an item, and tell whether there may be more to fetch."""
        if self._has_more:
            for item in self._items:
                self._fetched.append(item)
                self._has_more = self._is_small(item) and len(self._fetched) < LIMIT
                return self._has_more
        self._has_more = False
        return False

    def __iter__(self) -> Iterator[_Item]:
        while self._fetched:
            yield self._fetched.popleft()
        yield from self._items
