"""Whether what came back is what went in."""

from __future__ import annotations

import filecmp
import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TextIO

__all__ = ["WrongResultError", "has_file", "same_export", "same_json"]

BLOCK = 1 << 23

_LIST = re.compile(r'"messages"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class WrongResultError(Exception):
    """A tool gave back something else than it was given."""


def same_export(expected: Path, found: Path) -> None:
    """Compare two exports: every file byte by byte, `result.json` by what it means.

    Raises:
        WrongResultError: they differ.
    """
    wanted, got = _files(expected), _files(found)
    if wanted != got:
        odd = sorted(wanted ^ got)
        raise WrongResultError(f"`{found}`: {len(odd)} files too many or too few, among them `{odd[0]}`")
    for name in sorted(wanted):
        if filecmp.cmp(expected / name, found / name, shallow=False):
            continue
        if name != "result.json":
            raise WrongResultError(f"`{found / name}` differs from `{expected / name}`")
        same_json(expected / name, found / name)


def has_file(folder: Path, expected: Path) -> None:
    """Check that a folder has, under whatever name, a file with these bytes.

    Raises:
        WrongResultError: it has none.
    """
    if not any(filecmp.cmp(path, expected, shallow=False) for path in folder.rglob("*") if path.is_file()):
        raise WrongResultError(f"`{folder}` has no copy of `{expected}`")


def same_json(expected: Path, found: Path) -> None:
    """Compare two exports' JSON message by message, in a few megabytes of memory.

    Raises:
        WrongResultError: they differ.
    """
    with expected.open(encoding="utf-8") as first, found.open(encoding="utf-8") as second:
        for number, (wanted, got) in enumerate(zip_longest(_parts(first), _parts(second))):
            if wanted != got:
                raise WrongResultError(f"`{found}` differs from `{expected}` at message {number} of the file")


def _files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}


def _parts(file: TextIO) -> Iterator[object]:
    """Every message of the file, and at last all the rest as one object."""
    text, rest = _Text(file), ""
    while (head := text.up_to_list()) is not None:
        rest += head
        while (message := text.message()) is not None:
            yield message
    yield json.loads(rest + text.left())


class _Text:
    """A JSON text of any size, of which a part is held."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._held, self._at = file, "", 0
        self._decoder = json.JSONDecoder()

    def up_to_list(self) -> str | None:
        """The text up to the next list of messages, or nothing where there is none."""
        while not (found := _LIST.search(self._held, self._at)):
            if not self._more():
                return None
        taken, self._at = self._held[self._at : found.end()], found.end()
        return taken

    def message(self) -> object | None:
        """The next message, or nothing at the end of the list."""
        while True:
            start = _BETWEEN.match(self._held, self._at)
            at = start.end() if start else self._at
            if self._held[at : at + 1] == "]":
                self._at = at
                return None
            try:
                message, self._at = self._decoder.raw_decode(self._held, at)
            except json.JSONDecodeError:  # it goes on in what is not yet read, or is wrong
                if not self._more():
                    raise
            else:
                return dict(message)

    def left(self) -> str:
        """All that was not given out yet."""
        return self._held[self._at :]

    def _more(self) -> bool:
        block = self._file.read(BLOCK)
        self._held, self._at = self._held[self._at :] + block, 0
        return bool(block)
