"""Transcripts: a text file with command lines and what they print, played and compared.

A line that starts with `$ ` is a command line; what follows, up to the next one, is what both streams print. `tgvault`
runs in this process, anything else in a shell; both in a folder of their own. `[exit 21]` as the last line is the exit
code, 0 where there is none. Lines that start with `# ` are remarks. `<id>`, `<time>`, `<size>`, `<duration>` and the
other names in `PLACEHOLDERS` stand for what differs from run to run, and a line `...` for any number of lines.
"""

from __future__ import annotations

import io
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation

__all__ = ["PLACEHOLDERS", "Step", "matches", "play", "steps"]

PLACEHOLDERS: Mapping[str, str] = {
    "<duration>": r"[0-9.]+ (?:s|min [0-9]+ s)",
    "<fingerprint>": r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}",
    "<id>": r"[0-9a-f]{8}",
    "<number>": r"[0-9,.]+",
    "<path>": r"[^\s`]+",
    "<rest>": r".*",
    "<size>": r"[0-9.]+ [kMG]?B",
    "<time>": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d",
    "<vault>": r"[0-9a-f]{32}",
    "<version>": r"[0-9]+\.[0-9.]+",
}


@dataclass(frozen=True)
class Step:
    """A command line, the number of its line in the transcript, and what is expected of it."""

    line: int
    command: str
    expected: str


def steps(text: str) -> Iterator[Step]:
    """Read a transcript."""
    command, at, expected = "", 0, []
    for number, line in enumerate([*text.splitlines(), "$ "], start=1):
        if line.startswith("# "):
            continue
        if not line.startswith("$ "):
            expected.append(line)
            continue
        if command:
            yield Step(at, command, "\n".join(expected).rstrip())
        command, at, expected = line[2:], number, []


def play(command: str, *, folder: Path, environment: Mapping[str, str]) -> str:
    """Carry out a command line and give what it prints, with its exit code where that is not 0."""
    if command.split()[0] != "tgvault":
        ended = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env={**environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return _with_code(ended.stdout, ended.returncode)
    screen = io.StringIO()
    arguments = [_expanded(word, environment) for word in shlex.split(command)[1:]]
    with redirect_stdout(screen), redirect_stderr(screen):
        code = execute(arguments, Invocation(io.StringIO(), screen, screen, environment, folder, lambda: 0.0))
    return _with_code(screen.getvalue(), code)


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what was expected, placeholders and all."""
    parts = _parts(expected.splitlines())
    lines = printed.splitlines()
    first, *middle = parts
    if not middle:
        return len(lines) == len(first) and _stands(first, lines, 0)
    last = middle.pop()
    end = len(lines) - len(last)
    if end < len(first) or not _stands(first, lines, 0) or not _stands(last, lines, end):
        return False
    # Whatever stands between two `...` may as well stand where it is met first: no choice is ever taken back.
    at = len(first)
    for part in middle:
        found = next((start for start in range(at, end - len(part) + 1) if _stands(part, lines, start)), None)
        if found is None:
            return False
        at = found + len(part)
    return True


def _parts(expected: list[str]) -> list[list[re.Pattern[str]]]:
    """Give the runs of lines between lines that are `...`."""
    parts: list[list[re.Pattern[str]]] = [[]]
    for line in expected:
        if line == "...":
            parts.append([])
        else:
            parts[-1].append(re.compile(_line_pattern(line)))
    return parts


def _stands(part: list[re.Pattern[str]], lines: list[str], at: int) -> bool:
    return all(pattern.fullmatch(line) for pattern, line in zip(part, lines[at : at + len(part)], strict=True))


def _line_pattern(line: str) -> str:
    pattern = re.escape(line)
    for name, stands_for in PLACEHOLDERS.items():
        # Columns are as wide as their widest cell, so the gaps beside a placeholder differ from run to run.
        pattern = pattern.replace(re.escape(name), stands_for)
    return re.sub(r"(?:\\ ){2,}", " +", pattern)


def _expanded(word: str, environment: Mapping[str, str]) -> str:
    return re.sub(r"\$([A-Z_]+)", lambda found: environment[found[1]], word)


def _with_code(printed: str, code: int) -> str:
    said = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    return f"{said}\n[exit {code}]".strip("\n") if code else said
