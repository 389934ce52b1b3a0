"""Asking a running rclone, from several threads at once."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from urllib.parse import quote

import msgspec

from tgvault.api import SinkUnavailableError
from tgvault_plugins.rclone.daemon import Daemon

__all__ = ["Client", "RefusedError"]

#: How often something is asked again whose answer did not come: rclone was killed, or closed an idle connection.
_ATTEMPTS = 3

#: Bytes of an answer above which it is not read; it is no object then.
_LARGEST = 64 << 20


class RefusedError(Exception):
    """rclone says no; `text` is its error, `missing` whether it is that something is not there."""

    def __init__(self, text: str, *, missing: bool) -> None:
        super().__init__(text)
        self.text = text
        self.missing = missing


class _Refusal(msgspec.Struct):
    error: str = ""


class Client:
    """Starts rclone when it is first asked, and again when it has died."""

    def __init__(self, start: Callable[[], Daemon]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._daemon: Daemon | None = None
        self._idle: list[http.client.HTTPConnection] = []

    def daemon(self) -> Daemon:
        """Give the rclone that runs."""
        with self._lock:
            if self._daemon is None or not self._daemon.runs:
                self._close()
                self._daemon = self._start()
            return self._daemon

    def call(self, command: str, parameters: object, *, seconds: float) -> bytes:
        """Have rclone do something, and give its answer, JSON.

        Raises:
            RefusedError: it says no, or cannot.
            SinkUnavailableError: it does not answer.
        """
        status, data = self._asked("POST", f"/{command}", msgspec.json.encode(parameters), seconds)
        return _accepted(status, data)

    def fetch(self, root: str, name: str, *, seconds: float) -> bytes:
        """Give an object's bytes; raises as `call` does, also for what is larger than any object."""
        status, data = self._asked("GET", quote(f"/[{root}]/{name}"), None, seconds)
        return _accepted(status, data)

    def close(self) -> None:
        """End rclone."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        if self._daemon is not None:
            self._daemon.close()
            self._daemon = None

    def _asked(self, method: str, path: str, body: bytes | None, seconds: float) -> tuple[int, bytes]:
        for _ in range(_ATTEMPTS):
            daemon = self.daemon()
            connection, fresh = self._connection(daemon, seconds)
            headers = {"Authorization": daemon.authorization, "Content-Type": "application/json"}
            try:
                connection.request(method, path, body, headers)
                answer = _read(connection.getresponse(), limited=method == "GET")
            except TimeoutError as error:
                connection.close()
                raise SinkUnavailableError(
                    "rclone does not answer in time", hint="check the connection to the store; then run again"
                ) from error
            except (OSError, http.client.HTTPException):
                connection.close()
                if fresh:  # one that was idle may have been closed in the meantime
                    self._give_up(daemon)
            except RefusedError:  # what it was about to say was not listened to
                connection.close()
                raise
            else:
                with self._lock:
                    self._idle.append(connection)
                return answer
        raise SinkUnavailableError("rclone breaks off again and again", hint="try `rclone version` in a terminal")

    def _connection(self, daemon: Daemon, seconds: float) -> tuple[http.client.HTTPConnection, bool]:
        """Give a connection, and whether it is a new one."""
        with self._lock:
            if not self._idle:
                return http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=seconds), True
            connection = self._idle.pop()
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        return connection, False

    def _give_up(self, daemon: Daemon) -> None:
        """End an rclone that does not take what it is asked, so that the next one is started."""
        with self._lock:
            if self._daemon is daemon:
                self._close()


def _read(response: http.client.HTTPResponse, *, limited: bool) -> tuple[int, bytes]:
    if not limited:
        return response.status, response.read()
    data = response.read(_LARGEST + 1) if (response.length or 0) <= _LARGEST else b""
    if response.isclosed():
        return response.status, data
    response.close()
    raise RefusedError("larger than any object", missing=True)


def _accepted(status: int, data: bytes) -> bytes:
    if status == http.client.OK:
        return data
    try:
        text = msgspec.json.decode(data, type=_Refusal).error
    except msgspec.DecodeError:
        text = data[:200].decode(errors="replace")
    missing = status == http.client.NOT_FOUND or "is a directory not a file" in text
    raise RefusedError(text or f"status {status}", missing=missing)
