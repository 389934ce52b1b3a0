"""Opening the vault with the key that was said, or with the one that is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from tgvault.cli.invocation import Invocation
from tgvault.cli.world import Place, find_configuration, make_host, said_passphrase
from tgvault.config.config import Config
from tgvault.engine.opening import OpenedVault, open_vault, unlock_vault
from tgvault.engine.snapshots import find_snapshot
from tgvault.host.host import Host
from tgvault.keys.key_file import FoundKeys
from tgvault.keys.oskeyring import KeyringStore
from tgvault.keys.sources import KeyPlaces, find_identities
from tgvault.keys.unlock import Unlocked
from tgvault.vault.opened import Snapshot, Vault

__all__ = ["SnapshotArgument", "Work", "find_own_keys", "open_work", "said_key", "unlock_place"]

SnapshotArgument = Annotated[
    str, typer.Argument(metavar="SNAPSHOT", help="An id, its first digits, `latest` or `latest~2`")
]


@dataclass(frozen=True, slots=True)
class Work:
    """An open vault with its configuration and the plugins that it allows."""

    config: Config
    host: Host
    opened: OpenedVault
    accept_missing: bool

    @property
    def vault(self) -> Vault:
        """The vault itself."""
        return self.opened.vault

    def snapshots(self) -> list[Snapshot]:
        """Read what is new in the sink and give all snapshots, oldest first in each archive; raises as `sync` does."""
        return self.vault.sync(accept_missing=self.accept_missing)

    def snapshot(self, name: str, *, archive: str | None) -> Snapshot:
        """Find a snapshot by its name, in that archive or the configuration's; raises as `find_snapshot` does."""
        return find_snapshot(self.snapshots(), name, archive=archive or self.config.vault.archive)


@contextmanager
def open_work(invocation: Invocation) -> Iterator[Work]:
    """Find the configuration, the plugins and the key, and open the vault; raises as each of them does."""
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    with open_vault(
        config,
        host=host,
        given=said_key(invocation),
        environment=invocation.environment,
        notice=invocation.output.warn,
        passphrase=said_passphrase(invocation),
    ) as opened:
        yield Work(config, host, opened, bool(invocation.options.accept_missing_snapshots))


def unlock_place(where: Place, invocation: Invocation) -> Unlocked:
    """Unlock the vault's keys without opening this machine's state; raises as `unlock_vault` does."""
    return unlock_vault(
        where.config,
        where.sink,
        given=said_key(invocation),
        environment=invocation.environment,
        notice=invocation.output.warn,
        passphrase=said_passphrase(invocation),
    )


def find_own_keys(config: Config, invocation: Invocation, *, vault_id: str) -> FoundKeys:
    """Find the key that `unlock_place` would unlock the vault with; raises as `find_identities` does."""
    configured = KeyPlaces(config.key.file, config.key.command)
    in_keyring = config.key.keyring is not False and configured == KeyPlaces()
    return find_identities(
        said_key(invocation),
        environment=invocation.environment,
        configured=configured,
        keyring=KeyringStore(vault_id) if in_keyring else None,
    )


def said_key(invocation: Invocation) -> KeyPlaces:
    """Where the command line says that the key is."""
    file = invocation.options.key_file
    return KeyPlaces(invocation.folder / file if file else None, invocation.options.key_command)
