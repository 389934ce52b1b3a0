"""A small program that runs rclone, and ends it when whoever asked for it is gone, whatever became of them.

It is run as `python watcher.py FOLDER COMMAND…`, with a pipe as its standard input, and makes the folder. Once nobody
holds the other end of the pipe any more, it kills the command and removes the folder. What the command says goes to
standard output until it serves, and is dropped from then on.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType

__all__ = ["watch"]

#: What rclone says when it serves.
SERVING = b"Serving remote control on "


def watch(folder: str, command: Sequence[str]) -> None:
    """Run the command until standard input ends."""
    signal.signal(signal.SIGTERM, _end)
    os.mkdir(folder, 0o700)  # noqa: PTH102 - pathlib takes a while to import
    try:
        with subprocess.Popen(  # noqa: S603 - whoever starts us says which
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            try:
                threading.Thread(target=_relay, args=(process, folder), daemon=True).start()
                sys.stdin.buffer.read()
            finally:
                process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _relay(process: subprocess.Popen[bytes], folder: str) -> None:
    assert process.stderr is not None
    serving = False
    for line in process.stderr:
        if not serving:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        serving = serving or SERVING in line
    # The command has ended by itself. The main thread waits for standard input and would not hear of it.
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    watch(sys.argv[1], sys.argv[2:])
