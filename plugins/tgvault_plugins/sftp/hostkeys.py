"""Whether a server is the one that it should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncssh

from tgvault.api import SinkPermissionError
from tgvault_plugins.sftp.config import SftpConfig

__all__ = ["HostKeys"]

#: The kinds of keys that servers have, the best first.
_KINDS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)

#: Keys that are trusted, keys of authorities that are, and keys that are revoked.
_Trusted = tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]


class HostKeys:
    """The keys that are trusted, from `known_hosts` or from the settings, and what came of one login.

    Nothing makes it trust a key that is neither: there is no way to turn this off. It is `convinced` once the server
    has proved that it has a key that is trusted.
    """

    def __init__(self, config: SftpConfig) -> None:
        """Read what is trusted.

        Raises:
            SinkPermissionError: the file or the key in the settings cannot be read.
        """
        self._config = config
        self._file = config.known_hosts or Path("~/.ssh/known_hosts").expanduser()
        self._name = config.host
        self.convinced = False
        self._met: list[asyncssh.SSHKey] = []
        self._seen: asyncssh.SSHKey | None = None
        self._known = asyncssh.SSHKnownHosts()
        self._pinned: asyncssh.SSHKey | None = None
        if config.host_key is None:
            self._known = _read(self._file)
        elif not config.host_key.startswith("SHA256:"):
            self._pinned = _parse(config.host_key)

    def trusted(self, host: str, address: str, port: int | None) -> _Trusted:
        """Tell which keys are trusted for a server; port is None for the default one.

        asyncssh asks this before it agrees on the kind of key with the server.
        """
        self._name = host if port is None else f"[{host}]:{port}"
        if self._config.host_key is not None:
            self._met = [self._pinned] if self._pinned else []
            return self._met, [], []
        keys, authorities, revoked, *_ = self._known.match(host, address, port)
        self._met = list(keys)
        return self._met, list(authorities), list(revoked)

    def kinds(self) -> Iterator[list[str] | tuple[()]]:
        """Give the kinds of keys to ask a server for, one attempt after the other; nothing stands for those it knows.

        A server shows one of its keys only, and a fingerprint does not tell of which kind it is. OpenSSH hangs up on
        who asks for a kind that it has not: whether it has another key now is found out by asking for any, too.
        """
        if self._config.host_key is not None and self._pinned is None:
            yield from map(list, _KINDS)
            return
        yield ()
        if self._met and self._seen is None:
            known = [algorithm.decode() for key in self._met for algorithm in key.sig_algorithms]
            yield [*known, *(each for kind in _KINDS for each in kind if each not in known)]
        elif not self._met:  # the one that `ssh` shows is the one that people compare
            yield list(_KINDS[0])

    def accepts(self, key: asyncssh.SSHKey) -> bool:
        """Say whether a key that is not among the trusted ones is trusted all the same: by its fingerprint."""
        self._seen = key
        return (self._config.host_key or "").rstrip("=") == key.get_fingerprint()

    def refusal(self, reason: str) -> SinkPermissionError:
        """Say why a server was not trusted, and what to do; reason is asyncssh's."""
        if self._config.host_key is not None:
            return self._other_than_pinned()
        if self._met:
            return self._changed(reason)
        if self._seen is None:
            return SinkPermissionError(f"the key of server `{self._name}` cannot be trusted: {reason.lower()}")
        return self._unknown(self._seen)

    def _unknown(self, key: asyncssh.SSHKey) -> SinkPermissionError:
        return SinkPermissionError(
            f"server `{self._name}` is not known: its key `{_text(key)}` is not in `{self._file}`",
            hint="ask for the server's fingerprint where it stands (`ssh-keygen -lf"
            f" /etc/ssh/ssh_host_{_kind(key)}_key.pub`); if it is this one, log in once with `ssh`, or write"
            f' `host_key = "{key.get_fingerprint()}"` in `vault.toml`',
        )

    def _changed(self, reason: str) -> SinkPermissionError:
        shown = f"it shows `{_text(self._seen)}`" if self._seen else reason.lower()
        return SinkPermissionError(
            f"THE KEY OF SERVER `{self._name}` HAS CHANGED: {shown}, and `{self._file}` has another one;"
            " somebody may stand between you and the server",
            hint="do not go on before you know why; if the server was set up anew,"
            f" remove its old key with `ssh-keygen -R '{self._name}'` and log in once with `ssh`",
        )

    def _other_than_pinned(self) -> SinkPermissionError:
        shown = f"`{_text(self._seen)}`" if self._seen else "another key"
        return SinkPermissionError(
            f"server `{self._name}` shows {shown}, which is not the `host_key` in `vault.toml`;"
            " somebody may stand between you and the server",
            hint="do not go on before you know why; a server has several keys: where the fingerprint is of one that it"
            " does not show, write the key itself (`ssh-ed25519 AAAA…`)",
        )


def _read(file: Path) -> asyncssh.SSHKnownHosts:
    try:
        return asyncssh.read_known_hosts(str(file))
    except FileNotFoundError:
        return asyncssh.SSHKnownHosts()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a line in it is none that `ssh` writes"
        raise SinkPermissionError(
            f"the keys of servers in `{file}` cannot be read: {(reason or 'unreadable').lower()}",
            hint="`ssh-keygen -lf` on that file names its keys; or pin the server's key as `host_key` in `vault.toml`",
        ) from error


def _parse(text: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_public_key(text)
    except asyncssh.KeyImportError as error:
        raise SinkPermissionError(
            "the `host_key` in `vault.toml` is not a public key", hint="copy it from `ssh-keyscan`, or write `SHA256:…`"
        ) from error


def _text(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


def _kind(key: asyncssh.SSHKey) -> str:
    """Give the word that OpenSSH's files have for the kind of key."""
    algorithm = key.get_algorithm()
    return "ecdsa" if algorithm.startswith("ecdsa") else algorithm.removeprefix("ssh-")
