"""Running one command line in this process."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.engine.snapshot_info import SnapshotInfo, SnapshotRun, SnapshotSource

NOON = datetime(2024, 3, 1, 11, tzinfo=UTC)


@dataclass(frozen=True)
class Tried:
    """What a command line came to."""

    code: int
    out: str
    err: str


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Time that passes when the test says so, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def attempt(
    *arguments: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    stream: Callable[[], io.StringIO] = io.StringIO,
) -> Tried:
    """Run `tgvault` with these arguments, in that folder, with nothing but that environment."""
    out, err = stream(), stream()
    invocation = Invocation(io.StringIO(stdin), out, err, environment or {}, folder, Clock())
    with redirect_stdout(out), redirect_stderr(err):
        code = execute(arguments, invocation)
    return Tried(code, out.getvalue(), err.getvalue())


def in_words(draw: Callable[[Any, Output], None], said: Any) -> tuple[str, str]:
    """Show a value as a verb does where nobody asked for JSON: what goes to either stream."""
    out, err = io.StringIO(), io.StringIO()
    draw(said, Output(out, err))
    return out.getvalue(), err.getvalue()


def a_snapshot(archive: str = "main", *, losses: int = 0) -> SnapshotInfo:
    """Describe a snapshot of noon in Vienna."""
    numbers = dict.fromkeys(("seen", "new", "edited", "updated", "gone", "back", "files", "files_new"), 1_000)
    run = SnapshotRun(
        unchanged=False, files_missing=0, bytes_read=1, bytes_stored=5_000, duration=1.0, losses=losses, **numbers
    )
    return SnapshotInfo(
        id="0123abcd",
        name="n",
        host="h",
        tool="t",
        tags=[],
        policy="keep",
        archive=archive,
        account=None,
        sequence=1,
        time=NOON,
        chats=1,
        messages=2_000,
        source=SnapshotSource(type="t", form="f", location="l", observed_at=NOON),
        run=run,
    )
