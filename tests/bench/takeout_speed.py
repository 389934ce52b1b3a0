"""How fast a live account is backed up, and how much memory it takes, against a Telegram on the loopback interface.

python tests/bench/takeout_speed.py [--messages 100000 | --megabytes 500] [--jobs 2]

With `--messages` text alone is fetched, with `--megabytes` files of 4 MiB from two data centres. The server runs in a
process of its own and tells its processor time, which is subtracted: what is left is ours, waits included. Run it by
hand, on a quiet machine; it is no test.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

#: Bytes of one file.
FILE = 4 << 20


def serve(pipe: Connection, messages: int, megabytes: int) -> None:
    """Tell of an account; answers `busy` with the server's processor seconds until it is told to end."""
    from tgvault.testing.telegram import LoopbackServer
    from tgvault.testing.telegram.large import files_account, large_account

    account = files_account(megabytes * 1_000_000 // FILE, FILE) if megabytes else large_account(messages)
    with LoopbackServer(account) as server:
        pipe.send((server.home, server.public_key, account.phone, account.code))
        while pipe.recv() == "busy":
            pipe.send(server.busy_seconds)


def main() -> None:
    """Back the account up into a new vault, then once more, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    said = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, said.messages, said.megabytes), daemon=True)
    server.start()
    place = Place(*mine.recv())
    with tempfile.TemporaryDirectory() as folder:
        live = vault_of(Path(folder), place, jobs=said.jobs)
        settings = {} if said.megabytes else {"media": []}
        for name in ("first", "again"):
            print(json.dumps({"run": name, **measured(live, mine, settings)}))
    mine.send("end")


class Place:
    """What the harness asks of a server that runs in another process."""

    def __init__(self, home: tuple[int, str, int], key: str, phone: str, code: str) -> None:
        self.home = home
        self.public_key = key
        self.account = SimpleNamespace(phone=phone, code=code, password=None)
        self.calls = SimpleNamespace(clear=lambda: None)


def vault_of(folder: Path, place: Place, *, jobs: int) -> Any:
    """Make a vault and log in."""
    from takeout_support import LiveVault

    live = LiveVault(folder, place, jobs=jobs)  # type: ignore[arg-type]
    live.log_in()
    return live


def measured(live: Any, server: Connection, settings: dict[str, Any]) -> dict[str, Any]:
    """Make a backup; seconds of the wall clock, of our processors and of the server's, and what is left."""
    server.send("busy")
    busy, ours, began = server.recv(), processor(), time.perf_counter()
    outcome = live.back_up(**settings)
    wall = time.perf_counter() - began
    server.send("busy")
    busy = server.recv() - busy
    seen, files = outcome.report.messages.seen, outcome.report.media.new
    size = outcome.report.bytes_read
    left = max(wall - busy, 0.001)
    return {
        "messages": seen,
        "files": files,
        "wall": round(wall, 2),
        "server": round(busy, 2),
        "ours": round(processor() - ours, 2),
        "messages a second without the server": round(seen / left),
        "MB a second without the server": round(size / left / 1e6, 1),
        "peak RSS of the main process, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "peak RSS of the largest worker, MiB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
        "losses": outcome.report.losses,
    }


def processor() -> float:
    """Processor seconds of this process and its ended children."""
    return sum(
        each.ru_utime + each.ru_stime
        for each in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    main()
