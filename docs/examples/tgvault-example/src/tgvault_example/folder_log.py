"""The sink `folder-log`: one flat folder, and a log of what came and went."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from tgvault.api import (
    OBJECT_NAME,
    MissingObjectError,
    ObjectName,
    SinkFullError,
    SinkPermissionError,
    SinkUnavailableError,
    StoredObject,
)

__all__ = ["FolderLog", "FolderLogConfig"]

#: Neither this name nor that of an unfinished file can be an object's: those have no blanks and begin with no dot.
LOG = "vault log.txt"
UNFINISHED = ".unfinished-"

_DAY = 24 * 60 * 60


class FolderLogConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `[sink]` table of type `folder-log`."""

    path: Annotated[Path, msgspec.Meta(description="The folder that the objects go to.")]


class FolderLog:
    """Keeps each object as a file; the slashes in its name become plus signs.

    What counts is the files. The log is for people: a line is added when a change is on the disk, so after a power cut
    the last lines may be missing.
    """

    config: ClassVar[type[msgspec.Struct]] = FolderLogConfig

    def __init__(self, config: FolderLogConfig) -> None:
        # Nothing more: making a sink must not touch the store.
        self._folder = config.path

    def prepare(self) -> None:
        """Make the folder."""
        with _sink_errors(str(self._folder)):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _flush_folder(self._folder.parent)

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store the object, unless it is there."""
        with _sink_errors(name):
            path = self._path(name)
            # One that is shorter was cut off when somebody copied the folder.
            if not path.is_file() or path.stat().st_size != len(data):
                self._write(name, data)

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store the object in place of what is there."""
        with _sink_errors(name):
            self._write(name, data)

    def get(self, name: ObjectName) -> bytes:
        """Read the object."""
        with _sink_errors(name):
            return self._path(name).read_bytes()

    def size(self, name: ObjectName) -> int:
        """Tell the object's size."""
        with _sink_errors(name):
            return self._path(name).stat().st_size

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the files that are objects."""
        with _sink_errors(str(self._folder)):
            files = [path.name for path in self._root().iterdir()]
        for file in files:
            name = ObjectName(file.replace("+", "/"))
            if name.startswith(prefix) and OBJECT_NAME.fullmatch(name):
                try:
                    yield StoredObject(name, self.size(name))
                except MissingObjectError:
                    continue  # deleted in the meantime

    def delete(self, name: ObjectName) -> None:
        """Delete the object."""
        with _sink_errors(name):
            path = self._path(name)
            if path.is_file():
                path.unlink(missing_ok=True)
                _flush_folder(self._folder)
                self._log("delete", name)

    def tidy(self) -> None:
        """Remove what killed writers left behind over a day ago."""
        with _sink_errors(str(self._folder)):
            # The folder may be on another machine. Writing to the log tells what time it is there.
            self._log("tidy")
            now = (self._folder / LOG).stat().st_mtime
            for path in self._folder.glob(f"{UNFINISHED}*"):
                if path.stat().st_mtime < now - _DAY:
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is held open."""

    def _root(self) -> Path:
        # A disk that is not mounted must not look like an empty vault.
        if not self._folder.is_dir():
            raise SinkUnavailableError(f"there is no folder `{self._folder}`", hint="mount the disk that it is on")
        return self._folder

    def _path(self, name: ObjectName) -> Path:
        return self._root() / name.replace("/", "+")

    def _write(self, name: ObjectName, data: bytes) -> None:
        """Write a file aside, flush it, and only then give it its name: a reader never sees half an object."""
        aside = self._folder / f"{UNFINISHED}{secrets.token_hex(8)}"
        try:
            with aside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._path(name))
        finally:
            aside.unlink(missing_ok=True)
        _flush_folder(self._folder)
        self._log("put", name, len(data))

    def _log(self, *words: object) -> None:
        line = " ".join(map(str, (datetime.now(UTC).isoformat(timespec="seconds"), *words)))
        # Opened for appending and written at once: lines of several processes do not mix.
        with (self._folder / LOG).open("ab", buffering=0) as log:
            log.write(f"{line}\n".encode())


def _flush_folder(folder: Path) -> None:
    """Make sure that names survive a power cut, too. Windows has no such thing."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _sink_errors(subject: str) -> Iterator[None]:
    """Turn what the operating system says into the errors that the engine knows what to do about."""
    try:
        yield
    except FileNotFoundError as exc:
        raise MissingObjectError(f"`{subject}` is not in the vault", hint="look for it in another copy") from exc
    except OSError as exc:
        text = f"`{subject}`: {exc.strerror or exc}"
        if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise SinkFullError(text, hint="make room on the disk") from exc
        if exc.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise SinkPermissionError(text, hint="look at who owns the folder") from exc
        raise SinkUnavailableError(text, hint="look whether the disk is mounted and well") from exc
