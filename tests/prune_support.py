"""What tests of forgetting and pruning need: a machine that backs up, forgets and prunes in one store with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from restore_support import opened_in
from run_support import NOON, Held, Machine, Script, ScriptedSource, held
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.committing import until_sound
from tgvault.engine.progress import NullProgress
from tgvault.engine.report import BackupReport
from tgvault.retention.forgetting import take_back, unpruned
from tgvault.retention.prune_report import PruneOptions, PruneReport
from tgvault.retention.pruning import prune_as
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.leases import HeldLease, LeaseKind, Writer
from tgvault.vault.marks import MarkKind, StoredMark, put_mark
from tgvault.vault.opened import Snapshot, Vault
from vault_support import a_bundle

__all__ = ["DAY", "KEYS", "Asleep", "Keeper", "contents"]

DAY = 24 * 3600.0
KEYS = a_bundle()

_WRITERS = count(1)


class Asleep(MemorySink):
    """The objects of a store, for a machine that falls asleep once, right before a call that begins so: `put packs/`.

    What others do meanwhile is what `happens`.
    """

    def __init__(self, objects: dict[str, bytes], before: str, happens: Callable[[], object]) -> None:
        super().__init__(objects)
        self._before = before
        self._happens: list[Callable[[], object]] = [happens]

    def put(self, name: ObjectName, data: bytes) -> None:
        self._sleep("put " + name)
        super().put(name, data)

    def delete(self, name: ObjectName) -> None:
        self._sleep("delete " + name)
        super().delete(name)

    def _sleep(self, call: str) -> None:
        if call.startswith(self._before) and self._happens:
            self._happens.pop()()


class Keeper(Machine):
    """A machine that prunes, too; `folder` is for what does not fit into memory."""

    def __init__(self, folder: Path, sink: MemorySink | None = None, *, database: Database | None = None) -> None:
        self.sink: MemorySink
        super().__init__(KEYS, sink, database, clock=NOON)
        self.folder = folder

    def lease(self, kind: LeaseKind = LeaseKind.BACKUP, *, host: str = "laptop") -> HeldLease:
        """Begin to work."""
        return HeldLease(self.sink, KEYS, Writer(kind, host, f"{next(_WRITERS):016x}", lambda: self.now))

    def back_up_at_work(self, script: Script | ScriptedSource, *, archive: str = "main") -> BackupReport:
        """Make a snapshot as a command does: with a lease, and once more where others were faster or deleted."""

        def run() -> BackupReport:
            lease = self.lease()
            try:
                report = self.back_up(script, archive=archive, lease=lease)
            except Exception:
                lease.end()
                raise
            lease.end()
            return report

        return until_sound(self.vault, run)

    def forget(self, *snapshots: Snapshot) -> StoredMark:
        names: Iterable[ObjectName] = (each.name for each in snapshots)
        return put_mark(self.sink, MarkKind.FORGET, names, keys=KEYS, time=self.now, host="laptop")

    def prune(self, *, grace: float = 0, max_unused: float = 0, dry_run: bool = False, later: float = 0) -> PruneReport:
        """Prune, so many seconds later; as a command does, with a lease of its own."""
        self.now += timedelta(seconds=later)
        options = PruneOptions("laptop", grace, max_unused, dry_run)
        lease = self.lease(LeaseKind.PRUNE)
        try:
            return prune_as(
                lease,
                self.vault,
                options,
                state=self.folder,
                now=lambda: self.now,
                progress=NullProgress(),
            )
        finally:
            lease.end()

    def take_back(self, *ids: str) -> list[Snapshot]:
        """Take back what was forgotten, as a command does."""
        opened = replace(opened_in(self.vault, self.folder), sink=lambda: self.sink)
        with unpruned(opened, machine="laptop", now=lambda: self.now):
            self.snapshots()
            return take_back(self.vault, ids, now=self.now, host="laptop")

    def snapshots(self) -> list[Snapshot]:
        return self.vault.sync()


def contents(sink: Sink) -> dict[str, Held]:
    """Everything that a machine that knows nothing finds in each snapshot, by id."""
    vault = Vault(sink, KEYS, Database.in_memory())
    found = {each.id: held(vault, each) for each in vault.sync()}
    assert vault.bad_indexes == []
    assert vault.bad_manifests == []
    return found
