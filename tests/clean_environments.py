"""Clean environments to install wheels into, without the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from sysconfig import get_path

from packaging.requirements import Requirement

__all__ = ["Environment", "build_wheel", "make_environment"]


def build_wheel(project: Path, target: Path) -> Path:
    """Build the wheel of the project into the folder, with the hatchling that is installed here."""
    target.mkdir(parents=True, exist_ok=True)
    before = set(target.iterdir())
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (wheel,) = set(target.iterdir()) - before
    return wheel


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment of its own."""

    folder: Path

    @property
    def programs(self) -> Path:
        """Where its programs lie."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run its Python, away from the project's folder; what it prints is kept."""
        return self._run(self.programs / "python", *arguments)

    def tgvault(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run its tgvault."""
        return self._run(self.programs / "tgvault", *arguments)

    def pip(self, *arguments: str) -> None:
        """Run its pip, which asks no index."""
        done = self.python("-m", "pip", "--disable-pip-version-check", *arguments)
        assert done.returncode == 0, done.stderr

    def _run(self, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
        return subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )


def make_environment(folder: Path, *, holding: str) -> Environment:
    """Make an environment that holds what the distribution needs at run time, and not the distribution itself.

    Its dependencies are copied from the environment of the tests, which spares the network and shows whether the ones
    that are declared are all that are needed.
    """
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    site = Path(get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for needed in _closure(holding) - {_normalised(holding)}:
        _copy(distribution(needed), site)
    return Environment(folder)


def _closure(name: str) -> set[str]:
    """Name the distribution and everything that it needs here, with the extras that are asked for along the way."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(name)]
    while waiting:
        current = waiting.pop()
        known = (_normalised(current.name), frozenset(current.extras))
        if known not in found:
            found.add(known)
            waiting += _required(*known)
    return {each for each, _ in found}


def _required(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    for line in distribution(name).requires or ():
        needed = Requirement(line)
        wanted = needed.marker is None or any(needed.marker.evaluate({"extra": each}) for each in ("", *extras))
        if wanted:
            yield needed


def _copy(source: Distribution, site: Path) -> None:
    for file in source.files or ():
        if ".." in file.parts or "__pycache__" in file.parts:
            continue
        target = site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(source.locate_file(file)), target)


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
