"""Logging in to a server."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from tgvault.api import SinkPermissionError, SinkUnavailableError
from tgvault_plugins.sftp.config import SftpConfig
from tgvault_plugins.sftp.hostkeys import HostKeys
from tgvault_plugins.sftp.identity import identity_options

__all__ = ["Connection", "connect"]

#: Seconds in which a login has to come about.
_LOGIN = 30

#: Seconds after which a silent server is asked whether it is still there, and how often before it counts as gone.
_KEEPALIVE, _KEEPALIVES = 15, 4

#: Bytes that a server may send ahead. With asyncssh's own 2 MiB a line of 100 ms gives 20 MB/s at most.
_WINDOW = 8 << 20

# Whatever befalls a connection is told by the error of who uses it, and asyncssh's log knows names and commands.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Connection:
    """A login at a server, and the channel for files in it."""

    ssh: asyncssh.SSHClientConnection
    sftp: asyncssh.SFTPClient

    async def close(self) -> None:
        """Take leave of the server."""
        self.ssh.close()
        await self.ssh.wait_closed()


async def connect(config: SftpConfig, secrets: Mapping[str, str]) -> Connection:
    """Log in to the server of the settings, if it is the one that it should be.

    Raises:
        SinkPermissionError: it is not, or it does not take the login.
        SinkUnavailableError: it is no server for files, and another attempt would not help.
        OSError, asyncssh.Error: it could not be reached; another attempt may help.
    """
    try:
        ssh = await _trusted_login(config, secrets, HostKeys(config))
    except asyncssh.KeyExchangeFailed as error:
        raise SinkUnavailableError(
            f"server `{config.host}` and tgvault have no way of encryption in common: {error.reason.lower()}",
            hint="bring the server's SSH up to date",
        ) from error
    except asyncssh.PermissionDenied as error:
        raise _refused(config, error) from error
    except ValueError as error:
        raise _unusable(error) from error
    try:
        return Connection(ssh, await ssh.start_sftp_client(env=None, send_env=None))
    except (asyncssh.ChannelOpenError, asyncssh.SFTPBadMessage) as error:
        ssh.abort()
        raise _no_sftp(config, error) from error
    except BaseException:
        ssh.abort()
        raise


class _Client(asyncssh.SSHClient):
    """Answers asyncssh's question about a key that it does not know."""

    def __init__(self, trust: HostKeys) -> None:
        self._trust = trust

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Say whether the key is trusted."""
        return self._trust.accepts(key)

    def begin_auth(self, username: str) -> None:
        """Take note that the server has proved who it is; asyncssh calls this before it logs in."""
        self._trust.convinced = True


async def _trusted_login(
    config: SftpConfig, secrets: Mapping[str, str], trust: HostKeys
) -> asyncssh.SSHClientConnection:
    failure: asyncssh.DisconnectError | ConnectionError | None = None
    for kinds in trust.kinds():
        try:
            return await _login(config, secrets, trust, kinds)
        except asyncssh.HostKeyNotVerifiable as error:
            failure = error
        except (ConnectionError, asyncssh.ConnectionLost, asyncssh.KeyExchangeFailed) as error:
            if trust.convinced:
                raise
            failure = failure or error
    if isinstance(failure, asyncssh.HostKeyNotVerifiable):
        raise trust.refusal(failure.reason) from failure
    assert failure is not None
    raise failure


async def _login(
    config: SftpConfig, secrets: Mapping[str, str], trust: HostKeys, kinds: list[str] | tuple[()]
) -> asyncssh.SSHClientConnection:
    options = identity_options(config.identity, secrets.get("passphrase"))
    if config.user is not None:
        options["username"] = config.user
    if config.port is not None:
        options["port"] = config.port
    # Given here, none of these is taken from a configuration of ssh, where the check of host keys can be turned off.
    return await asyncssh.connect(
        config.host,
        config=_ssh_config(config.config),
        client_factory=lambda: _Client(trust),
        known_hosts=trust.trusted,
        server_host_key_algs=kinds,
        x509_trusted_certs=None,
        password=secrets.get("password"),
        gss_host=None,
        agent_forwarding=False,
        x11_forwarding=False,
        command=None,
        compression_algs=None,
        connect_timeout=_LOGIN,
        login_timeout=_LOGIN,
        keepalive_interval=_KEEPALIVE,
        keepalive_count_max=_KEEPALIVES,
        window=_WINDOW,
        **options,
    )


def _refused(config: SftpConfig, error: asyncssh.PermissionDenied) -> SinkPermissionError:
    # The name may be from a configuration of ssh, or this machine's; asyncssh knows which it took.
    named = re.search(r"for user (\S+) on host", error.reason)
    user = named[1] if named else config.user or "you"
    tried = f"the key `{config.identity}`" if config.identity else "your keys"
    return SinkPermissionError(
        f"server `{config.host}` does not take the login of `{user}`",
        hint=f"check `user`, and that the server has the public half of {tried}, or knows the password;"
        " `tgvault sink login NAME` asks for a password",
    )


def _unusable(error: ValueError) -> SinkPermissionError:
    """Say what is wrong with the keys in `~/.ssh`, or with the configuration of ssh: asyncssh reads both by itself."""
    if isinstance(error, asyncssh.ConfigParseError):
        return SinkPermissionError(
            f"the configuration of `ssh` has a mistake: {str(error).lower()}",
            hint="correct the file that `config` names",
        )
    return SinkPermissionError(
        f"the keys in `~/.ssh` cannot be used: {str(error).lower()}", hint="name the key to log in with: `identity`"
    )


def _ssh_config(file: Path | None) -> list[str] | None:
    if file is None:
        return None
    if not os.access(file, os.R_OK) or not file.is_file():
        raise SinkPermissionError(
            f"the configuration of `ssh` in `{file}` cannot be read", hint="correct `config` in `vault.toml`"
        )
    return [str(file)]


def _no_sftp(config: SftpConfig, error: asyncssh.Error) -> SinkUnavailableError:
    return SinkUnavailableError(
        f"server `{config.host}` takes the login, but not files by SFTP: {error.reason.lower()}",
        hint="turn SFTP on (`Subsystem sftp internal-sftp` in `sshd_config`); where it is on, the shell of that user"
        " must print nothing by itself",
    )
