"""Files that survive a power cut: written aside, flushed, then put in their place in one step."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "LARGE",
    "TEMPORARY",
    "flush_file_system",
    "flush_folder",
    "forget_pages",
    "make_folder",
    "place",
    "written_aside",
]

#: Names of files that are being written. The dot keeps them from ever being an object's name.
TEMPORARY = re.compile(r"\.tgvault-[0-9a-f]{16}\.tmp")

#: Bytes of a file that is larger than most that are asked for again and again.
LARGE = 8 << 20

#: How file systems without hard links answer (exFAT and FAT: EPERM, FUSE: ENOSYS, Android: EACCES).
_NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES, errno.EMLINK})


@contextmanager
def written_aside(folder: Path, data: bytes) -> Iterator[Path]:
    """Write data to a temporary file in folder, flushed to the disk; what is left of it afterwards is removed.

    It lies in the folder of its final place, since a file is moved in one step only within a file system.
    """
    aside = folder / f".tgvault-{secrets.token_hex(8)}.tmp"
    # O_EXCL: never through a link that somebody laid there.
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            forget_pages(file.fileno(), len(data))
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def forget_pages(descriptor: int, size: int) -> None:
    """Let the system use the memory for something else in which it keeps what was read or written of a large file.

    A pack is not asked for again soon, and a vault would push everything else out of the page cache. It is faster too:
    the next pack gets the same pages, where new ones cost a virtual machine most of the time of writing them (80 packs
    of 16 MiB: 1.0 s, and 4.6 s without it). And a verification right after a backup reads what the disk has.
    """
    if size >= LARGE and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def place(aside: Path, final: Path) -> None:
    """Give a written file its name, unless the name is taken.

    `link` does that in one step. Where there are no hard links (exFAT, FAT, some FUSE and network file systems) nothing
    does: `renameat2` without replacing is refused there too, and O_EXCL on the final name would show readers, and leave
    behind when killed, half a file. So the name is looked up and the file renamed onto it. A second writer that comes
    between the two is overwritten, with the same bytes: an object's name is the hash of its content.
    """
    try:
        os.link(aside, final)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not os.path.lexists(final):
            aside.rename(final)


def make_folder(folder: Path) -> None:
    """Make a folder that may be there already, for its owner only, and flush its entry to the disk.

    The entry is flushed even where the folder was there: whoever made it may not have come to that yet.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
    flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk: a new name is lost by a power cut until then. Windows flushes no folder."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_file_system(folder: Path) -> None:
    """Flush everything that the file system of the folder has not written yet, and on macOS the disk's own cache, too.

    Windows lets only administrators do that; a flushed file has left the disk's cache there already.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if sys.platform == "darwin":
            _flush_drive(descriptor)
        else:
            _sync_file_system(descriptor)
    finally:
        os.close(descriptor)


def _flush_drive(descriptor: int) -> None:
    import fcntl

    try:
        # A plain fsync leaves the data in the drive's cache on macOS. 51 is F_FULLFSYNC, which only macOS names.
        fcntl.fcntl(descriptor, getattr(fcntl, "F_FULLFSYNC", 51))
    except OSError:
        os.fsync(descriptor)  # some file systems do not know the other


def _sync_file_system(descriptor: int) -> None:
    import ctypes

    # Python has `sync` for all file systems, and none for a single one.
    if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
