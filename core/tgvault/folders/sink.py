"""The sink that keeps a vault's objects as files below one folder, without its configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from time import sleep
from typing import NoReturn, TypeVar

from tgvault.contracts.sink import OBJECT_NAME, ObjectName, StoredObject
from tgvault.errors import MissingObjectError, SinkError, SinkUnavailableError
from tgvault.folders.failures import sink_errors
from tgvault.folders.files import (
    TEMPORARY,
    flush_file_system,
    flush_folder,
    forget_pages,
    make_folder,
    place,
    written_aside,
)

__all__ = ["FolderSink"]

#: Objects lie at most this many folders deep; see `OBJECT_NAME`.
_LEVELS = 2

_DAY = 24 * 60 * 60

#: How the names of objects begin that change; all others are named by their content.
_REPLACEABLE = ("vault.json", "keys/")

#: How often, and after how many seconds each, to look again for an object that is being replaced.
_LOOKS, _PAUSE = 100, 0.01

_T = TypeVar("_T", int, bytes)


class FolderSink:
    """Keeps each object as a file of its name, readable by its owner only; does what `Sink` promises.

    Safe for several processes and machines at once. A file stands under its name whole or not at all, and is on the
    disk when `put` returns. A sink is made from it by deriving from it, or by holding one; `root` is the folder.
    """

    def __init__(self, root: Path, *, sleep: Callable[[float], None] = sleep) -> None:
        self._root = root
        self._sleep = sleep
        self._device: int | None = None
        self._folders: set[Path] = set()

    def prepare(self) -> None:
        """Make the folder, and those above it where they are missing."""
        with sink_errors(str(self._root)):
            for folder in (*reversed(self._root.parents), self._root):
                if folder.exists() and not folder.is_dir():
                    raise SinkUnavailableError(f"`{folder}` is no folder", hint="choose another place")
                if folder == self._root or not folder.is_dir():
                    make_folder(folder)

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under a name that is free; an object of that size that is there already is left alone.

        One of another size was cut short when the vault was copied, or by a disk that lied about a flush: it is
        replaced.
        """
        with sink_errors(name):
            path = self._place_for(name)
            present = _size(path)
            if present != len(data):
                with written_aside(path.parent, data) as aside:
                    (place if present is None else os.replace)(aside, path)
            flush_folder(path.parent)

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under the name, in one step in place of what is there.

        With FUSE (exfat-fuse 1.3.0, ntfs-3g 2022.10) the name is away for an instant, for which `get` and `size` wait.
        Objects that are named by their content are replaced only when they are damaged, and not waited for.
        """
        with sink_errors(name):
            path = self._place_for(name)
            with written_aside(path.parent, data) as aside:
                aside.replace(path)
            flush_folder(path.parent)

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        with sink_errors(name):
            return self._met(name, _read)

    def expect(self, name: ObjectName) -> None:
        """Have the system begin to read an object into its page cache, in the background."""
        if hasattr(os, "posix_fadvise"):
            with suppress(OSError), self._path(name).open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        with sink_errors(name):
            return self._met(name, _size)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the files whose names are an object's and start with prefix."""
        with sink_errors(prefix or str(self._root)):
            self._check_root()
            for name, entry in _files(self._root, prefix=prefix):
                size = _size(entry) if OBJECT_NAME.fullmatch(name) else None
                if size is not None:
                    yield StoredObject(ObjectName(name), size)

    def delete(self, name: ObjectName) -> None:
        """Delete an object; flushed as well, so that a key that was removed does not come back after a power cut."""
        with sink_errors(name):
            path = self._path(name)
            if _size(path) is not None:
                path.unlink(missing_ok=True)
                flush_folder(path.parent)

    def tidy(self) -> None:
        """Remove temporary files of killed writers that are over a day old.

        Their age is told by the file system's own clock, which on a share is not this machine's.
        """
        with sink_errors(str(self._root)):
            self._check_root()
            left = [Path(entry.path) for _, entry in _files(self._root) if TEMPORARY.fullmatch(entry.name)]
            if not left:
                return
            with written_aside(self._root, b"") as clock:
                now = clock.stat().st_mtime
            for path in left:
                with suppress(FileNotFoundError):
                    if path.lstat().st_mtime < now - _DAY:
                        path.unlink()

    def flush(self) -> None:
        """Flush the whole file system that the folder is on."""
        with sink_errors(str(self._root)):
            self._check_root()
            flush_file_system(self._root)

    def close(self) -> None:
        """Nothing is held open."""

    def _met(self, name: ObjectName, look: Callable[[Path], _T | None]) -> _T:
        path = self._path(name)
        found = look(path)
        if found is None and name.startswith(_REPLACEABLE):
            found = self._when_replaced(path, look)
        return _missing(name) if found is None else found

    def _when_replaced(self, path: Path, look: Callable[[Path], _T | None]) -> _T | None:
        """Look again until nobody is replacing anything in that folder, for a second at most.

        FUSE takes the old file away before it renames the new one, which until then lies beside it, unfinished to look
        at. If none does, whoever was at it is done, and what is not there now is not there.
        """
        for _ in range(_LOOKS):
            replacing = _temporary_in(path.parent)
            found = look(path)
            if found is not None or not replacing:
                return found
            self._sleep(_PAUSE)
        return None

    def _path(self, name: ObjectName) -> Path:
        if not OBJECT_NAME.fullmatch(name):
            raise SinkError(f"`{name}` is not the name of an object")
        self._check_root()
        return self._root / name

    def _place_for(self, name: ObjectName) -> Path:
        path = self._path(name)
        above = [folder for folder in path.parents if self._root in folder.parents]
        for folder in reversed(above):
            if folder not in self._folders or not folder.is_dir():
                make_folder(folder)
                self._folders.add(folder)
        return path

    def _check_root(self) -> None:
        """Refuse to work in a folder that is not there, or is on another disk than at first.

        A disk that is unmounted under a running backup leaves an empty folder behind; a snapshot written there would
        lie on the wrong disk, without its packs.
        """
        try:
            status = self._root.stat()
        except (FileNotFoundError, NotADirectoryError):
            status = None
        if status is None or not S_ISDIR(status.st_mode):
            raise SinkUnavailableError(
                f"there is no folder `{self._root}`",
                hint="mount the disk it lies on, or correct `path` in `vault.toml`;"
                " what is lost, `tgvault sync NAME --init` fills anew (the vault's own place is `primary`)",
            )
        # Not the inode: some FUSE file systems give a folder a new one when they feel like it.
        self._device = self._device or status.st_dev
        if status.st_dev != self._device:
            raise SinkUnavailableError(
                f"`{self._root}` is on another disk than when the run began",
                hint="a disk was mounted or unmounted there; put it back and run again",
            )


