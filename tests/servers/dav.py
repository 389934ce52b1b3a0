"""A WebDAV server for tests: wsgidav on cheroot, in a process of its own, with a user and a password."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from secrets import token_hex
from types import TracebackType

from servers.process import ServerFailedError, ServerProcess, answers, free_ports

__all__ = ["PASSWORD", "USER", "Dav"]

USER = "tester"
PASSWORD = "test-password-0123456789"


class Dav:
    """wsgidav for one folder; used with `with`, or `start` and `stop`."""

    user = USER
    password = PASSWORD

    def __init__(self, folder: Path) -> None:
        """Take an empty folder; what is served is in its folder `files`."""
        self._folder = folder
        self._process: ServerProcess | None = None
        self.port = 0

    @property
    def endpoint(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def files(self) -> Path:
        """The folder that is served."""
        return self._folder / "files"

    def prefix(self) -> str:
        """A new name for a folder that nobody has used."""
        return f"test-{token_hex(8)}"

    def start(self) -> Dav:
        """Start it and wait until it answers; tries another port if somebody was quicker."""
        self.files.mkdir(parents=True, exist_ok=True)
        for _ in range(3):
            try:
                self._start()
            except ServerFailedError as exc:
                failed = exc
            else:
                return self
        raise failed

    def stop(self) -> None:
        """Stop it for good and remove its files."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill it at once."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _start(self) -> None:
        (port,) = free_ports(1)
        run = self._folder / token_hex(4)
        run.mkdir()
        config = {
            "host": "127.0.0.1",
            "port": port,
            "server": "cheroot",
            "server_args": {"numthreads": 10},
            "provider_mapping": {"/": str(self.files)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 1,
        }
        (run / "dav.json").write_text(json.dumps(config), encoding="utf-8")
        command = [sys.executable, "-m", "wsgidav.server.server_cli", "--config", str(run / "dav.json")]
        process = ServerProcess(command, log=run / "log")
        process.wait_until(lambda: answers(port))
        self._process, self.port = process, port

    def __enter__(self) -> Dav:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
