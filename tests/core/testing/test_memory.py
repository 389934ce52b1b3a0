"""The sink in memory, held to the contract."""

from __future__ import annotations

from functools import partial

import pytest

from tgvault.testing import MemorySink
from tgvault.testing.contracts import MakeSink, SinkContract


class TestMemorySink(SinkContract):
    @pytest.fixture
    def make_sink(self) -> MakeSink:
        return partial(MemorySink, {})
