"""What the tests of the command line share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.support import Tried, attempt


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def tgvault(tmp_path: Path) -> Callable[..., Tried]:
    """Run one command line in this process, in a folder of its own."""
    return lambda *arguments, **also: attempt(*arguments, folder=tmp_path, **also)
