"""The places where a key is looked for, in their order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tgvault.crypto.age import Identity
from tgvault.errors import KeyringUnavailableError, NoIdentityError
from tgvault.keys.commands import run_command
from tgvault.keys.key_file import FoundKeys, parse_keys, read_key_file

__all__ = ["CREDENTIAL", "KEY_FILE_VARIABLE", "IdentityStore", "KeyPlaces", "find_identities", "run_key_command"]

KEY_FILE_VARIABLE = "TGVAULT_KEY_FILE"

#: Name of the systemd credential (`LoadCredential=tgvault-key:…`).
CREDENTIAL = "tgvault-key"

_CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"

_WAYS = (
    "give a key by `--key-file FILE` (an age identity, an SSH private key or the recovery kit), "
    f"`--key-command COMMAND`, `${KEY_FILE_VARIABLE}` or the systemd credential `{CREDENTIAL}`, or make a key for this "
    "machine's keyring with `tgvault --key-file KIT key add --device`"
)


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """Where somebody said that the key is. A command may hold a secret in its arguments."""

    file: Path | None = None
    command: str | None = field(default=None, repr=False)

    def read(self) -> FoundKeys | None:
        """Read the keys there, or give None where nothing was said.

        Raises:
            NoIdentityError: the file cannot be read, or the command fails.
            BadKeyError: what was found is no key.
            UsageError: the command cannot be run.
        """
        if self.file is not None:
            return read_key_file(self.file)
        return None if self.command is None else run_key_command(self.command)


class IdentityStore(Protocol):
    """Where this machine keeps the identity of one vault: the OS keyring."""

    def get(self) -> Identity | None:
        """Give the identity, or None if the store has none for the vault."""


def find_identities(
    given: KeyPlaces,
    *,
    environment: Mapping[str, str],
    configured: KeyPlaces,
    keyring: IdentityStore | None,
) -> FoundKeys:
    """Find the keys to try on a vault.

    In this order: what was given (`--key-file`, then `--key-command`), `$TGVAULT_KEY_FILE`, the file `tgvault-key` in
    `$CREDENTIALS_DIRECTORY`, what `vault.toml` says, the OS keyring. What was said and is not good is an error; the
    next place is not tried then.

    Raises:
        NoIdentityError: there is none, or the file cannot be read, or the key command fails.
        BadKeyError: what was found is no key.
        UsageError: the key command cannot be run.
        KeyringLockedError, InsecureKeyringError: the keyring was asked and does not give its key.
    """
    return given.read() or _from_environment(environment) or configured.read() or _from_keyring(keyring)


def run_key_command(command: str) -> FoundKeys:
    """Run a command without a shell and read the keys that it prints, in the forms that a key file has.

    Its standard input and error output are this process's own, so that it can ask for something.

    Raises:
        UsageError: it cannot be run.
        NoIdentityError: it fails, or does not end.
        BadKeyError: what it prints is no key.
    """
    done = run_command(command, what="key command", failure=NoIdentityError)
    return parse_keys(done.data, origin=done.origin)


def _from_environment(environment: Mapping[str, str]) -> FoundKeys | None:
    if named := environment.get(KEY_FILE_VARIABLE):
        return read_key_file(Path(named))
    folder = environment.get(_CREDENTIALS_VARIABLE)
    credential = Path(folder, CREDENTIAL) if folder else None
    if credential is None or not os.path.lexists(credential):
        return None
    return read_key_file(credential)


def _from_keyring(keyring: IdentityStore | None) -> FoundKeys:
    if keyring is None:
        raise NoIdentityError("no key was given", hint=_WAYS)
    try:
        identity = keyring.get()
    except KeyringUnavailableError as error:
        raise NoIdentityError(f"no key was given, and {error}", hint=_WAYS) from None
    if identity is None:
        raise NoIdentityError("no key was given, and the OS keyring has none for this vault", hint=_WAYS)
    return FoundKeys((identity,), "the OS keyring")
