"""A real GNOME Keyring on a session bus of the test's own."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_DAEMON = ("gnome-keyring-daemon", "--unlock", "--components=secrets", "--daemonize")


@pytest.fixture
def session_bus(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session bus without a screen; whatever the keyring asks for, nobody answers."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as bus:
        assert bus.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
        yield
        # The `keyring` package leaves its connection open when the keyring is locked.
        gc.collect()
        bus.terminate()


@pytest.fixture
def unlock_keyring(session_bus: None) -> Callable[[str], None]:
    """Starts the keyring's daemon, which opens or makes the login keyring with a password."""

    def unlock(password: str) -> None:
        subprocess.run(_DAEMON, input=password.encode(), check=True, capture_output=True, env=os.environ.copy())

    return unlock
