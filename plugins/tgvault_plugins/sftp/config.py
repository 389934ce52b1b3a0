"""The settings of the sink `sftp`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec

__all__ = ["SftpConfig"]

#: A key as `ssh-keyscan` and `.pub` files have it, and a fingerprint as `ssh-keygen -l` prints it.
_HOST_KEY = re.compile(r"(?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]{40,}(?: .*)?|SHA256:[A-Za-z0-9+/]{43}=?")


class SftpConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `sftp`. Passwords and passphrases never stand here: `tgvault sink login` asks."""

    host: Annotated[str, msgspec.Meta(description="the server's name or address")]
    path: Annotated[
        str,
        msgspec.Meta(
            description="the folder that the vault lies in, from the folder that a login begins in, or absolute"
        ),
    ] = "tgvault"
    user: Annotated[
        str | None, msgspec.Meta(description="the name to log in with; where none is given, that of this machine")
    ] = None
    port: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=65535)] | None,
        msgspec.Meta(description="the server's port; 22 if not given"),
    ] = None
    identity: Annotated[
        Path | None,
        msgspec.Meta(
            description="the file of the private key to log in with; if not given, those of the SSH agent and in"
            " `~/.ssh` are tried, as `ssh` does"
        ),
    ] = None
    known_hosts: Annotated[
        Path | None,
        msgspec.Meta(
            description="the file with the keys of servers that you trust, as `ssh` keeps it;"
            " `~/.ssh/known_hosts` if not given"
        ),
    ] = None
    host_key: Annotated[
        str | None,
        msgspec.Meta(
            description="the server's key itself (`ssh-ed25519 AAAA…`) or its fingerprint (`SHA256:…`), in place of"
            " `known_hosts`"
        ),
    ] = None
    config: Annotated[
        Path | None,
        msgspec.Meta(
            description="a configuration of `ssh`, such as `~/.ssh/config`, in which `host` may be an alias;"
            " none is read if not given"
        ),
    ] = None

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        if not re.fullmatch(r"[^\s@/-][^\s@/]*", self.host):
            raise ValueError("`host`: expected the name or address of a server; the name to log in with is `user`")
        if not self.path.strip() or ".." in self.path.split("/") or "\0" in self.path:
            raise ValueError("`path`: expected a folder on the server, such as `tgvault`, without `..`")
        if self.host_key is not None and self.known_hosts is not None:
            raise ValueError("`host_key`: expected either this or `known_hosts`")
        if self.host_key is not None and not _HOST_KEY.fullmatch(self.host_key):
            raise ValueError("`host_key`: expected a public key (`ssh-ed25519 AAAA…`) or `SHA256:…`")

    @property
    def root(self) -> str:
        """The folder as the server is told; a server knows no `~`, and takes what is not absolute from there."""
        path = self.path.removeprefix("~/") if self.path != "~" else "."
        return path.rstrip("/") or "/"
