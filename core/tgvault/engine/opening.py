"""Opening the vault that a configuration names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tgvault.config.config import Config
from tgvault.config.find import user_state_folder
from tgvault.contracts.sink import Sink
from tgvault.engine.header_copy import with_copy
from tgvault.engine.sinks import sink_spec
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    NotAVaultError,
    TruncatedObjectError,
    WrongKeyError,
)
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.keys.oskeyring import KeyringStore
from tgvault.keys.sources import KeyPlaces, find_identities
from tgvault.keys.unlock import Unlocked, unlock
from tgvault.state.database import Database
from tgvault.vault.header import HEADER, VaultHeader, read_header
from tgvault.vault.opened import Vault

__all__ = ["OpenedVault", "open_vault", "state_database", "state_folder", "unlock_vault", "vault_id_of"]


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """An open vault, how a worker process makes its sink, and the folder of the local state.

    `folders` are the vault's own: whatever lies there is sealed. `spec` says how the vault's own sink is made, where it
    is open for writing.
    """

    vault: Vault
    sink: Callable[[], Sink]
    unlocked: Unlocked
    state: Path
    folders: tuple[Path, ...] = ()
    spec: PluginSpec[Sink] | None = None

    @property
    def database(self) -> Path:
        """The file of the local database."""
        return self.vault.database.path

    @property
    def lock(self) -> Path:
        """The file by which only one writer works on this machine."""
        return self.state / f"{self.vault.keys.vault_id}.lock"


@contextmanager
def open_vault(
    config: Config,
    *,
    host: Host,
    given: KeyPlaces,
    environment: Mapping[str, str],
    notice: Callable[[str], None],
    passphrase: str | None = None,
) -> Iterator[OpenedVault]:
    """Find the key, unlock the vault and open the local state; everything is closed afterwards.

    `given` is where the command line says the key is. `notice` is told what somebody should know, in one line each.

    Raises:
        AccessError: no key was found, or none that opens the vault.
        CredentialError: the sink wants a credential, and there is none.
        VaultError: it is no vault, or not the one that the configuration names.
    """
    spec = sink_spec(config.sink, config, host=host, environment=environment)
    sink = build(spec)
    try:
        unlocked = unlock_vault(
            config, sink, given=given, environment=environment, notice=notice, passphrase=passphrase
        )
        folder = state_folder(config, unlocked.bundle.vault_id)
        database = Database.open(
            state_database(folder, unlocked.bundle.vault_id), key=unlocked.bundle.id_key.state_key()
        )
    except BaseException:
        sink.close()
        raise
    vault = Vault(sink, unlocked.bundle, database)
    try:
        yield OpenedVault(vault, partial(build, spec), with_copy(unlocked, vault.memory), folder, spec=spec)
    finally:
        vault.close()


def unlock_vault(
    config: Config,
    sink: Sink,
    *,
    given: KeyPlaces,
    environment: Mapping[str, str],
    notice: Callable[[str], None],
    passphrase: str | None = None,
) -> Unlocked:
    """Find the key and unlock the vault; raises as `open_vault` does."""
    header = cache(partial(read_header, sink))
    vault_id = vault_id_of(config, header)
    if passphrase is not None:
        known = config.vault.fingerprint
        found_by = unlock(sink, (), passphrase=passphrase, expected_fingerprint=known, header=header)
        return _complete(found_by, notice)
    in_keyring = config.key.keyring is not False and config.key.file is None and config.key.command is None
    found = find_identities(
        given,
        environment=environment,
        configured=KeyPlaces(config.key.file, config.key.command),
        keyring=KeyringStore(vault_id) if in_keyring else None,
    )
    for line in found.notices:
        notice(line)
    expected = config.vault.fingerprint or found.fingerprint
    return _complete(unlock(sink, found.identities, expected_fingerprint=expected, header=header), notice)


def vault_id_of(config: Config, header: Callable[[], VaultHeader]) -> str:
    """Tell which vault it is; needs no key. `header` reads its `vault.json`.

    Raises:
        NotAVaultError, TruncatedObjectError, CorruptObjectError: `vault.json` cannot be read, and nothing else tells.
        ForgedObjectError: it is another vault than the configuration names.
    """
    try:
        vault_id = header().vault_id
    except (NotAVaultError, TruncatedObjectError, CorruptObjectError):
        if config.vault.id is None:
            raise
        return config.vault.id
    if config.vault.id not in (None, vault_id):
        raise ForgedObjectError(
            f"`{HEADER}` is that of vault `{vault_id}`, and `{config.file}` names vault `{config.vault.id}`",
            hint="see whether the right disk is mounted, and whether `[sink]` leads to the right place",
        )
    return vault_id


def _complete(unlocked: Unlocked, notice: Callable[[str], None]) -> Unlocked:
    if unlocked.damage is not None:
        notice(
            f"warning: {unlocked.damage}; the fingerprint says that the keys are right, and the next backup mends it"
        )
    if unlocked.bundle.data is None:
        raise WrongKeyError(
            f"slot `{unlocked.slot}` is that of a write-only machine: its key cannot read the vault",
            hint="use a key of another slot, such as the recovery kit",
        )
    return unlocked


def state_database(folder: Path, vault_id: str) -> Path:
    """Name the database of a vault: several vaults may be told to use one folder."""
    return folder / f"{vault_id}.db"


def state_folder(config: Config, vault_id: str) -> Path:
    """Tell where this machine keeps what it knows of the vault."""
    return config.state.path if config.state.path is not None else user_state_folder(vault_id)
