"""Which file of a restore gets which name: no two contents share one, and none leaves the folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import cast

from tgvault.errors import HostilePathError
from tgvault.state.database import Database

__all__ = ["LONGEST_NAME", "Names", "check_path"]

#: Bytes of a name in a folder, on nearly every file system.
LONGEST_NAME = 255

_DRIVE = re.compile(r"[A-Za-z]:")

#: Stands in the place of a content where the restore itself puts a file.
_OURS = b"ours"
_FOLDER = None

#: Folders whose names are kept at hand; the files of a chat lie in a few, one after another.
_FOLDERS_KEPT = 1000


def check_path(path: str) -> None:
    """Make sure that a path of the archive stays below the folder to restore into, on every system.

    Raises:
        HostilePathError: it does not.
    """
    parts = path.split("/")
    bad = not path or path.startswith("/") or _DRIVE.match(path) or "\\" in path or "\0" in path
    if bad or any(part in {"", ".", ".."} or _size(part) > LONGEST_NAME for part in parts):
        raise HostilePathError(f"`{path}` is no path below a folder", hint="the file is left out")


class Names:
    """Gives contents their names; what has which name is kept in a database, so that memory does not grow.

    With `folds` the file system takes `A.jpg` and `a.jpg` for one name. `reserved` are names that the restore needs
    for itself.
    """

    def __init__(self, database: Database, *, folds: bool, reserved: tuple[str, ...] = ()) -> None:
        self._database = database
        self._folds = folds
        self._folders: dict[str, str] = {}
        database.run("CREATE TABLE name (key TEXT PRIMARY KEY, path TEXT NOT NULL, content BLOB) WITHOUT ROWID")
        for path in reserved:
            self._note(path, _OURS)

    def take(self, path: str, content: bytes, *, rename: bool) -> tuple[str, bool] | None:
        """Give a content its name, and tell whether it is new there; None where the name has another content.

        `content` is its encoded reference. With `rename` it gets a number then: `a (2).jpg`.
        """
        above, slash, last = path.rpartition("/")
        folder = self._folder(above, rename=rename) if slash else ""
        if folder is None:
            return None
        for name in _numbered(last) if rename else (last,):
            candidate = folder + name
            there = self._find(candidate)
            if there is None:
                self._note(candidate, content)
                return candidate, True
            if there[1] == content:
                return there[0], False
        return None

    def _folder(self, path: str, *, rename: bool) -> str | None:
        """Give the folder that stands for the one at a path, with a slash at its end."""
        if path not in self._folders:
            above, slash, last = path.rpartition("/")
            folder = self._folder(above, rename=rename) if slash else ""
            found = self._free_folder(folder, last, rename=rename) if folder is not None else None
            if found is None:
                return None
            if len(self._folders) == _FOLDERS_KEPT:
                self._folders.clear()
            self._folders[path] = found + "/"
        return self._folders[path]

    def _free_folder(self, above: str, last: str, *, rename: bool) -> str | None:
        for name in _numbered(last) if rename else (last,):
            there = self._find(above + name)
            if there is None:
                self._note(above + name, _FOLDER)
                return above + name
            if there[1] is _FOLDER:
                return there[0]
        return None

    def _find(self, path: str) -> tuple[str, bytes | None] | None:
        rows = self._database.run("SELECT path, content FROM name WHERE key = ?", self._key(path))
        return cast("tuple[str, bytes | None]", rows[0]) if rows else None

    def _note(self, path: str, content: bytes | None) -> None:
        self._database.run("INSERT INTO name VALUES (?, ?, ?)", self._key(path), path, content)

    def _key(self, path: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()) if self._folds else path


def _numbered(name: str) -> Iterator[str]:
    """Give the name, then the name with numbers in front of its ending: `a.jpg`, `a (2).jpg`, …"""
    yield name
    stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    if _size(ending) > LONGEST_NAME // 2:
        stem, dot, ending = name, "", ""
    for number in range(2, 10_000):
        end = f" ({number}){dot}{ending}"
        yield _cut(stem, LONGEST_NAME - _size(end)) + end


def _cut(text: str, size: int) -> str:
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
