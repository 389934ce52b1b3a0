#!/usr/bin/env python3
"""Measure tgvault against restic on one object store: times, and requests by kind (Linux; the project's environment).

    .venv/bin/python tests/bench/store_speed.py DATA [--scale 0.3] [--rounds 3] [--latency MS]

DATA is the folder of the data set; it is made there if there is none. At scale 1 each round takes 6 GB beside it. The
store is SeaweedFS on this machine, new for each round and tool, so that none finds what the other left. With
`--latency` each answer of the store comes so many milliseconds later, as from one that is far away.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from checks import same_export
from dataset import DataSet, ready, warm
from far_away import Delay

from servers.seaweed import ACCESS_KEY, BUCKET, SECRET_KEY, Seaweed

PROJECT = Path(__file__).resolve().parents[2]
ROWS = ("first backup", "nothing changed", "restore everything", "check all data")
GOAL = 0.7


@dataclass(frozen=True)
class Run:
    """One command: seconds, processor time of its processes in seconds, and requests by kind."""

    tool: str
    row: str
    seconds: float
    processor: float
    requests: Counter[str]


class Tool:
    """A tool with a repository in the store."""

    #: How it is told who it is: by variables of its own, so that it looks nowhere else.
    credentials: ClassVar[Mapping[str, str]]

    def __init__(self, root: Path, data: DataSet, endpoint: str) -> None:
        self.root, self.data, self.endpoint = root, data, endpoint
        root.mkdir()
        self.restored = root / "restored"
        self.environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(root),
            **self.credentials,
        }

    def run(self, *command: str | Path) -> None:
        """Run a command.

        Raises:
            SystemExit: it failed.
        """
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"error: `{' '.join(map(str, command))}`: {done.returncode}\n{done.stderr[-2000:]}")


class TgVault(Tool):
    """This project's."""

    name = "tgvault"
    credentials: ClassVar[Mapping[str, str]] = {
        "TGVAULT_CREDENTIAL_PRIMARY_ACCESS_KEY_ID": ACCESS_KEY,
        "TGVAULT_CREDENTIAL_PRIMARY_SECRET_ACCESS_KEY": SECRET_KEY,
    }

    def prepare(self) -> None:
        settings = {"bucket": BUCKET, "prefix": "vault", "endpoint": self.endpoint, "region": "us-east-1"}
        words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        self._tgvault("init", "--sink", "s3", *words, "--key-file", self.root / "key", "--kit", self.root / "kit.txt")

    def carry_out(self, row: str) -> None:
        match row:
            case "first backup" | "nothing changed":
                self._tgvault("import", self.data.v1)
            case "restore everything":
                self._tgvault("restore", "latest", "--exact", "--to", self.restored)
            case "check all data":
                self._tgvault("verify", "--level", "data")

    def _tgvault(self, *words: str | Path) -> None:
        self.run(
            Path(os.environ.get("TGVAULT", PROJECT / ".venv" / "bin" / "tgvault")),
            "--vault",
            self.root / "v.toml",
            *words,
        )


class Restic(Tool):
    """restic with repository format 2, so with zstd, and a cache as it has by itself."""

    name = "restic"
    credentials: ClassVar[Mapping[str, str]] = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}

    def prepare(self) -> None:
        (self.root / "password").write_text("a password for measuring")
        self._restic("init", "--repository-version", "2")

    def carry_out(self, row: str) -> None:
        match row:
            case "first backup" | "nothing changed":
                self._restic("backup", self.data.v1)
            case "restore everything":
                self._restic("restore", "latest", "--target", self.restored)
            case "check all data":
                self._restic("check", "--read-data")

    def _restic(self, *words: str | Path) -> None:
        where = ("-r", f"s3:{self.endpoint}/{BUCKET}/restic", "--password-file", self.root / "password")
        self.run("restic", *where, *words)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data set")
    parser.add_argument("--scale", type=float, default=0.3, help="size of the data set; 1.0 is 1.5 GB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--latency", type=float, default=0, help="milliseconds that each answer of the store takes more"
    )
    parser.add_argument("--only", help="one tool")
    given = parser.parse_args()
    data = ready(given.data.resolve(), scale=given.scale)
    work = Path(tempfile.mkdtemp(prefix="store-", dir=data.root.parent))
    try:
        runs = [run for number in range(given.rounds) for run in _round(work, data, number, given)]
    finally:
        shutil.rmtree(work)
    print(_table(runs))


def _round(work: Path, data: DataSet, number: int, given: argparse.Namespace) -> Iterator[Run]:
    tools = [kind for kind in (TgVault, Restic) if given.only in (None, kind.name)]
    for kind in tools[:: 1 if number % 2 == 0 else -1]:
        root = work / f"{kind.name}-{number}"
        with Seaweed(work / f"store-{kind.name}-{number}") as store, Delay(store.port, given.latency / 1000) as far:
            tool = kind(root, data, far.endpoint)
            tool.prepare()
            for row in ROWS:
                yield _measured(tool, row, store)
            same_export(data.v1, _found(tool.restored))
        # Nothing is deleted before the end: for minutes after many deletions ext4 takes long to find an inode for a new
        # file (3.6 s of the system's time in place of 1.4 s for a restore), which would hit whoever comes next.


def _found(restored: Path) -> Path:
    return next(iter(restored.rglob("result.json"))).parent


def _measured(tool: TgVault | Restic, row: str, store: Seaweed) -> Run:
    warm([tool.data.v1])
    os.sync()
    before, used, started = store.requests(), os.times(), time.perf_counter()
    tool.carry_out(row)
    seconds, after = time.perf_counter() - started, os.times()
    processor = after.children_user + after.children_system - used.children_user - used.children_system
    requests = store.requests()
    requests.subtract(before)
    run = Run(tool.name, row, seconds, processor, +requests)
    print(f"{run.tool:8} {run.row:20} {seconds:7.2f} s  {dict(run.requests)}", file=sys.stderr, flush=True)
    return run


def _table(runs: Sequence[Run]) -> str:
    lines = [
        "| work | tgvault | restic | tgvault / restic | goal | requests | restic | processor | restic |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in ROWS:
        mine, theirs = (
            [each for each in runs if (each.tool, each.row) == (name, row)] for name in ("tgvault", "restic")
        )
        if not mine or not theirs:
            continue
        one, other = (statistics.median(each.seconds for each in some) for some in (mine, theirs))
        words = [_requests(some[-1].requests) for some in (mine, theirs)]
        words += [f"{statistics.median(each.processor for each in some):.2f} s" for some in (mine, theirs)]
        lines.append(f"| {row} | {one:.2f} s | {other:.2f} s | {one / other:.2f} | ≤ {GOAL} | {' | '.join(words)} |")
    return "\n".join(lines)


def _requests(requests: Mapping[str, int]) -> str:
    return f"{sum(requests.values())}: " + ", ".join(f"{number} {kind}" for kind, number in sorted(requests.items()))


if __name__ == "__main__":
    main()
