"""Opening a vault to read it, and to verify one of its places: from its copies where its own place does not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from tgvault.config.config import Config
from tgvault.engine.anywhere import AnywhereSink
from tgvault.engine.header_copy import with_copy
from tgvault.engine.opening import OpenedVault, state_database, state_folder, unlock_vault
from tgvault.engine.places import FoundKeys, SinkPlaces, unlock_anywhere
from tgvault.errors import HiddenSnapshotError, RolledBackError, SinkError, TgVaultError, VaultError
from tgvault.host.host import Host
from tgvault.keys.sources import KeyPlaces
from tgvault.keys.unlock import Unlocked
from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.state.syncs import Syncs
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Snapshot, Vault, check_lineage

__all__ = ["Instead", "Reading", "copy_database", "open_place", "open_reading"]

#: Why nothing is repaired where nothing of the vault is left.
_EMPTY = (
    "nothing of the vault is there: it may be a disk that is not mounted; if it is lost, `tgvault sync primary --init` "
    "fills the place anew from a copy"
)


@dataclass(frozen=True, slots=True)
class Instead:
    """Why a vault is not read from its own place alone, and which copies are read.

    `is_away` tells that nothing is read from its own place. `missing` is the number of snapshots that this machine has
    seen there and that no copy has; `synced` is when each of the copies was last known to be up to date.
    """

    reason: TgVaultError
    is_away: bool
    copies: tuple[str, ...]
    missing: int
    synced: tuple[datetime | None, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A vault that is open for reading, and its snapshots, oldest first in each archive.

    `memory` is what this machine knows of the vault's own place, wherever the vault is read from.
    """

    opened: OpenedVault
    sink: AnywhereSink
    memory: Memory
    snapshots: list[Snapshot]
    instead: Instead | None


@contextmanager
def open_reading(
    config: Config,
    *,
    host: Host,
    given: KeyPlaces,
    environment: Mapping[str, str],
    notice: Callable[[str], None],
    passphrase: str | None = None,
    accept_missing: bool = False,
) -> Iterator[Reading]:
    """Open a vault as `open_vault` does, to read it only, and give its snapshots as `Vault.sync` does.

    What its own place lacks, or does not have whole, is read from the copies. Where that place is away or has lost
    parts of the list of its objects, all places are read together; what this machine knows of the vault's own place is
    then left as it is.

    Raises:
        AccessError, VaultError: as `open_vault` does; no copy can help.
        HiddenSnapshotError, RolledBackError: the vault's own place lacks snapshots that it had, and so do the copies.
    """
    places = SinkPlaces(config, host=host, environment=environment)
    unlock = partial(unlock_vault, config, given=given, environment=environment, notice=notice, passphrase=passphrase)
    with ExitStack() as stack:
        sink = stack.enter_context(closing(AnywhereSink(places.listed())))
        run = _Opening(config, places, sink, unlock_anywhere(sink, unlock), notice, stack)
        yield run.near(accept_missing=accept_missing) or run.everywhere()


@contextmanager
def open_place(
    config: Config,
    name: str | None,
    *,
    host: Host,
    given: KeyPlaces,
    environment: Mapping[str, str],
    notice: Callable[[str], None],
    passphrase: str | None = None,
) -> Iterator[OpenedVault]:
    """Open the copy of that name, or the vault's own place, alone; only keys and `vault.json` may be from another.

    What is known of a copy is kept apart from what is known of the vault's own place.

    Raises:
        AccessError: as `open_vault` does.
        SinkError, VaultError: the place cannot be read, or there is nothing of the vault.
    """
    places = SinkPlaces(config, host=host, environment=environment)
    unlock = partial(unlock_vault, config, given=given, environment=environment, notice=notice, passphrase=passphrase)
    with ExitStack() as stack:
        sink = stack.enter_context(closing(AnywhereSink(places.listed(name))))
        run = _Opening(config, places, sink, unlock_anywhere(sink, unlock, patience=None), notice, stack)
        yield run.alone(name)


def copy_database(folder: Path, keys: KeyBundle, name: str) -> Path:
    """Name the database of what this machine knows of a copy."""
    # A name in vault.toml may have letters that no file's name has.
    hidden = keys.id_key.mac("copy state", name.encode()).hex()[:16]
    return folder / f"{keys.vault_id}.copy-{hidden}.db"


