"""A vault's objects on a server, by SFTP."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

import msgspec

from tgvault.api import Credential, CredentialField, ObjectName, StoredObject
from tgvault_plugins.sftp.config import SftpConfig
from tgvault_plugins.sftp.loop import Loop

if TYPE_CHECKING:  # asyncssh takes 0.2 s to import, which only those pay who use it
    from tgvault_plugins.sftp.folder import Folder
    from tgvault_plugins.sftp.link import Link
    from tgvault_plugins.sftp.room import Room

__all__ = ["SftpSink"]

_T = TypeVar("_T")

#: Seconds before each further attempt to reach the server. One that is set up to (`MaxStartups`) turns away some of
#: those who come at once, and is to be asked again.
PAUSES = (0.5, 1.5, 4.0)

#: Seconds that an attempt may take besides the transfer.
STEP = 120.0

#: Bytes a second that a line carries at least: what takes longer hangs.
_SLOWEST = 20_000

#: Bytes of the largest object.
_OBJECT = 32 << 20

#: More seconds for what goes through the whole vault.
_WHOLE = 3600


class SftpSink:
    """Keeps each object as a file of its name, readable by its owner only.

    Safe for several processes and machines at once. A file stands under its name whole or not at all; it is on the
    server's disk when `put` returns, if the server can say so (OpenSSH can). One connection serves all threads.
    """

    config: ClassVar[type[msgspec.Struct]] = SftpConfig
    medium: ClassVar[str] = "server"
    offsite: ClassVar[bool] = True

    def __init__(self, config: SftpConfig, *, pauses: Sequence[float] = PAUSES, step: float = STEP) -> None:
        """Take the settings, the seconds before each further attempt, and those that one may take, transfer aside."""
        self._config = config
        self._pauses = pauses
        self._step = step
        self._secrets: Mapping[str, str] = {}
        self._used = threading.Lock()
        self._running: tuple[Loop, Link, Room] | None = None

    def credential_fields(self) -> Sequence[CredentialField]:
        """Name what may be needed besides a key: none of it where a key without a passphrase logs in."""
        return (
            CredentialField(
                name="password",
                description="the password of the login, where the server takes no key",
                required=False,
            ),
            CredentialField(
                name="passphrase", description="the passphrase of the key to log in with, if it has one", required=False
            ),
        )

    def use(self, credential: Credential) -> None:
        """Take the password and the passphrase."""
        self._secrets = credential

    def prepare(self) -> None:
        """Make the folder on the server."""
        self._do(lambda folder: folder.prepare())

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under a name that is free, if there is room for it."""
        self._do(lambda folder: folder.put(name, data), size=len(data))

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under the name, in place of what is there."""
        self._do(lambda folder: folder.replace(name, data), size=len(data))

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        return self._do(lambda folder: folder.get(name), size=_OBJECT)

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        return self._do(lambda folder: folder.size(name))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix."""
        yield from self._do(lambda folder: folder.listed(prefix), patience=_WHOLE)

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        self._do(lambda folder: folder.delete(name))

    def tidy(self) -> None:
        """Remove what killed writers left on the server."""
        self._do(lambda folder: folder.tidy(), patience=_WHOLE)

    def close(self) -> None:
        """Take leave of the server."""
        with self._used:
            running, self._running = self._running, None
        if running is not None:
            loop, link, _ = running
            loop.close(link.close())

    def _do(self, work: Callable[[Folder], Awaitable[_T]], *, size: int = 0, patience: float = 0) -> _T:
        from tgvault_plugins.sftp.folder import Folder

        loop, link, room = self._run()
        root = self._config.root
        return loop.run(link.call(lambda sftp: work(Folder(sftp, root, room)), self._step + patience + size / _SLOWEST))

    def _run(self) -> tuple[Loop, Link, Room]:
        """Begin at the first use, from whichever thread that comes."""
        from tgvault_plugins.sftp.connection import connect
        from tgvault_plugins.sftp.link import Link
        from tgvault_plugins.sftp.room import Room

        with self._used:
            if self._running is None:
                link = Link(self._config.host, lambda: connect(self._config, self._secrets), self._pauses)
                self._running = Loop(), link, Room(self._config.root)
            return self._running
