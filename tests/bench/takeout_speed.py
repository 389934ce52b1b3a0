"""How fast a live account is backed up, and how much memory it takes, against a Telegram on the loopback interface.

python tests/bench/takeout_speed.py [--messages 100000] [--megabytes 500] [--jobs 2]

The server runs in a process of its own and tells its processor time, which is subtracted: what is left is ours, waits
included. On a machine with two cores both sides run side by side, so the rest is what an endless fast server would give
at best. Run it by hand, on a quiet machine; it is no test.
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
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

#: Messages of one chat, and bytes of one file.
CHAT = 20_000
FILE = 4 << 20
TEXT = "What we said yesterday about the house by the lake, and who is to bring the boat this time. "


def serve(pipe: Connection, messages: int, megabytes: int) -> None:
    """Tell of an account; answers `busy` with the server's processor seconds until it is told to end."""
    from tgvault.testing.telegram import LoopbackServer

    with LoopbackServer(account_of(messages, megabytes)) as server:
        pipe.send((server.home, server.public_key))
        while pipe.recv() == "busy":
            pipe.send(server.busy_seconds)


def account_of(messages: int, megabytes: int) -> Any:
    """Make an account with so many messages of text, and so many megabytes of files."""
    from telethon.tl import types

    from tgvault.testing.telegram import Account

    account = Account()
    account.user(1, "Ada", is_self=True)
    for number in range(max(1, messages // CHAT)):
        friend = account.user(100 + number, f"Friend {number}", "Example")
        talk = account.talk(friend)
        for each in range(min(CHAT, messages)):
            entities = [types.MessageEntityBold(0, 4)] if each % 5 == 0 else None
            account.say(
                talk, f"{TEXT[: 20 + each % 70]} {each}", sender=friend if each % 2 else None, entities=entities
            )
    files = account.talk(account.user(99, "Files"))
    for number in range(megabytes * 1_000_000 // FILE):
        document = account.shelf.document(
            "video/mp4",
            FILE,
            types.DocumentAttributeVideo(10.0, 640, 480),
            types.DocumentAttributeFilename(f"{number}.mp4"),
            file_id=10_000 + number,
            dc=account.dcs[number % 2],
            date=account.now,
        )
        account.say(files, media=types.MessageMediaDocument(document=document))
    return account


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
    home, key = mine.recv()
    with tempfile.TemporaryDirectory() as folder:
        live = vault_of(Path(folder), home, key, jobs=said.jobs)
        for name in ("first", "again"):
            print(json.dumps({"run": name, **measured(live, mine)}))
    mine.send("end")


def vault_of(folder: Path, home: tuple[int, str, int], key: str, *, jobs: int) -> Any:
    """Make a vault and log in."""
    from takeout_support import LiveVault

    class Place:
        """What the harness asks of a server."""

        account = type("account", (), {"phone": "+15550100", "code": "12345", "password": None})
        public_key = key

    place = Place()
    place.home = home  # type: ignore[attr-defined]
    live = LiveVault(folder, place, jobs=jobs)  # type: ignore[arg-type]
    live.log_in()
    return live


def measured(live: Any, server: Connection) -> dict[str, Any]:
    """Make a backup; seconds of the wall clock, of our processors and of the server's, and what is left."""
    server.send("busy")
    busy, ours, began = server.recv(), processor(), time.perf_counter()
    outcome = live.back_up()
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
