"""The servers that these tests need, each started once in each process of pytest that needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.dav import Dav
from servers.seaweed import Seaweed


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with Seaweed(tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture(scope="session")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dav]:
    with Dav(tmp_path_factory.mktemp("dav")) as server:
        yield server
