"""What the course asks of a tool."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Protocol

from dataset import DataSet
from rows import Row
from watch import CommandFailedError, Step

__all__ = ["Peer", "Place", "printed"]


class Place:
    """A tool's folder for one round: its repository, its caches, what it restores, what it says."""

    def __init__(self, root: Path, data: DataSet) -> None:
        self.root, self.data = root, data
        self.store = root / "store"
        self.restored = root / "restored"
        self.single = root / "single"
        self.log = root / "log"
        self.source = root / "source"
        self._environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(root / "home"),
            "XDG_CACHE_HOME": str(root / "cache"),
            "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_STATE_HOME": str(root / "state"),
        }

    def make(self) -> None:
        """Create the folders that a tool expects to find."""
        for folder in (self.root, self.restored, self.single, self.root / "home"):
            folder.mkdir(parents=True)

    def asides(self) -> list[Path]:
        """Where a tool keeps what it can do without: caches and state."""
        return [self.root / name for name in ("home", "cache", "config", "state")]

    def show(self, export: Path) -> Path:
        """Let the link `source` lead to an export, so that both versions have one path, and return the link."""
        self.source.unlink(missing_ok=True)
        self.source.symlink_to(export, target_is_directory=True)
        return self.source

    def step(
        self, *command: str | Path, folder: Path | None = None, output: Path | None = None, **environment: str
    ) -> Step:
        """A command in this place. Its folder is also `$PWD`, so that links in it are kept."""
        folder = folder or self.root
        variables = self._environment | environment | {"PWD": str(folder)}
        return Step(tuple(map(str, command)), folder, variables, self.log, output)

    def run(self, step: Step) -> str:
        """Run a command that is not measured, and return what it printed.

        Raises:
            CommandFailedError: its exit code is not 0.
        """
        done = subprocess.run(
            step.command,
            cwd=step.folder,
            env=step.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CommandFailedError(f"`{' '.join(step.command)}` ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout


class Peer(Protocol):
    """A tool under measurement. The course calls `prepare` once a round, then `step` for each row in order."""

    name: str

    def version(self) -> str:
        """Name and version, for the head of the table."""
        ...

    def prepare(self, place: Place) -> None:
        """Make an empty repository; not measured."""
        ...

    def step(self, place: Place, row: Row) -> Step | None:
        """The command for a row, or nothing where the tool has none."""
        ...

    def check(self, place: Place, row: Row) -> None:
        """What only this tool can be asked after a row; not measured.

        Raises:
            WrongResultError: the answer is wrong.
        """
        ...


def printed(*command: str) -> str:
    """What a command prints that needs no place of its own, such as its version.

    Raises:
        SystemExit: there is no such command.
    """
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise SystemExit(
            f"error: `{command[0]}` is not installed; name it with its option, or leave it out with --only"
        ) from None