def _files(root: Path, *, prefix: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Walk the folders that may hold a name with the prefix; yields names relative to root, slashes between."""
    yield from _entries(str(root), "", prefix, _LEVELS)


def _entries(folder: str, within: str, prefix: str, levels: int) -> Iterator[tuple[str, os.DirEntry[str]]]:
    # scandir and strings: 100,000 objects take 0.5 s so, and 1.3 s with pathlib (ext4, warm).
    try:
        listing = os.scandir(folder)
    except FileNotFoundError:  # removed since its entry was read; that the root is there has been checked
        return
    with listing:
        for entry in listing:
            name = within + entry.name
            below = name + "/"
            if levels and entry.is_dir():
                if below.startswith(prefix) or prefix.startswith(below):
                    yield from _entries(entry.path, below, prefix, levels - 1)
            elif name.startswith(prefix):
                yield name, entry


def _temporary_in(folder: Path) -> bool:
    try:
        return any(TEMPORARY.fullmatch(name) for name in os.listdir(folder))  # noqa: PTH208 - names are wanted, not paths
    except (FileNotFoundError, NotADirectoryError):
        return False


def _read(path: Path) -> bytes | None:
    """Read a file whole; None where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read()
            forget_pages(file.fileno(), len(data))
            return data
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _size(file: Path | os.DirEntry[str]) -> int | None:
    """Size of a plain file; None of anything else, and where there is nothing (any more)."""
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size if S_ISREG(status.st_mode) else None


def _missing(name: ObjectName) -> NoReturn:
    raise MissingObjectError(
        f"`{name}` is not in the vault",
        hint="`tgvault verify --repair` brings it back from a copy; `tgvault verify` lists everything that is missing",
    )
