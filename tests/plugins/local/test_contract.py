"""The sink `local`, held to the contract."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tgvault.testing.contracts import MakeSink, SharedSinkContract
from tgvault_plugins.local import LocalSink, LocalSinkConfig


class TestLocalSink(SharedSinkContract):
    @pytest.fixture
    def make_sink(self, tmp_path: Path) -> MakeSink:
        return partial(LocalSink, LocalSinkConfig(tmp_path / "a folder" / "vault"))

    @pytest.fixture
    def litter(self, tmp_path: Path) -> Callable[[], None]:
        root = tmp_path / "a folder" / "vault"

        def litter() -> None:
            for name in (".DS_Store", "Thumbs.db ", "my photo (1).jpg", "packs/ab/.tgvault-0123456789abcdef.tmp"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(b"litter")
            (root / "a" / "b" / "c").mkdir(parents=True)
            (root / "a" / "b" / "c" / "too-deep").write_bytes(b"litter")
            (root / "empty").mkdir()
            (root / "dangling").symlink_to(root / "nowhere")

        return litter
