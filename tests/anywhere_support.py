"""What tests of reading from copies need: a vault in a folder with copies, and this machine's state."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from key_support import noon
from run_support import Held, Machine, Script, held
from tgvault.config.config import Config, parse_config
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity
from tgvault.engine.create import NewSlot, create_vault
from tgvault.engine.opening import OpenedVault, state_database
from tgvault.engine.opening_anywhere import Reading, open_place, open_reading
from tgvault.engine.progress import NullProgress
from tgvault.engine.verifying import Level, VerifyReport, verify
from tgvault.host.host import Host
from tgvault.keys.private_file import write_private
from tgvault.keys.sources import KeyPlaces
from tgvault.state.database import Database
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.diagnosis import is_named_by_content
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig

__all__ = ["Home", "contents", "latest", "verify_place"]


class Home:
    """A vault in the folder `vault`, its copies in folders of their own names, and the local state in `state`."""

    def __init__(self, folder: Path, *copies: str) -> None:
        self.folder = folder
        self.copies = copies
        identity = Identity.generate()
        sink = self.sink("vault")
        sink.prepare()
        slots = [NewSlot.of("anna", identity), NewSlot.of("ben", Identity.generate())]
        self.keys: KeyBundle = create_vault(sink, slots=slots, clock=noon).bundle
        write_private(folder / "key", identity.text)
        self.clock = noon()
        #: More of `vault.toml`.
        self.more = ""

    @property
    def config(self) -> Config:
        tables = "".join(f'[copies.{name}]\ntype = "local"\npath = "{name}"\n' for name in self.copies)
        text = f'[sink]\ntype = "local"\npath = "vault"\n[state]\npath = "state"\n{tables}{self.more}'
        return parse_config(text, file=self.folder / "vault.toml")

    def sink(self, place: str) -> Sink:
        return LocalSink(LocalSinkConfig(path=self.folder / place))

    def names(self, place: str, prefix: str = "") -> list[ObjectName]:
        return sorted(each.name for each in self.sink(place).list(prefix))

    @contextmanager
    def state(self) -> Iterator[Database]:
        """What this machine knows of the vault's own place."""
        path = state_database(self.folder / "state", self.keys.vault_id)
        database = Database.open(path, key=self.keys.id_key.state_key())
        try:
            yield database
        finally:
            database.close()

    def back_up(self, script: Script) -> None:
        with self.state() as database:
            machine = Machine(self.keys, self.sink("vault"), database, clock=self.clock)
            machine.back_up(script)
            self.clock = machine.now

    def copy(self, *names: str) -> None:
        """Make whole copies of what is in the vault now."""
        for name in names or self.copies:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            shutil.copytree(self.folder / "vault", self.folder / name)

    def lose(self, *places: str) -> None:
        for place in places:
            (self.folder / place).rename(self.folder / f"{place}-away")

    def find(self, *places: str) -> None:
        for place in places:
            (self.folder / f"{place}-away").rename(self.folder / place)

    @contextmanager
    def reading(self, notices: list[str] | None = None, **more: bool) -> Iterator[Reading]:
        with open_reading(
            self.config,
            host=Host(allow=frozenset()),
            given=KeyPlaces(self.folder / "key"),
            environment={},
            notice=(notices if notices is not None else []).append,
            **more,
        ) as reading:
            yield reading

    @contextmanager
    def place(self, name: str | None = None, notices: list[str] | None = None) -> Iterator[OpenedVault]:
        with open_place(
            self.config,
            name,
            host=Host(allow=frozenset()),
            given=KeyPlaces(self.folder / "key"),
            environment={},
            notice=(notices if notices is not None else []).append,
        ) as opened:
            yield opened

    def contents(self, place: str) -> list[ObjectName]:
        """The objects of a place that never change."""
        return [name for name in self.names(place) if is_named_by_content(name)]


def latest(reading: Reading) -> Held:
    """Everything that the newest snapshot holds."""
    return held(reading.opened.vault, reading.snapshots[-1])


def contents(database: Database) -> list[object]:
    """What a state knows of its sink."""
    tables = ("pack", "blob", "index_object", "manifest", "seen", "fact", "passed_over")
    return [sorted(database.run(f"SELECT * FROM {table}")) for table in tables]


def verify_place(home: Home, name: str | None = None, *, now: datetime) -> VerifyReport:
    """Read a place whole, at that time."""
    with home.place(name) as opened:
        return verify(opened, level=Level.DATA, sample=1.0, jobs=0, now=lambda: now, progress=NullProgress())
