"""OpenSSH's server for tests: on a free port of this machine, with keys and a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

__all__ = ["OpenSSH", "free_port", "make_key", "openssh"]

#: Where Debian keeps the server; not in the path of everybody.
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))

#: Seconds that the server may take to begin and to end.
_PATIENCE = 20

# Absolute paths: the server runs itself again from the root folder. It is for the one user who runs the tests.
_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_ed25519
HostKey {folder}/host_rsa
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/pid
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
StrictModes no
MaxStartups 200
MaxSessions 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {files}
"""


@dataclass
class OpenSSH:
    """A server that runs: `files` is the folder that a login begins in, `identity` the key that it takes."""

    folder: Path
    port: int
    log: str = ""
    process: subprocess.Popen[bytes] | None = None

    host = "127.0.0.1"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def user(self) -> str:
        return getpass.getuser()

    @property
    def identity(self) -> Path:
        return self.folder / "id"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def host_key(self, kind: str = "ed25519") -> str:
        """The server's public key of that kind, as `.pub` files have it."""
        return (self.folder / f"host_{kind}.pub").read_text().strip()

    def allow(self, public: Path) -> None:
        """Take logins with one more key."""
        with (self.folder / "authorized_keys").open("a") as file:
            file.write(public.read_text())

    def start(self) -> None:
        """Start the server, and come back when it listens."""
        log = self.folder / "log"
        log.write_bytes(b"")
        self.process = subprocess.Popen(
            [_sshd(), "-D", "-f", str(self.folder / "config"), "-E", str(log)], stdin=subprocess.DEVNULL
        )
        while b"Server listening on" not in log.read_bytes():
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)
                raise RuntimeError(f"sshd did not start: {log.read_text()}")

    def sessions(self) -> list[int]:
        """The processes of all connections there are."""
        return _below(self.process.pid) if self.process is not None else []

    def wait_until_gone(self, sessions: Sequence[int]) -> None:
        """Come back when these processes have ended, which they do some time after their connection."""
        until = monotonic() + _PATIENCE
        while set(sessions) & set(self.sessions()):
            assert monotonic() < until, "a connection goes on"

    def cut(self) -> None:
        """Cut every connection there is, and go on listening."""
        for session in self.sessions():
            with suppress(ProcessLookupError):
                os.kill(session, 9)

    def stop(self) -> None:
        """End the server and every connection."""
        if self.process is None:
            return
        sessions = self.sessions()
        self.process.kill()
        self.process.wait(_PATIENCE)
        for session in sessions:
            with suppress(ProcessLookupError):
                os.kill(session, 9)
        self.process = None


@contextmanager
def openssh(folder: Path) -> Iterator[OpenSSH]:
    """Run a server in the folder; it ends with the block."""
    server = OpenSSH(folder, free_port())
    server.files.mkdir(parents=True)
    make_key(folder / "host_ed25519", "-t", "ed25519")
    make_key(folder / "host_rsa", "-t", "rsa", "-b", "2048")
    make_key(server.identity, "-t", "ed25519")
    server.allow(folder / "id.pub")
    lines = [f"[{server.host}]:{server.port} {server.host_key(kind)}\n" for kind in ("ed25519", "rsa")]
    server.known_hosts.write_text("".join(lines))
    (folder / "config").write_text(_CONFIG.format(port=server.port, folder=folder, files=server.files))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def make_key(file: Path, *options: str, passphrase: str = "") -> None:
    """Make a pair of keys, `file` and `file.pub`."""
    command: Sequence[str] = ("ssh-keygen", "-q", "-N", passphrase, "-C", "tgvault test", "-f", str(file), *options)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _sshd() -> str:
    found = shutil.which("sshd", path=_PATH)
    assert found is not None, "needs OpenSSH's server; `sh scripts/setup tests` installs it"
    return found


def _below(process: int) -> list[int]:
    """The processes that one has started, and those that they have, by what Linux tells."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [*_below(child), child]
    return found
