"""An export that lies in a folder, read without ever following a link."""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tgvault.api import HostilePathError, MediaFile, OpenedMedia, SourceChangedError, UnreadableExportError
from tgvault_plugins.desktop_export.paths import NOT_PLAIN, encodes, parts, shown

__all__ = ["FileWindow", "FolderRoot", "stamp"]

_STAMP = struct.Struct("<QQQqq")
_WORD = (1 << 64) - 1
#: Open folders kept at hand; an export's files lie in a few folders, many in each.
_OPEN_FOLDERS = 16
#: Telegram Desktop nests four folders at most.
_DEEPEST = 16
_AT = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


def stamp(found: os.stat_result) -> bytes:
    """Pack what changes whenever a file's content may have: device, inode, size, and both times in nanoseconds."""
    device, inode = found.st_dev & _WORD, found.st_ino & _WORD
    return _STAMP.pack(device, inode, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class FileWindow:
    """A file read at any place with `pread`.

    Not a memory map: the system kills a process that touches a mapped page of a file that somebody has just made
    shorter, and reading is as fast (5 GB/s from the page cache).
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start up to stop."""
        stop = min(stop, self.size)
        if stop <= start:
            return b""
        data = self._at(start, stop - start)
        while len(data) < stop - start:
            more = self._at(start + len(data), stop - start - len(data))
            if not more:
                raise SourceChangedError(
                    f"`{shown(str(self._file.name))}` became shorter while it was read",
                    hint="wait until Telegram Desktop has finished the export, then run the command again",
                )
            data += more
        return data

    def _at(self, start: int, count: int) -> bytes:
        if sys.platform == "win32":
            self._file.seek(start)
            return self._file.read(count)
        return os.pread(self._file.fileno(), count, start)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class FolderRoot:
    """An export in a folder.

    On POSIX each part of a path is opened relative to the folder before it, with O_NOFOLLOW, so that not even a link
    put there in between is followed. Elsewhere each part is looked at before the file is opened.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        self.folder_name = location.absolute().name
        self.refused: dict[str, str] = {}
        self._folders: OrderedDict[tuple[str, ...], int] = OrderedDict()

    def open(self, name: str) -> OpenedMedia:
        """Open a plain file."""
        number = self._open(parts(name), name)
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            os.close(number)
            raise _not_plain(name)
        return OpenedMedia(os.fdopen(number, "rb"), found.st_size, stamp(found))

    def read(self, name: str, limit: int) -> bytes:
        """Read a file whole."""
        opened = self.open(name)
        with opened.file as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise UnreadableExportError(f"`{shown(name)}` is longer than {limit} bytes")
        return data

    def window(self, name: str) -> FileWindow:
        """Open a large file for random access."""
        opened = self.open(name)
        return FileWindow(opened.file, opened.size)

    def names(self, folder: str = "") -> list[str]:
        """Names of the plain files directly in a folder."""
        try:
            with self._entries(parts(folder) if folder else [], folder) as entries:
                return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        except FileNotFoundError:
            return []

    def walk(self, folders: Iterable[str]) -> Iterator[MediaFile]:
        """Yield the plain files below these folders."""
        for folder in folders:
            try:
                yield from self._walk([folder])
            except FileNotFoundError:
                continue
            except HostilePathError:
                self.refused[folder] = NOT_PLAIN

    def stat(self, name: str) -> MediaFile:
        """Size and stamp of a file."""
        found = self._stat(name)
        return MediaFile(name, found.st_size, stamp(found))

    def modified(self, name: str) -> float:
        """When the file was last changed."""
        return self._stat(name).st_mtime

    def close(self) -> None:
        """Let go of all folders."""
        while self._folders:
            os.close(self._folders.popitem()[1])

    def _stat(self, name: str) -> os.stat_result:
        with self.open(name).file as file:
            return os.fstat(file.fileno())

    def _walk(self, path: list[str]) -> Iterator[MediaFile]:
        below = []
        with self._entries(path, "/".join(path)) as entries:
            for entry in entries:
                name = "/".join([*path, entry.name])
                if entry.is_dir(follow_symlinks=False) and len(path) < _DEEPEST:
                    below.append([*path, entry.name])
                elif not encodes(name):
                    self.refused[name] = "its name is no Unicode text, not read"
                elif not entry.is_file(follow_symlinks=False):
                    self.refused[name] = NOT_PLAIN
                else:
                    found = entry.stat(follow_symlinks=False)
                    yield MediaFile(name, found.st_size, stamp(found))
        for each in below:
            yield from self._walk(each)

    @contextmanager
    def _entries(self, path: list[str], name: str) -> Iterator[list[os.DirEntry[str]]]:
        # Entries ask through the folder's number when their size is wanted, so a number of our own stays open.
        where: Path | int = os.dup(self._folder(tuple(path), name)) if _AT else self._looked_at(path, name)
        try:
            with os.scandir(where) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
            yield found
        finally:
            if isinstance(where, int):
                os.close(where)

    def _open(self, path: list[str], name: str) -> int:
        if not _AT:
            return os.open(self._looked_at(path, name), _FILE)
        return _opened(path[-1], _FILE, self._folder(tuple(path[:-1]), name), name)

    def _folder(self, path: tuple[str, ...], name: str) -> int:
        if (number := self._folders.get(path)) is not None:
            self._folders.move_to_end(path)
            return number
        if path:
            number = _opened(path[-1], _FOLDER, self._folder(path[:-1], name), name)
        else:
            # The user's own path to the export may lead through links; only what is below it is confined.
            number = os.open(self.location, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC)
        self._folders[path] = number
        if len(self._folders) > _OPEN_FOLDERS:
            os.close(self._folders.popitem(last=False)[1])
        return number

    def _looked_at(self, path: list[str], name: str) -> Path:
        here = self.location
        for part in path:
            here /= part
            found = here.lstat()
            if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
                raise _not_plain(name)
        return here


def _opened(part: str, flags: int, folder: int, name: str) -> int:
    try:
        return os.open(part, flags | _CLOEXEC, dir_fd=folder)
    except OSError as exc:
        raise _explained(exc, part, folder, name) from exc


def _explained(exc: OSError, part: str, folder: int, name: str) -> Exception:
    if exc.errno in {errno.ELOOP, errno.EMLINK, errno.ENXIO}:
        return _not_plain(name)
    if exc.errno == errno.ENAMETOOLONG:
        return FileNotFoundError(errno.ENOENT, "no such file in the export", name)
    if exc.errno != errno.ENOTDIR:
        return exc
    if stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode):
        return _not_plain(name)
    return FileNotFoundError(errno.ENOENT, "no such file in the export", name)


def _not_plain(name: str) -> HostilePathError:
    return HostilePathError(
        f"`{shown(name)}` is a link or no plain file",
        hint="put the file itself in its place; links out of an export are never followed",
    )
