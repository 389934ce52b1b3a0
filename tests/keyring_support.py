"""A real GNOME Keyring on a session bus of the test's own."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

_BUS = ("dbus-daemon", "--session", "--nofork", "--print-address=1")
_DAEMON = ("gnome-keyring-daemon", "--unlock", "--components=secrets", "--daemonize")


Unlock = Callable[[str], None]


@contextmanager
def session(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unlock]:
    """A session without a screen: whatever its keyring asks for, nobody answers.

    What is given starts the keyring's daemon, which opens or makes the login keyring with a password.
    """
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    with subprocess.Popen(_BUS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
        assert bus.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
        yield unlock
        # The `keyring` package leaves its connection open when the keyring is locked.
        gc.collect()
        # The daemon ends with its bus.
        bus.terminate()


def unlock(password: str) -> None:
    subprocess.run(_DAEMON, input=password.encode(), check=True, capture_output=True)


@pytest.fixture
def new_session(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[Unlock]]:
    """Starts a session of the same person at each call."""
    return lambda: session(home, monkeypatch)


@pytest.fixture
def unlock_keyring(new_session: Callable[[], AbstractContextManager[Unlock]]) -> Iterator[Unlock]:
    """A session, and what starts its keyring."""
    with new_session() as unlock:
        yield unlock
