"""Fixtures of several modules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from account_support import ada, serving
from takeout_client import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A server, and the session of somebody who is logged in to it."""
    with serving(ada()) as server:
        place = Place(server, tmp_path)
        asyncio.run(place.log_in())
        yield place
