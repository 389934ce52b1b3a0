"""Servers that tests start: on ports that are free, ready when they are handed out, and gone when they should be."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["ServerFailedError", "ServerProcess", "answers", "free_ports"]

#: Below what Linux gives to outgoing connections, so that nobody takes a port between the choice and its use.
_LOWEST, _HIGHEST = 12_000, 22_000
_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class ServerFailedError(Exception):
    """A server ended, or was not ready in time; with the end of its log."""


class ServerProcess:
    """A server in a process of its own, killed with the test process whatever becomes of that."""

    def __init__(self, command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        self._name = Path(command[0]).name
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
                env={**os.environ, **(environment or {})},
            )

    @property
    def pid(self) -> int:
        """The process's number, which is its group's too."""
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait until the server is ready; one that is not is killed."""
        end = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise ServerFailedError(f"`{self._name}` is not ready:\n{self.log()[-3_000:]}")
            time.sleep(0.02)

    def log(self) -> str:
        """What the server has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self, *, seconds: float = 3) -> None:
        """Ask the server to end, and kill it if it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """Kill the server and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def free_ports(count: int, *, beside: int = 0) -> list[int]:
    """Choose ports of 127.0.0.1 that are free; with `beside`, so are the ones that many further up."""
    chosen: list[int] = []
    at = _LOWEST + int.from_bytes(os.urandom(4)) % (_HIGHEST - _LOWEST)
    while len(chosen) < count:
        if _is_free(at) and (not beside or _is_free(at + beside)):
            chosen.append(at)
        at = at + 1 if at < _HIGHEST else _LOWEST
    return chosen


def answers(port: int) -> bool:
    """Tell whether something listens at the port of 127.0.0.1."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)
