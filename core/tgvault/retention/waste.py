"""Which packs to delete, which to write anew without what nobody needs, and which to leave as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["PackUse", "Plan", "choose"]

#: Packs below this many bytes are small. A run that adds little makes one or two of them, and each is one more to list,
#: to copy and to read.
SMALL = 1 << 20

#: Small packs are put together when there are more of them than this.
MANY_SMALL = 64


@dataclass(frozen=True, slots=True)
class PackUse:
    """A pack (by its digest): the bytes of its object, of all content in it, and of the content that is needed."""

    digest: bytes
    size: int
    content: int
    needed: int

    @property
    def waste(self) -> float:
        """Bytes of the object that nobody needs, as near as can be told without opening it."""
        return self.size * (1 - self.needed / self.content) if self.content else float(self.size)


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of packs. `waste` is how many bytes nobody needs in those that stay."""

    delete: tuple[PackUse, ...]
    repack: tuple[PackUse, ...]
    keep: tuple[PackUse, ...]
    waste: int


def choose(packs: Iterable[PackUse], *, max_unused: float) -> Plan:
    """Choose so that at most the share `max_unused` (0 to 1) of what stays is waste, and little is written anew."""
    uses = list(packs)
    used = sorted((each for each in uses if each.needed), key=lambda each: (-each.waste / each.size, each.digest))
    small = _small(used)
    repack = [each for each in used if each.digest in small]
    rest = [each for each in used if each.digest not in small]
    allowed = max_unused * sum(each.size for each in used)
    waste = sum(each.waste for each in rest)
    while rest and waste > allowed and rest[0].waste >= 1:
        waste -= rest[0].waste
        repack.append(rest.pop(0))
    return Plan(tuple(each for each in uses if not each.needed), tuple(repack), tuple(rest), round(waste))


def _small(used: Sequence[PackUse]) -> frozenset[bytes]:
    small = frozenset(each.digest for each in used if each.size < SMALL)
    return small if len(small) > MANY_SMALL else frozenset()
