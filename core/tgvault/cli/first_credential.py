"""The credential of the sink in which a vault is about to be made: found or asked for before, and kept once it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tgvault.cli.credential import ask_credential, store_to_ask_for
from tgvault.cli.invocation import Invocation
from tgvault.cli.sink_add import NewSink
from tgvault.config.config import PRIMARY
from tgvault.contracts.credentials import Credential
from tgvault.crypto.age import Identity
from tgvault.engine.credentials import CredentialSearch
from tgvault.engine.first_keys import DeviceKey
from tgvault.engine.sinks import default_credential_name
from tgvault.host.credentials import credential_fields
from tgvault.keys.credentials import CredentialStore

__all__ = ["FirstCredential", "first_credential"]


@dataclass(frozen=True, slots=True)
class FirstCredential:
    """A credential, None where the store asks for none, and how it is kept for the vault of an id; None: it is found
    again where it was found."""

    credential: Credential | None = None
    store: Callable[[str], CredentialStore] | None = None

    def kept_with(self, device: DeviceKey) -> DeviceKey:
        """Have it kept when this machine's key is: before anybody relies on the vault."""
        if self.store is None or not self.credential:
            return device
        return _KeptTogether(device, self.credential, self.store)


@dataclass(frozen=True, slots=True)
class _KeptTogether:
    device: DeviceKey
    credential: Credential = field(repr=False)
    store: Callable[[str], CredentialStore]

    @property
    def identity(self) -> Identity:
        return self.device.identity

    def earlier(self, vault_id: str) -> Identity | None:
        return self.device.earlier(vault_id)

    def keep(self, vault_id: str) -> None:
        self.device.keep(vault_id)
        self.store(vault_id).set(self.credential)


def first_credential(new: NewSink, invocation: Invocation) -> FirstCredential:
    """Find the credential of a new vault's sink, or have somebody say it, once the keyring is known to answer.

    Raises:
        CredentialError, UsageError: there is none, and nobody who says it; or nothing that keeps it.
    """
    fields = credential_fields(new.spec)
    if not fields:
        return FirstCredential()
    name = new.table.credential
    search = CredentialSearch(new.table.name, fields, name, new.table.credential_command, invocation.environment)
    found = search.look()
    if found is not None:
        return FirstCredential(found.credential)
    # What it will be called there is not known yet, and makes no difference to whether the keyring answers.
    if store_to_ask_for(search if name is not None else replace(search, name=_PROBE), invocation) is None:
        return FirstCredential(Credential({}))
    credential = ask_credential(new.spec, search, invocation)
    return FirstCredential(
        credential, lambda vault_id: CredentialStore(name or default_credential_name(vault_id, PRIMARY))
    )


_PROBE = "a new vault"
