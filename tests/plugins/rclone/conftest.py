"""A store that several modules use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.dav import Dav
from servers.seaweed import Seaweed


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    server = Seaweed(tmp_path_factory.mktemp("seaweed")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dav]:
    server = Dav(tmp_path_factory.mktemp("dav")).start()
    yield server
    server.stop()
