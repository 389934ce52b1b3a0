"""How the sinks of a configuration are made, with the credentials that they want."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tgvault.config.config import Config, SinkTable
from tgvault.contracts.sink import Sink
from tgvault.engine.credentials import CredentialSearch
from tgvault.host.credentials import credential_fields
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec
from tgvault.keys.credentials import CredentialStore

__all__ = [
    "credential_name",
    "credential_search",
    "default_credential_name",
    "found_spec",
    "sink_spec",
]


def sink_spec(
    table: SinkTable,
    config: Config,
    *,
    host: Host,
    environment: Mapping[str, str],
    keyring: Callable[[str], CredentialStore] = CredentialStore,
) -> PluginSpec[Sink]:
    """Check the settings of the vault's sink, or of a copy's, and say how to make it, its credential included.

    Raises:
        PluginMissingError, PluginLoadError, ConfigError: as `Host.sink_spec` does.
        CredentialError, UsageError: as `CredentialSearch.find` does.
    """
    return found_spec(table, config, host=host, environment=environment, keyring=keyring)[0]


def found_spec(
    table: SinkTable,
    config: Config,
    *,
    host: Host,
    environment: Mapping[str, str],
    keyring: Callable[[str], CredentialStore] = CredentialStore,
) -> tuple[PluginSpec[Sink], str | None]:
    """Do as `sink_spec` does, and tell where the credential was found, None where there is none."""
    spec = host.sink_spec(table.type, table.settings)
    search = credential_search(table, config, spec, environment=environment, keyring=keyring)
    if search is None:
        return spec, None
    found = search.find()
    return replace(spec, credential=found.credential), found.origin


def credential_search(
    table: SinkTable,
    config: Config,
    spec: PluginSpec[Sink],
    *,
    environment: Mapping[str, str],
    keyring: Callable[[str], CredentialStore] = CredentialStore,
) -> CredentialSearch | None:
    """Say where the credential of a sink may be; None where its store does not ask who comes."""
    fields = credential_fields(spec)
    if not fields:
        return None
    return CredentialSearch(
        sink=table.name,
        fields=fields,
        name=credential_name(table, config),
        command=table.credential_command,
        environment=environment,
        keyring=keyring,
    )


def credential_name(table: SinkTable, config: Config) -> str | None:
    """Tell what the credential of a sink is called in the OS keyring; None where nothing tells which vault it is."""
    if table.credential is not None or config.vault.id is None:
        return table.credential
    return default_credential_name(config.vault.id, table.name)


def default_credential_name(vault_id: str, sink: str) -> str:
    """Tell what a credential is called in the OS keyring where the sink's table gives it no name."""
    return f"{vault_id}/{sink}"
