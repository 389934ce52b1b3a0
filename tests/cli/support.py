"""Running one command line in this process."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation


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
