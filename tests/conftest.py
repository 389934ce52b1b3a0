"""What holds for every test: nothing of the person who runs them is read or changed."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tgvault.testing.telegram.fixtures"]

# The same examples on every machine, and no failures because a machine was slow.
settings.register_profile("tgvault", derandomize=True, deadline=None, database=None)
settings.load_profile("tgvault")

# Ten thousand tests leave much that lives as long as they do, and looking through all of it for garbage takes longer
# each time.
gc.set_threshold(100_000, 50, 100)

_OURS = ("TGVAULT_", "XDG_")
_PERSONAL = ("CREDENTIALS_DIRECTORY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "SSH_AUTH_SOCK")
_PIP_CONFIG = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pip" / "pip.conf"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of the test's own, in the environment too."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_OURS) or name in _PERSONAL:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    # A test that means the keyring starts one of its own; no other may come upon a real one.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    # Which index pip uses is the machine's business, and may be written in the home folder.
    if _PIP_CONFIG.exists() and "PIP_CONFIG_FILE" not in os.environ:
        monkeypatch.setenv("PIP_CONFIG_FILE", str(_PIP_CONFIG))
    return home


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes and long texts by their argument: some are random, and all workers have to call a test the same."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 60) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a skipped test as failed: what was not tested is not known to work."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped; no test is: {report.longrepr}"
    return report
