"""A vault's objects in a folder of a disk that is plugged in now and then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec

from tgvault.api import (
    FolderSink,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkFullError,
    SinkPermissionError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault_plugins.external_disk.config import ExternalDiskConfig
from tgvault_plugins.external_disk.system import mounted_volumes
from tgvault_plugins.external_disk.volumes import FindVolumes, Volume, choose

__all__ = ["ExternalDiskSink"]

#: Bytes that are left free besides an object: a new folder or two, and the clusters of exFAT, which may be large.
_SPARE = 1 << 20

#: What a disk that was pulled out looks like to whoever is in the middle of something.
_MAY_BE_GONE = (MissingObjectError, SinkPermissionError, SinkUnavailableError)


@dataclass(frozen=True, slots=True)
class _Found:
    """The disk as it is mounted at the moment, and the vault's folder on it."""

    volume: Volume
    folder: FolderSink


class ExternalDiskSink:
    """Keeps each object as a file, on the disk of that name or id, wherever it is mounted.

    A disk that is not there is no fault, and has an exit code of its own. Once it is back, also in another place, all
    goes on; another disk of the same name in its place is refused.
    """

    config: ClassVar[type[msgspec.Struct]] = ExternalDiskConfig

    def __init__(self, config: ExternalDiskConfig, *, mounted: FindVolumes = mounted_volumes) -> None:
        """Take the settings, and what lists the volumes that are mounted at the moment."""
        self._config = config
        self._mounted = mounted
        self._found: _Found | None = None
        self._first: Volume | None = None

    def prepare(self) -> None:
        """Make the folder on the disk."""
        with self._disk() as found:
            found.folder.prepare()

    def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under a name that is free, if there is room for it."""
        with self._disk() as found:
            self._check_room(found, name, len(data))
            found.folder.put(name, data)

    def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under the name, in place of what is there; both are on the disk for an instant."""
        with self._disk() as found:
            self._check_room(found, name, len(data))
            found.folder.replace(name, data)

    def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        with self._disk() as found:
            return found.folder.get(name)

    def expect(self, name: ObjectName) -> None:
        """Have the system begin to read an object, in the background."""
        with self._disk() as found:
            found.folder.expect(name)

    def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        with self._disk() as found:
            return found.folder.size(name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose names start with prefix."""
        with self._disk() as found:
            yield from found.folder.list(prefix)

    def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        with self._disk() as found:
            found.folder.delete(name)

    def tidy(self) -> None:
        """Remove what killed writers left, and flush the whole disk: the run is over, and it may be pulled out."""
        with self._disk() as found:
            found.folder.tidy()
            found.folder.flush()

    def close(self) -> None:
        """Flush the whole disk if it is still there; each object was flushed when it was stored."""
        if self._found is not None:
            with suppress(SinkError):
                self._found.folder.flush()
            self._found = None

    @contextmanager
    def _disk(self) -> Iterator[_Found]:
        """Give the disk; an error of the block is that the disk is waiting, if it has gone away meanwhile."""
        found = self._found = self._found or self._look()
        try:
            yield found
        except _MAY_BE_GONE:
            self._found = None
            self._look()
            raise

    def _look(self) -> _Found:
        volume = choose(self._config, self._mounted())
        self._first = self._first or volume
        if self._first.ids != volume.ids:
            raise SinkUnavailableError(
                f"another disk is called `{self._config.name}` than when the run began: `{volume.folder}`",
                hint="plug in the first one and run again",
            )
        return _Found(volume, FolderSink(volume.folder / self._config.path))

    def _check_room(self, found: _Found, name: ObjectName, size: int) -> None:
        """Refuse what does not fit, before half of it is written; an object that is there already needs no room."""
        free = _free(found.volume.folder)
        if free is None or free >= size + _SPARE:
            return
        with suppress(MissingObjectError):
            if found.folder.size(name) == size:
                return
        raise SinkFullError(
            f"no room on disk `{self._config.name}` for `{name}`: it takes {size / 1e6:.1f} MB,"
            f" and {max(0, free - _SPARE) / 1e6:.1f} MB are free",
            hint="free some space on the disk, or use a larger one; then run again",
        )


def _free(folder: Path) -> int | None:
    """Bytes that are free; None where the disk does not answer, which the writing tells better."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
