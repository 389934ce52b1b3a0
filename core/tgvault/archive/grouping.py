"""Pairing the leaves of two lists of messages that may have ids in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tgvault.archive.cuts import Key
from tgvault.archive.lists import Ref
from tgvault.archive.ranges import Range

__all__ = ["Group", "groups", "number_of"]


@dataclass(slots=True)
class Group:
    """Leaves of both sides whose id ranges touch."""

    old: list[Ref] = field(default_factory=list)
    new: list[Ref] = field(default_factory=list)

    @property
    def ids(self) -> Range:
        """From the first id to the last, of both sides."""
        refs = (*self.old, *self.new)
        return Range(min(number_of(ref.first) for ref in refs), max(number_of(ref.last) for ref in refs))

    @property
    def is_same(self) -> bool:
        """Whether both sides are equal, byte for byte."""
        return [ref.blob for ref in self.old] == [ref.blob for ref in self.new]


def groups(old: Iterable[list[Ref]], new: Iterable[list[Ref]]) -> Iterator[Group]:
    """Pair what lies in the same range of ids; both sides ascend."""
    olds, news = deque(old), deque(new)
    while olds or news:
        group = Group()
        last = number_of(min(side[0][0].first for side in (olds, news) if side))
        while True:
            for side, into in ((olds, group.old), (news, group.new)):
                if side and number_of(side[0][0].first) <= last:
                    into.extend(side.popleft())
                    last = max(last, number_of(into[-1].last))
                    break
            else:
                break
        yield group


def number_of(key: Key) -> int:
    """Give a key of a list of messages: an id or a position."""
    assert isinstance(key, int)
    return key
