"""The keys that one logs in with."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh

from tgvault.api import SinkPermissionError

__all__ = ["identity_options"]


def identity_options(identity: Path | None, passphrase: str | None) -> dict[str, object]:
    """Give the options of `asyncssh.connect` by which these keys, and no others, are tried.

    Without an identity those of the agent and in `~/.ssh` are, as asyncssh does by itself. An identity that is locked
    may be in the agent, which is then asked for that one only: a server closes the door after a few wrong keys.

    Raises:
        SinkPermissionError: the file of the identity cannot be used.
    """
    if identity is None:
        return {"passphrase": passphrase}
    try:
        pairs = asyncssh.load_keypairs(str(identity), passphrase, ignore_encrypted=passphrase is None)
    except (OSError, ValueError) as error:
        raise _unusable(identity, error) from error
    if pairs:
        return {"client_keys": list(pairs), "agent_path": None}
    public = Path(f"{identity}.pub")
    if not os.environ.get("SSH_AUTH_SOCK") or not public.is_file():
        raise SinkPermissionError(f"the key `{identity}` is locked by a passphrase", hint=_UNLOCK)
    return {"client_keys": [str(identity)], "ignore_encrypted": True, "agent_identities": [str(public)]}


_UNLOCK = "`tgvault sink login NAME` asks for the passphrase and keeps it; or add the key to your SSH agent"


def _unusable(identity: Path, error: OSError | ValueError) -> SinkPermissionError:
    if isinstance(error, OSError):
        reason = (error.strerror or str(error)).lower()
        return SinkPermissionError(f"the key `{identity}` cannot be read: {reason}", hint="correct `identity`")
    if isinstance(error, asyncssh.KeyEncryptionError) or "passphrase" in str(error).lower():
        return SinkPermissionError(f"the passphrase does not open the key `{identity}`", hint=_UNLOCK)
    return SinkPermissionError(
        f"`{identity}` is no private key that can be used", hint="name the file without `.pub`, in OpenSSH's format"
    )
