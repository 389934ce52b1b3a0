"""asyncssh's own SFTP server for tests: with passwords, without extensions of the protocol, and with faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.sftp import SFTPServerHandler

__all__ = ["Fault", "SftpServer", "sftp_server"]

#: Is told the name of each operation before it is done, and the session; raises what is to be answered.
Fault = Callable[[str, asyncssh.SFTPServer], None]

_OPERATIONS = ("open", "read", "write", "close", "fsync", "stat", "lstat", "fstat", "statvfs", "scandir", "mkdir",
               "remove", "rename", "posix_rename", "realpath")  # fmt: skip


@dataclass
class SftpServer:
    """A server that runs; `files` is the folder that a login sees, `asked` the operations that it was asked for.

    While it is `silent` it takes what it is asked for and never answers; `instead` has what it does in place of some
    operations.
    """

    folder: Path
    port: int = 0
    user: str = "backup"
    password: str | None = "the pass word"
    fault: Fault = field(default=lambda operation, session: None)
    asked: list[str] = field(default_factory=list)
    logins: int = 0
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    silent: bool = False
    instead: dict[str, Callable[..., Any]] = field(default_factory=dict)

    host = "127.0.0.1"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def key(self) -> asyncssh.SSHKey:
        return asyncssh.read_private_key(self.folder / "host")

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def trust(self) -> None:
        """Write the server's key to `known_hosts`."""
        public = self.key.export_public_key().decode()
        self.known_hosts.write_text(f"[{self.host}]:{self.port} {public}")


@contextmanager
def sftp_server(
    folder: Path, *, extensions: bool = True, files: bool = True, kind: str = "ssh-ed25519"
) -> Iterator[SftpServer]:
    """Run a server in a thread until the block ends; without extensions it knows what version 3 says, and no more.

    Without files it takes logins only; `kind` is that of its key.
    """
    server = SftpServer(folder)
    server.files.mkdir(parents=True)
    asyncssh.generate_private_key(kind).write_private_key(server.folder / "host")
    kept = SFTPServerHandler._extensions
    if not extensions:
        SFTPServerHandler._extensions = []
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="test server")
    thread.start()
    try:
        acceptor = asyncio.run_coroutine_threadsafe(_listen(server, files=files), loop).result()
        server.trust()
        yield server
        asyncio.run_coroutine_threadsafe(_end(acceptor, server), loop).result()
    finally:
        SFTPServerHandler._extensions = kept
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(server: SftpServer, *, files: bool) -> asyncssh.SSHAcceptor:
    acceptor = await asyncssh.listen(
        server.host,
        0,
        server_factory=lambda: _Login(server),
        server_host_keys=[str(server.folder / "host")],
        sftp_factory=(lambda channel: _Files(channel, server)) if files else None,
    )
    server.port = acceptor.get_port()
    return acceptor


async def _end(acceptor: asyncssh.SSHAcceptor, server: SftpServer) -> None:
    acceptor.close()
    await acceptor.wait_closed()
    for connection in server.connections:
        connection.abort()
        await connection.wait_closed()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Login(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.logins += 1
        self._server.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return self._server.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        self._server.passwords.append(password)
        return (username, password) == (self._server.user, self._server.password)


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, server: SftpServer) -> None:
        super().__init__(channel, chroot=str(server.files).encode())
        self._server = server


def _told(operation: str) -> Callable[..., Any]:
    original = getattr(asyncssh.SFTPServer, operation)

    def told(self: _Files, *given: Any) -> Any:
        self._server.asked.append(operation)
        self._server.fault(operation, self)
        if self._server.silent:
            return asyncio.Event().wait()
        return self._server.instead.get(operation, original)(self, *given)

    return told


for _operation in _OPERATIONS:
    setattr(_Files, _operation, _told(_operation))
