"""Plugins made for a test: modules on the import path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_plugins import MakePlugin
from tgvault.host.discovery import Candidate


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path; what is imported from it is forgotten afterwards."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def make_plugin(modules: Path) -> MakePlugin:
    def make(name: str, code: str, *, distribution: str = "acme-tools", bundled: bool = False) -> Candidate:
        (modules / f"{name}.py").write_text(code)
        return Candidate(name, name, distribution, bundled)

    return make
