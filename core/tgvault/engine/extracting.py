"""Writing contents into files, pack by pack; nothing is written before it was checked against its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tgvault.engine.context import WorkContext
from tgvault.errors import VaultError
from tgvault.state.places import Place

__all__ = ["PART", "ExtractDone", "ExtractTask", "Write", "extract"]

#: End of the name of a file that is not complete yet.
PART = ".tgvault-part"


@dataclass(frozen=True, slots=True)
class Write:
    """A blob to be written at an offset of a file; `whole` tells that it is all of the file."""

    place: Place
    path: str
    at: int
    whole: bool


@dataclass(frozen=True, slots=True)
class ExtractTask:
    """Blobs of one pack to be written below a folder."""

    root: str
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class ExtractDone:
    """The writes that were made, and why others were not: (path, reason)."""

    writes: list[Write]
    failures: list[tuple[str, str]]


def extract(context: WorkContext, task: ExtractTask) -> ExtractDone:
    """Open a pack once and write everything that is wanted of it.

    Raises:
        OSError: the file system refuses.
    """
    done = ExtractDone([], [])
    for write in task.writes:
        try:
            content = context.vault.reader.extract(write.place)
        except VaultError as error:
            done.failures.append((write.path, str(error)))
            continue
        _write(Path(task.root, write.path), content, write)
        done.writes.append(write)
    return done


def _write(path: Path, content: bytes, write: Write) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if write.whole:
        _store(os.open(path, _NEW_FILE, 0o600), content, 0)
    else:
        _store(os.open(path.with_name(path.name + PART), _PART_FILE, 0o600), content, write.at)


_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_PART_FILE = os.O_WRONLY | os.O_CREAT | _BINARY


def _store(descriptor: int, content: bytes, at: int) -> None:
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.seek(at)
        view = memoryview(content)
        while view:
            view = view[file.write(view) :]
