#!/usr/bin/env python3
"""Measure tgvault against restic, borg and `cp -r` on one data set, in one run (Linux; standard library only).

    run.py DATA [--scale 1.0] [--rounds 3] [--only tgvault,restic,borg,cp] [--rows first,next,…]
           [--markdown docs/performance.md] [--json FILE] [--pss] [--keep] [--profile ROW]

DATA is the folder of the data set; it is made there if there is none (1.9 GB at scale 1). Repositories and restored
files come into a new folder beside it, which is removed at the end. docs/performance.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from checks import WrongResultError
from course import Course
from dataset import ready
from figures import Figures
from machine import facts
from peers.base import Peer
from peers.borg import Borg
from peers.copying import Copying
from peers.restic import Restic
from peers.tgvault import TgVault
from profiling import profile
from rows import Row
from watch import CommandFailedError

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
PROJECT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run what the command line asks for."""
    given = _arguments().parse_args()
    peers = _peers(given)
    tools = {} if given.profile else {peer.name: peer.version() for peer in peers}
    data = ready(given.data.resolve(), scale=given.scale)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=given.work or data.root.parent))
    head = [*facts(work), f"data set: scale {given.scale:g}, page cache warm", f"command: `{_command(given)}`"]
    course = Course(data, work, given.rows, pss=given.pss, keep=given.keep, say=_say)
    try:
        if given.profile:
            return profile(course, TgVault(given.tgvault), given.profile)
        records = list(course.run(peers, given.rounds))
        if not records:
            raise SystemExit("error: none of these tools has one of these rows")
    except (CommandFailedError, WrongResultError) as error:
        raise SystemExit(f"error: {error}") from None
    finally:
        if not given.keep:
            shutil.rmtree(work)
    return _report(given, Figures(records, tools, data.scale, data.manifest.new_media_bytes), head)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data set")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data set; 1.0 is 1.5 GB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=_names, default=["tgvault", "restic", "borg", "cp"], help="tools, with commas")
    parser.add_argument("--rows", type=_rows, default=list(Row), help=f"of {', '.join(Row)}, with commas")
    parser.add_argument("--work", type=Path, help="where repositories come; default: beside the data set")
    parser.add_argument("--json", type=Path, help="write every single run to this file")
    parser.add_argument("--markdown", type=Path, help="put the tables between the marks in this file")
    parser.add_argument("--pss", action="store_true", help="also sample proportional memory; costs time")
    parser.add_argument("--keep", action="store_true", help="leave repositories and logs")
    parser.add_argument("--profile", type=Row, help="run this row of tgvault under a profiler and measure nothing")
    parser.add_argument("--tgvault", type=_executable, default=_own_tgvault(), help="executable")
    parser.add_argument("--restic", type=_executable, default="restic", help="executable")
    parser.add_argument("--borg", type=_executable, default="borg", help="executable")
    return parser


def _peers(given: argparse.Namespace) -> list[Peer]:
    peers: list[Peer] = [TgVault(given.tgvault), Restic(given.restic), Borg(given.borg), Copying()]
    unknown = set(given.only) - {peer.name for peer in peers}
    if unknown:
        raise SystemExit(f"error: no tool `{unknown.pop()}`; there are {', '.join(peer.name for peer in peers)}")
    return [peer for peer in peers if peer.name in given.only]


def _own_tgvault() -> str:
    own = PROJECT / ".venv" / "bin" / "tgvault"
    return str(own) if own.exists() else "tgvault"


def _executable(name: str) -> str:
    """The full path, because commands run in other folders; the name itself where there is no such command."""
    found = shutil.which(name)
    return str(Path(found).absolute()) if found else name


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _rows(text: str) -> list[Row]:
    return [Row(name) for name in _names(text)]


def _command(given: argparse.Namespace) -> str:
    """The command line without the paths of this machine."""
    words = ["python", "tests/bench/run.py", "DATA", f"--scale {given.scale:g}", f"--rounds {given.rounds}"]
    words += [f"--only {','.join(given.only)}"] * (len(given.only) < 4)
    words += [f"--rows {','.join(given.rows)}"] * (len(given.rows) < len(Row))
    return " ".join(words + ["--pss"] * given.pss)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _report(given: argparse.Namespace, figures: Figures, head: list[str]) -> None:
    if not all(record.warm for record in figures.records):
        head = [line.replace("page cache warm", "too large to keep all of it in the page cache") for line in head]
    head.append(f"reading the memory took {figures.watching():.1%} of one core while the tools ran")
    text = "\n".join([*(f"* {line}" for line in head), "", figures.tables()])
    print(text)
    if given.markdown:
        _put(given.markdown, text)
    if given.json:
        given.json.write_text(json.dumps({"head": head} | asdict(figures), indent=1))


def _put(page: Path, text: str) -> None:
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"error: `{page}` has no marks `{BEGIN}` and `{END}`")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


if __name__ == "__main__":
    main()
