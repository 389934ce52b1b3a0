"""Files that stand under their name whole or not at all: written aside, then renamed."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncssh

from tgvault_plugins.sftp.failures import NOT_THERE

__all__ = ["TEMPORARY", "place", "renames_atomically", "temporary", "written_aside"]

#: Names of files that are being written. The dot keeps them from ever being an object's name.
TEMPORARY = re.compile(r"(?:.*/)?\.tgvault-[0-9a-f]{16}\.tmp")

#: How servers say that they do not rename onto a name that is taken; version 3 of the protocol has no number for it.
_TAKEN = (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists)

#: How often to try that, since others may be replacing the same object.
_ATTEMPTS = 20


@asynccontextmanager
async def written_aside(sftp: asyncssh.SFTPClient, folder: str, data: bytes) -> AsyncIterator[str]:
    """Write data to a temporary file in the folder, on the server's disk where it can do that; an error removes it."""
    aside = temporary(folder)
    # Exclusive: never through a link that somebody laid there.
    file = await sftp.open(aside, "xb", asyncssh.SFTPAttrs(permissions=0o600))
    try:
        async with file:
            await file.write(data)
            with suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()
        yield aside
    except BaseException:
        with suppress(asyncssh.SFTPError):
            await sftp.remove(aside)
        raise


async def place(sftp: asyncssh.SFTPClient, aside: str, path: str, *, unless: int | None) -> None:
    """Give a written file its name, in place of what has it.

    That is one step with `posix-rename`, which OpenSSH has, and with plain renaming where that replaces (rclone). Where
    it does not, a file of `unless` bytes that others have put there meanwhile is left alone; anything else is moved
    away first, and readers of what may be replaced wait for that instant.
    """
    try:
        await sftp.posix_rename(aside, path)
    except asyncssh.SFTPOpUnsupported:
        await _place_in_steps(sftp, aside, path, unless)


async def _place_in_steps(sftp: asyncssh.SFTPClient, aside: str, path: str, unless: int | None) -> None:
    away: list[str] = []
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await sftp.rename(aside, path)
            break
        except _TAKEN:
            if attempt == _ATTEMPTS:
                raise
        with suppress(*NOT_THERE):
            if unless is not None and (await sftp.stat(path)).size == unless:
                away.append(aside)
                break
            away.append(temporary(path.rpartition("/")[0]))
            await sftp.rename(path, away[-1])
    for each in away:
        with suppress(*NOT_THERE):
            await sftp.remove(each)


async def renames_atomically(sftp: asyncssh.SFTPClient, folder: str) -> bool:
    """Say whether the server has `posix-rename`: asked for a file that is not there, it either says so or knows not."""
    nowhere = temporary(folder)
    try:
        await sftp.posix_rename(nowhere, nowhere)
    except asyncssh.SFTPOpUnsupported:
        return False
    except asyncssh.SFTPError:
        return True
    return True


def temporary(folder: str) -> str:
    """Give a name in the folder that no object has, and nobody else."""
    return f"{folder}/.tgvault-{secrets.token_hex(8)}.tmp"
