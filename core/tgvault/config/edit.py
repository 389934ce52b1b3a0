"""Changing a `vault.toml` that somebody wrote: a table is added or taken out, and everything else stays as it was."""

from __future__ import annotations

import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import tomli

from tgvault.config.config import parse_config
from tgvault.config.lines import header_lines
from tgvault.config.table import spelled
from tgvault.config.write import Settings, table_text, written_aside
from tgvault.errors import ConfigError

__all__ = ["rewrite_config", "with_copy", "without_copy"]

_COPIES = "copies"
_BY_HAND = "change it by hand, as docs/guides/copies.md shows"
_MARK = "\ufeff"


def with_copy(text: str, name: str, settings: Settings, *, folder: Path) -> str:
    """Add the table of a copy at the end; paths inside the folder are written relative to it.

    Raises:
        ConfigError: the text has its copies in a way that no table can be added to.
    """
    ends = "\r\n" if "\r\n" in text else "\n"
    table = table_text((_COPIES, name), settings, folder).replace("\n", ends)
    gap = "" if not text or text.endswith("\n") else ends
    added = f"{text}{gap}{ends if text.strip() else ''}{table}"
    try:
        tomli.loads(added)
    except tomli.TOMLDecodeError as exc:
        raise ConfigError(f"no table `[{spelled((_COPIES, name))}]` can be added to it", hint=_BY_HAND) from exc
    return added


def without_copy(text: str, name: str) -> str:
    """Take out the table of a copy, and the comments in it; those above and below it stay.

    Raises:
        ConfigError: the copy is not written as a table of its own.
    """
    wanted = tomli.loads(text)
    del wanted[_COPIES][name]
    lines = text.split("\n")
    headers = [*header_lines(text), ((), len(lines) + 1)]
    for (path, start), (_, end) in reversed(list(pairwise(headers))):
        if path[:2] == (_COPIES, name):
            _take_out(lines, start - 1, end - 1)
    left = "\n".join(lines)
    if _meaning(tomli.loads(left)) != _meaning(wanted):
        table = spelled((_COPIES, name))
        raise ConfigError(f"`{table}` is not written as a table `[{table}]` of its own", hint=_BY_HAND)
    return left


def _take_out(lines: list[str], start: int, end: int) -> None:
    """Take out the lines of a table up to the next header, but for what is about that one."""
    last = end
    while last > start + 1 and _is_idle(lines[last - 1]):
        last -= 1
    tail = lines[last:end]
    gap = next((at for at, line in enumerate(tail) if not line.strip()), None)
    if gap is not None:
        last += gap
    elif end == len(lines):
        last = end
    while start > 0 and last < len(lines) and not lines[start - 1].strip() and not lines[last].strip():
        start -= 1
    del lines[start:last]


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _meaning(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key != _COPIES or value}


def rewrite_config(file: Path, change: Callable[[str], str]) -> None:
    """Put a changed text in place of that of a `vault.toml`, all of it or nothing; who may read it stays as it was.

    Raises:
        ConfigError: it cannot be read or written, somebody else changed it meanwhile, or the changed text is none.
    """
    # Somebody may keep the file elsewhere and have a link to it here.
    target = file.resolve()
    try:
        before = target.read_bytes()
        text = before.decode()
        mark = _MARK if text.startswith(_MARK) else ""
        changed = change(text.removeprefix(mark))
        parse_config(changed, file=file)
        with written_aside(target, (mark + changed).encode()) as aside:
            aside.chmod(stat.S_IMODE(target.stat().st_mode))
            if target.read_bytes() != before:
                raise ConfigError(f"`{file}` was changed meanwhile", hint="run the command again")
            aside.replace(target)
    except OSError as exc:
        raise ConfigError(
            f"`{file}` cannot be written: {exc.strerror or exc}", hint="see who may write there: `ls -ld`"
        ) from exc
