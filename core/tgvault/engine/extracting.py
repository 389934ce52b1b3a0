"""Writing contents into files, pack by pack; nothing is written before it was checked against its name."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tgvault.engine.context import WorkContext
from tgvault.engine.prefetching import read_ahead
from tgvault.errors import VaultError
from tgvault.state.places import Place
from tgvault.vault.diagnosis import as_damage
from tgvault.vault.packs import pack_name
from tgvault.vault.reader import Parts

__all__ = ["PARTS", "ExtractDone", "ExtractTask", "Write", "extract", "place_part", "refused_name"]

#: The folder, below the one to restore into, of files that are not complete yet. A file stands under its own name
#: whole or not at all, also when the run is killed.
PARTS = ".tgvault-part"

#: What a file system says to a name that it does not take; everything else (no room, no permission) ends the run.
_NAME_REFUSED = frozenset(
    [
        errno.EEXIST,
        errno.EILSEQ,
        errno.EINVAL,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOTDIR,
    ]
)


@dataclass(frozen=True, slots=True)
class Write:
    """A blob to be written at an offset of a file; `whole` tells that it is all of the file.

    `path` is where the file goes, `part` the name that it has among the incomplete ones until then.
    """

    place: Place
    path: str
    part: str
    at: int
    whole: bool


@dataclass(frozen=True, slots=True)
class ExtractTask:
    """Blobs to be written below a folder, those of one pack side by side."""

    root: str
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class ExtractDone:
    """The writes that were made, and why others were not: (path, reason)."""

    writes: list[Write]
    failures: list[tuple[str, str]]


def extract(context: WorkContext, task: ExtractTask) -> ExtractDone:
    """Open each pack once and write everything that is wanted of it.

    Raises:
        OSError: the file system refuses, and not because of a name.
    """
    done = ExtractDone([], [])
    packs = [(digest, list(writes)) for digest, writes in groupby(task.writes, key=lambda each: each.place.digest)]
    names = [pack_name(digest.hex()) for digest, _ in packs]
    for (digest, writes), get in zip(packs, read_ahead(context.vault.sink, names), strict=True):
        # What is wrong with it is told when something of it is asked for.
        with suppress(VaultError), as_damage(pack_name(digest.hex())):
            context.vault.reader.take_pack(digest, get(), size=writes[0].place.pack_size)
        _extract(context, task.root, writes, done)
        context.vault.reader.release(digest)
    return done


def _extract(context: WorkContext, root: str, writes: list[Write], done: ExtractDone) -> None:
    for write in writes:
        try:
            _write(root, context.vault.reader.fetch(write.place), write)
        except VaultError as error:
            done.failures.append((write.path, str(error)))
        except OSError as error:
            done.failures.append((write.path, refused_name(error)))
        else:
            done.writes.append(write)


def refused_name(error: OSError) -> str:
    """Say why a file cannot have its name.

    Raises:
        OSError: that is not what is wrong.
    """
    if error.errno not in _NAME_REFUSED:
        raise error
    return f"the folder to restore into takes no such name: {error.strerror}"


def place_part(root: str, part: str, path: str) -> None:
    """Give a complete file its own name.

    Raises:
        FileExistsError: something has the name already; it stays as it is.
    """
    source, target = Path(root, PARTS, part), Path(root, path)
    try:
        _move(source, target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _move(source, target)


def _move(source: Path, target: Path) -> None:
    try:
        # Unlike a rename, a second name cannot take the place of another file by mistake.
        os.link(source, target)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise
    except OSError:
        # Not every file system knows second names.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        source.rename(target)
    else:
        source.unlink()


def _write(root: str, parts: Parts, write: Write) -> None:
    with os.fdopen(os.open(Path(root, PARTS, write.part), _FLAGS, 0o600), "wb", buffering=0) as file:
        file.seek(write.at)
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[file.write(view) :]
    if write.whole:
        place_part(root, write.part, write.path)


_FLAGS = (
    os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)
