"""Saying what is not needed, and what is deleted, so that whoever is at work in the vault heeds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tgvault.contracts.sink import ObjectName
from tgvault.errors import SinkError, VaultBusyError
from tgvault.vault.leases import HeldLease
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.opened import Vault

__all__ = ["Announcer"]


class Announcer:
    """Puts the marks of a prune. `lease` is that of the prune, None for one that writes nothing; `time` is aware."""

    def __init__(self, vault: Vault, lease: HeldLease | None, *, host: str, time: datetime) -> None:
        self._vault = vault
        self._lease = lease
        self._host = host
        self._time = time

    def unneeded(self, objects: Iterable[ObjectName]) -> None:
        """Say that no snapshot needs these objects; those of which that is said already are left out.

        Raises:
            SinkError: the sink refuses, or loses the mark.
        """
        new = set(objects) - self._vault.marks.objects(MarkKind.UNNEEDED)
        if new:
            self._check_has(self._put(MarkKind.UNNEEDED, new))

    def deleted(self, objects: Iterable[ObjectName]) -> None:
        """Say what will be deleted: once that is said, nobody takes it back, and nobody relies on it.

        Raises:
            VaultBusyError: this machine was taken for dead; what is said does not hold then.
            SinkError: the sink refuses, or loses the mark.
        """
        self.check_awake()
        mark = self._put(MarkKind.DELETED, objects)
        try:
            self._check_has(mark)
            self.check_awake()
        except (SinkError, VaultBusyError):
            self._vault.sink.delete(mark)
            raise

    def check_awake(self) -> None:
        """Make sure that nobody has taken this machine for dead: snapshots may have been taken back since, and what
        nobody needed may be needed again.

        Raises:
            VaultBusyError: somebody has.
            SinkError: the sink cannot be asked.
        """
        if self._lease is not None and self._lease.was_lost():
            raise VaultBusyError(
                "this machine did not answer for so long that another one may have pruned the vault meanwhile",
                hint="prune again",
            )

    def _put(self, kind: MarkKind, objects: Iterable[ObjectName]) -> ObjectName:
        vault = self._vault
        return put_mark(vault.sink, kind, objects, keys=vault.keys, time=self._time, host=self._host).name

    def _check_has(self, mark: ObjectName) -> None:
        if mark not in {each.name for each in self._vault.look_at_marks().stored}:
            raise SinkError(f"the sink took `{mark}` and does not have it", hint="see what is wrong with the store")
