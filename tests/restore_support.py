"""What tests of restoring and verifying need: vaults in memory or on the disk, and looking at what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from tgvault.config.config import SourceTable
from tgvault.config.table import Table
from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity, Recipient
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import NullProgress
from tgvault.engine.report import BackupReport
from tgvault.engine.restoring import RestoreOptions, RestoreReport, restore
from tgvault.engine.running import RunOptions, back_up, plan_import, plan_source
from tgvault.engine.selecting import EVERYTHING, Selection
from tgvault.engine.verifying import Level, VerifyReport, verify
from tgvault.host.discovery import Candidate
from tgvault.host.host import Host
from tgvault.host.kinds import Kind
from tgvault.host.spec import PluginSpec, build, written_settings
from tgvault.keys.unlock import Unlocked
from tgvault.model.policy import Policy
from tgvault.state.database import Database
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.slot_changes import add_recipient_slot
from tgvault.vault.slots import Slot
from vault_support import START, MemoryVault, a_bundle


@cache
def a_recipient() -> Recipient:
    return Identity.generate().recipient


def opened_in(vault: Vault, folder: Path, spec: PluginSpec[Sink] | None = None) -> OpenedVault:
    """An open vault whose local state is in that folder, as commands have it."""
    folder.mkdir(parents=True, exist_ok=True)
    unlocked = Unlocked(cast("VaultHeader", None), vault.keys, cast("Slot", None))
    nowhere: PluginSpec[Sink] = PluginSpec(Kind.SINK, "memory", Candidate("tests", "tests", "tests"), b"\x80")
    folders = [each for each in written_settings(spec or nowhere).values() if isinstance(each, Path)]
    return OpenedVault(vault, partial(build, spec or nowhere), unlocked, folder, tuple(folders))


def restored(
    memory: MemoryVault,
    to: Path,
    *,
    snapshot: Snapshot | None = None,
    exact: bool = False,
    media_only: bool = False,
    selection: Selection = EVERYTHING,
) -> RestoreReport:
    """Restore a snapshot of a vault in memory, the newest unless told, in this process."""
    chosen = snapshot or memory.snapshots()[-1]
    options = RestoreOptions(to, exact, media_only, selection)
    opened = opened_in(memory.vault, to.with_name(f"{to.name}-state"))
    return restore(opened, chosen, options, jobs=0, now=lambda: START, progress=NullProgress())


def elsewhere(memory: MemoryVault) -> MemoryVault:
    """The same vault on a machine that knows nothing of it yet."""
    other = MemoryVault()
    other.sink.objects.update(memory.sink.objects)
    return other


def result(folder: Path) -> Any:
    """The `result.json` of a folder."""
    return json.loads((folder / "result.json").read_bytes())


def restored_chats(folder: Path) -> dict[Any, dict[str, Any]]:
    """The chats of a restored archive, by id."""
    return {chat.get("id"): chat for chat in result(folder)["chats"]["list"]}


def restored_messages(folder: Path, chat: int = 1) -> dict[int, dict[str, Any]]:
    """The messages of a chat of a restored archive, by id."""
    return {message["id"]: message for message in restored_chats(folder)[chat]["messages"]}


def files_below(folder: Path) -> dict[str, bytes]:
    """All files below a folder but `result.json`."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir()}
    return {name: path.read_bytes() for name, path in found.items() if name != "result.json"}


@dataclass
class DiskVault:
    """A vault in a folder, with the sources and sinks that come with tgvault.

    Every call opens it anew, as every command does; `state` is this machine's folder and may be another one.
    """

    root: Path
    jobs: int = 0
    bundle: KeyBundle = field(default_factory=a_bundle)
    state: Path = field(init=False)
    host: Host = field(init=False)
    clock: datetime = START

    def __post_init__(self) -> None:
        self.state = self.root / "state"
        self.host = Host(allow=frozenset())
        sink = build(self.spec)
        sink.prepare()
        if HEADER not in self.objects():
            sink.replace(HEADER, VaultHeader.make(self.bundle, created=START, slots={}).to_json())
            add_recipient_slot(sink, "recovery", bundle=self.bundle, recipient=a_recipient())

    @property
    def folder(self) -> Path:
        """Where the objects lie."""
        return self.root / "vault"

    @property
    def spec(self) -> PluginSpec[Sink]:
        return self.host.sink_spec("local", Table.given({"path": str(self.folder)}, label="test"))

    def objects(self, prefix: str = "") -> dict[str, int]:
        """The objects that there are, with their sizes."""
        return {each.name: each.size for each in build(self.spec).list(prefix)}

    def path(self, name: str) -> Path:
        """The file of an object."""
        return self.folder / name

    @contextmanager
    def opened(self) -> Iterator[OpenedVault]:
        database = Database.open(self.state / "state.db", key=self.bundle.id_key.state_key())
        vault = Vault(build(self.spec), self.bundle, database)
        try:
            yield opened_in(vault, self.state, self.spec)
        finally:
            vault.close()

    def back_up(
        self, export: Path, *, archive: str = "main", observed_at: str | None = None, policy: Policy = Policy.KEEP
    ) -> BackupReport:
        """Import an export; each run is an hour after the one before."""
        self.clock += timedelta(hours=1)
        if observed_at is None:
            plan = plan_import(self.host, export, archive=archive)
        else:
            settings = Table.given({"path": str(export), "observed_at": observed_at}, label="test")
            table = SourceTable("test", "desktop-export", settings, archive, ())
            plan = plan_source(self.host, table, archive=archive)
        with self.opened() as opened:
            options = RunOptions(policy, "laptop", self.jobs)
            return back_up(
                opened, plan, options, host=self.host, now=lambda: self.clock, progress=NullProgress()
            ).report

    def snapshots(self) -> list[Snapshot]:
        with self.opened() as opened:
            return opened.vault.sync()

    def restore(
        self,
        to: Path,
        *,
        snapshot: int = -1,
        exact: bool = False,
        media_only: bool = False,
        selection: Selection = EVERYTHING,
    ) -> RestoreReport:
        """Restore a snapshot, the newest unless told."""
        with self.opened() as opened:
            chosen = opened.vault.sync()[snapshot]
            options = RestoreOptions(to, exact, media_only, selection)
            return restore(opened, chosen, options, jobs=self.jobs, now=lambda: self.clock, progress=NullProgress())

    def verify(self, level: Level = Level.DATA, *, sample: float = 1.0) -> VerifyReport:
        """Verify the vault; each run is a second after the one before."""
        self.clock += timedelta(seconds=1)
        with self.opened() as opened:
            return verify(
                opened, level=level, sample=sample, jobs=self.jobs, now=lambda: self.clock, progress=NullProgress()
            )
