"""Opening the vault with the key that was said, or with the one that is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.world import Place, find_configuration, make_host, said_passphrase, show_problems
from tgvault.config.config import Config
from tgvault.config.sections import ARCHIVE_NAME, ARCHIVE_WORDS
from tgvault.engine.opening import OpenedVault, open_vault, unlock_vault
from tgvault.engine.snapshots import LATEST, find_snapshot
from tgvault.errors import UsageError
from tgvault.host.host import Host
from tgvault.keys.key_file import FoundKeys
from tgvault.keys.oskeyring import KeyringStore
from tgvault.keys.sources import KeyPlaces, find_identities
from tgvault.keys.unlock import Unlocked
from tgvault.vault.opened import Snapshot, Vault

__all__ = [
    "Work",
    "checked_archive",
    "find_own_keys",
    "open_work",
    "said_key",
    "unlock_place",
]


@dataclass(frozen=True, slots=True)
class Work:
    """An open vault with its configuration and the plugins that it allows."""

    config: Config
    host: Host
    opened: OpenedVault
    output: Output
    #: Where snapshots are gone that somebody removed on purpose.
    accept_missing: bool
    #: What `--archive` says.
    archive: str | None
    #: The snapshots, where they were read when the vault was opened.
    found: list[Snapshot] | None = None

    @property
    def vault(self) -> Vault:
        """The vault itself."""
        return self.opened.vault

    @property
    def chosen_archive(self) -> str:
        """The archive that is meant where a command is about one."""
        return self.archive or self.config.vault.archive

    def snapshots(self) -> list[Snapshot]:
        """Read what is new in the sink and give all snapshots, oldest first in each archive; damaged ones are named.

        Raises:
            HiddenSnapshotError, RolledBackError: the sink lacks snapshots that it had.
        """
        snapshots = self.found
        if snapshots is None:
            snapshots = self.vault.sync(accept_missing=self.accept_missing)
        for bad in (*self.vault.bad_manifests, *self.vault.bad_indexes, *self.vault.bad_marks):
            self.output.warn(f"warning: {bad}" + (f"\nhint: {bad.hint}" if bad.hint else ""))
        return snapshots

    def snapshot(self, name: str) -> Snapshot:
        """Find a snapshot by its name; raises as `find_snapshot` and `require_manifests` do."""
        return self.named(self.snapshots(), name)

    def named(self, snapshots: list[Snapshot], name: str) -> Snapshot:
        """Find one of these snapshots by its name.

        Raises:
            NotFoundError, AmbiguousNameError: there is none, or several.
            VaultError: the name counts from the newest one, and which that is cannot be told for damage.
        """
        if name.startswith(LATEST):
            self.vault.require_manifests()
        return find_snapshot(snapshots, name, archive=self.chosen_archive)


@contextmanager
def open_work(invocation: Invocation) -> Iterator[Work]:
    """Find the configuration, the plugins and the key, and open the vault; raises as each of them does."""
    archive = checked_archive(invocation)
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
        accept = bool(invocation.options.accept_missing_snapshots)
        yield Work(config, host, opened, invocation.output, accept, archive)
    show_problems(host, invocation.output)


def checked_archive(invocation: Invocation) -> str | None:
    """Give what `--archive` says.

    Raises:
        UsageError: no archive can be called that.
    """
    archive = invocation.options.archive
    if archive is not None and re.fullmatch(ARCHIVE_NAME, archive) is None:
        raise UsageError(f"no archive can be called `{archive}`", hint=ARCHIVE_WORDS)
    return archive


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