class _Opening:
    """Opens vaults over one sink; everything is closed by the stack."""

    def __init__(
        self,
        config: Config,
        places: SinkPlaces,
        sink: AnywhereSink,
        keys: FoundKeys,
        notice: Callable[[str], None],
        stack: ExitStack,
    ) -> None:
        self._places = places
        self._sink = sink
        self._found = keys
        self._keys = keys.unlocked.bundle
        self._folder = state_folder(config, self._keys.vault_id)
        self._notice = notice
        self._stack = stack
        self._known = self._database(state_database(self._folder, self._keys.vault_id))
        self._reason = keys.failure

    @property
    def _own(self) -> str:
        return self._places.names[0]

    @property
    def _is_away(self) -> bool:
        return self._own in self._sink.away

    def near(self, *, accept_missing: bool) -> Reading | None:
        """Read from the vault's own place, single objects from copies; None if that does not do."""
        if self._is_away:
            return None
        self._tell_keys()
        vault = Vault(self._sink, self._keys, self._known)
        try:
            snapshots = vault.sync(accept_missing=accept_missing)
        except (HiddenSnapshotError, RolledBackError, SinkError) as error:
            if len(self._places.names) == 1:
                raise
            if isinstance(error, SinkError):
                # It gave the keys, and went away since.
                self._sink.away[self._own] = error
            self._reason = error
            return None
        if vault.bad_indexes and len(self._places.names) > 1:
            self._reason = vault.bad_indexes[0]
            return None
        return Reading(self._opened(vault), self._sink, vault.memory, snapshots, None)

    def everywhere(self) -> Reading:
        """Read from all places together, and keep what is learned so to itself."""
        self._sink.everywhere = True
        database = self._database(self._folder / f"{self._keys.vault_id}.elsewhere.db")
        memory = Memory(self._known)
        # Copies come and go, and keep marks that were taken back: which of them hold, only the vault's own place says.
        Memory(database).follow_marks(memory)
        vault = Vault(self._sink, self._keys, database)
        snapshots = vault.sync(accept_missing=True)
        present = {each.name for each in (*snapshots, *vault.forgotten)} | vault.unread.keys()
        present |= vault.marks.objects(MarkKind.DELETED)
        if not self._is_away:
            check_lineage([*snapshots, *vault.forgotten], memory, present=present)
        assert self._reason is not None
        copies = tuple(name for name in self._places.names[1:] if name not in self._sink.away)
        missing = len(memory.seen().keys() - present)
        syncs = Syncs(self._folder, self._keys.vault_id)
        synced = tuple(syncs.last(name, memory) for name in copies)
        instead = Instead(self._reason, self._is_away, copies, missing, synced)
        return Reading(self._opened(vault), self._sink, memory, snapshots, instead)

    def alone(self, name: str | None) -> OpenedVault:
        """Open one place; raises what is wrong with it."""
        place = self._sink.places[0]
        failure = self._sink.away.get(place.name)
        if isinstance(failure, VaultError):
            raise type(failure)(str(failure), hint=_EMPTY) from failure
        if failure is not None:
            raise failure
        self._tell_keys()
        database = self._known
        if name is not None:
            database = self._database(copy_database(self._folder, self._keys, name))
            Memory(database).accept_parents(Memory(self._known).accepted_parents())
        return self._opened(Vault(self._sink.sink(place), self._keys, database))

    def _opened(self, vault: Vault) -> OpenedVault:
        workers = self._places.for_workers(self._sink)
        return OpenedVault(vault, workers, self._unlocked(), self._folder, self._places.folders())

    def _unlocked(self) -> Unlocked:
        # The header of a copy may be older than the one that is remembered.
        is_own = self._found.place.name == self._own
        return with_copy(self._found.unlocked, Memory(self._known)) if is_own else self._found.unlocked

    def _tell_keys(self) -> None:
        if self._found.failure is not None:
            self._notice(f"warning: {self._found.failure}; the vault is opened as `{self._found.place.name}` has it")

    def _database(self, path: Path) -> Database:
        database = Database.open(path, key=self._keys.id_key.state_key())
        self._stack.callback(database.close)
        return database
