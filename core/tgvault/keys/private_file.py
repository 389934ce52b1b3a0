"""Files with secrets in them: for the owner alone, never written over another file."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tgvault.errors import BadKeyError, NoIdentityError, UsageError

__all__ = ["PrivateText", "as_text", "check_free", "read_private", "write_private"]

#: No key file is larger; a wrong path may lead to a file of any size, or to one without an end.
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class PrivateText:
    """The content of a file, and what should be said about the way it is kept."""

    text: str = field(repr=False)
    notices: tuple[str, ...]


def read_private(path: Path) -> PrivateText:
    """Read a file with a secret in it.

    Raises:
        NoIdentityError: there is no such file, or it cannot be read.
        BadKeyError: it is not text, or too large for a key.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise NoIdentityError(f"cannot read the key file `{path}`: {error.strerror}", hint="check the path") from None
    return PrivateText(as_text(content, origin=f"key file `{path}`"), _notices(path, status))


def as_text(content: bytes, *, origin: str) -> str:
    """Decode a secret.

    Raises:
        BadKeyError: it is not text, or too large for a key.
    """
    if len(content) > _LARGEST:
        raise BadKeyError(f"the {origin} is too large for a key", hint="check the path")
    try:
        return content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        # The error would carry the content.
        raise BadKeyError(f"the {origin} is not text", hint="check the path") from None


def check_free(path: Path) -> None:
    """Make sure that a file can be made without touching another.

    Raises:
        UsageError: there is something of that name, or the folder is missing.
    """
    if os.path.lexists(path):
        raise _taken(path)
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}`", hint="make it first, or choose another place")


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read (0600; on Windows the folder's rights hold), durably.

    Raises:
        UsageError: there is something of that name, or the folder does not take it.
    """
    check_free(path)
    try:
        # O_EXCL also refuses a link that somebody laid there in the meantime.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise _refused(path, error) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _refused(path, error) from None
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    # A new name is lost by a power cut until then. Windows, and some network file systems, flush no folder.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _notices(path: Path, status: os.stat_result) -> tuple[str, ...]:
    # Pipes and devices keep nothing; Windows does not tell the rights of others this way.
    exposed = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if os.name == "nt" or not stat.S_ISREG(status.st_mode) or not exposed:
        return ()
    return (f"the key file `{path}` can be read by others; run `chmod 600 {path}`",)


def _taken(path: Path) -> UsageError:
    return UsageError(
        f"`{path}` exists already", hint="tgvault never writes over a file that may hold a key; choose another name"
    )


def _refused(path: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write `{path}`: {error.strerror}", hint="choose another place")
