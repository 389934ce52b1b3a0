"""Removing from a copy what was deleted from the vault on purpose."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import VaultError
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import is_named_by_content
from tgvault.vault.marks import Mark, MarkKind, open_mark

__all__ = ["Deleted", "remove_deleted"]

#: What relies on others before these.
_ORDER = ("snapshots/", "marks/", "index/", "packs/")


@dataclass(frozen=True, slots=True)
class Deleted:
    """The objects that were deleted on purpose, as marks of the vault's own say.

    `settled` chooses, of those that a copy still has, the ones that may be removed there now.
    """

    names: Collection[str] = ()
    settled: Callable[[Collection[str]], Collection[str]] = set


def remove_deleted(
    copy: Sink, there: Collection[str], wanted: Collection[str], *, deleted: Deleted, keys: KeyBundle
) -> int:
    """Remove from a copy what it has besides what the vault has, as far as that is meant; gives the number of objects.

    `there` names what the copy has, and `wanted` what the vault has.

    Raises:
        SinkError: the copy cannot be read or written.
    """
    gone = {ObjectName(name) for name in there if name not in wanted and is_named_by_content(name)}
    doomed = {ObjectName(name) for name in deleted.settled(gone.intersection(deleted.names))}
    doomed |= {name for name in gone if name.startswith("marks/") and _is_over(name, copy, wanted, deleted, keys)}
    for prefix in _ORDER:
        for name in sorted(each for each in doomed if each.startswith(prefix)):
            copy.delete(name)
    return len(doomed)


def _is_over(name: ObjectName, copy: Sink, wanted: Collection[str], deleted: Deleted, keys: KeyBundle) -> bool:
    """Tell whether a mark that the vault has not says nothing that holds: it was taken back, replaced, or is wrong."""
    try:
        mark: Mark = open_mark(name, copy.get(name), keys)
    except VaultError:
        # It marks nothing; whoever verifies the copy is told.
        return False
    if mark.kind is MarkKind.FORGET:
        return True
    return set(mark.objects).issubset(deleted.names) or any(each in wanted for each in mark.objects)
