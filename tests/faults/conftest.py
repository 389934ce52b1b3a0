"""The scenes of the tests of faults, and what each command comes to where nothing goes wrong."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import pytest

from export_support import QUICK
from faults.bench import Case, Scene
from faults.calls import recorded
from faults.operations import OPERATIONS
from faults.scenes import make_scenes
from faults.stores import install_stores
from tgvault.host.discovery import installed
from tgvault.host.host import Host


class Stage:
    """Where commands are carried out, each from its scene."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scenes: dict[str, Scene] = make_scenes(folder / "scenes")
        self._well: dict[str, tuple[Case, dict[str, tuple[str, ...]]]] = {}
        self._number = 0

    def set(self, name: str) -> Case:
        """Make everything ready for the command of that name."""
        done, _ = self.well(name)
        case = self._ready(name)
        case.makes = next(iter(done.new()), None)
        if (done.out / "result.json").exists():
            case.says = (done.out / "result.json").read_bytes()
        return case

    def well(self, name: str) -> tuple[Case, dict[str, tuple[str, ...]]]:
        """Carry out that command without any fault; what it asks of the sinks comes with it."""
        if name not in self._well:
            case = self._ready(name)
            self._well[name] = case, recorded(case)
        return self._well[name]

    def _ready(self, name: str) -> Case:
        operation = OPERATIONS[name]
        scene = self._scenes[operation.scene]
        self._number += 1
        return Case(operation, scene, scene.again(self._folder / str(self._number)), self._folder / "scenes/exports")


@pytest.fixture(scope="session")
def _made() -> Iterator[tuple[Stage, Path]]:
    with tempfile.TemporaryDirectory(dir=QUICK) as name:
        site = Path(name) / "site"
        install_stores(site)
        with pytest.MonkeyPatch.context() as patch:
            _surround(patch, site)
            stage = Stage(Path(name))
        yield stage, site


@pytest.fixture
def stage(_made: tuple[Stage, Path], monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Made once; what it changes around it holds for one test, for others run in the same process."""
    stage, site = _made
    _surround(monkeypatch, site)
    return stage


def _surround(patch: pytest.MonkeyPatch, site: Path) -> None:
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    # Looking for plugins takes as long as all else that some of these commands do.
    patch.setattr("tgvault.cli.world.Host", partial(Host, find=cache(installed)))
    patch.setattr(sys, "path", [str(site), *sys.path])
