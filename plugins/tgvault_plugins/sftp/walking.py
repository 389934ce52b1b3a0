"""Finding the files below a folder of a server, in few round trips."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from math import inf
from typing import cast

import asyncssh
from asyncssh.constants import FILEXFER_TYPE_DIRECTORY, FILEXFER_TYPE_REGULAR

from tgvault.api import SinkUnavailableError
from tgvault_plugins.sftp.failures import NOT_THERE

__all__ = ["Found", "is_file", "is_folder", "walk"]

#: Objects lie at most this many folders deep; see `OBJECT_NAME`.
_LEVELS = 2

#: Folders that are read at once. 256 folders of packs take 27 times the way to the server and back so, and 45 times
#: with half as many (OpenSSH behind a delay of 50 ms). Each takes a handle of the server's, which has about a thousand.
_AT_ONCE = 64

#: Entries after which a listing is taken for one that never ends; a vault of 16 TB has a million packs.
_MOST = 10_000_000

#: Names of folders and files that are ours, or may be. Whatever else a server says is not looked at.
_FOLDER = re.compile(r"[a-zA-Z0-9_-]{1,200}")
_FILE = re.compile(r"[a-zA-Z0-9._-]{1,128}")

_Entry = tuple[str, asyncssh.SFTPAttrs]


@dataclass(frozen=True, slots=True)
class Found:
    """A plain file: its name from the root on, its size in bytes, and when it was changed by the server's clock."""

    name: str
    size: int
    changed: float


async def walk(sftp: asyncssh.SFTPClient, root: str, prefix: str) -> list[Found]:
    """Give the plain files below the root whose names start with prefix, as deep as objects lie.

    Files and folders that go away meanwhile are left out; a root that is not there looks empty.
    """
    within, slash, _ = prefix.rpartition("/")
    if not all(_FOLDER.fullmatch(part) for part in within.split("/") if slash):
        return []
    return await _Walk(sftp, root, prefix).below(within + slash, _LEVELS - prefix.count("/"))


class _Walk:
    def __init__(self, sftp: asyncssh.SFTPClient, root: str, prefix: str) -> None:
        self._sftp = sftp
        self._root = root
        self._prefix = prefix
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._left = _MOST

    async def below(self, within: str, levels: int) -> list[Found]:
        """Walk the folder `within`, which is empty or ends with a slash, and `levels` folders deep."""
        if levels < 0:
            return []
        async with self._gate:
            entries = await self._entries(within)
        found, folders = [], []
        for name, attributes in entries:
            if is_folder(attributes):
                folders.append(name + "/")
            elif is_file(attributes):
                # What a server does not tell the time of is never old.
                changed = inf if attributes.mtime is None else attributes.mtime
                found.append(Found(name, attributes.size or 0, changed))
        deeper = [each for each in folders if levels and _FOLDER.fullmatch(each[len(within) : -1])]
        for more in await asyncio.gather(*(self.below(each, levels - 1) for each in deeper)):
            found += more
        return found

    async def _entries(self, within: str) -> list[_Entry]:
        folder = f"{self._root}/{within}".encode()
        found = []
        try:
            listing = cast("AsyncGenerator[asyncssh.SFTPName, None]", self._sftp.scandir(folder))
            async with aclosing(listing):
                async for entry in listing:
                    self._count()
                    if (name := self._wanted(within, cast("bytes", entry.filename))) is not None:
                        found.append((name, entry.attrs))
        except NOT_THERE:
            return []
        return list(await asyncio.gather(*(self._resolved(name, attributes) for name, attributes in found)))

    def _wanted(self, within: str, entry: bytes) -> str | None:
        last = entry.decode("ascii", "replace")
        if last in (".", "..") or not _FILE.fullmatch(last):
            return None
        name = within + last
        return name if name.startswith(self._prefix) or self._prefix.startswith(name + "/") else None

    async def _resolved(self, name: str, attributes: asyncssh.SFTPAttrs) -> _Entry:
        """Follow a link; ask for what a listing did not tell."""
        told = attributes.size is not None and attributes.mtime is not None
        if is_folder(attributes) or (is_file(attributes) and told):
            return name, attributes
        try:
            return name, await self._sftp.stat(f"{self._root}/{name}")
        except NOT_THERE:  # a link to nowhere, or gone meanwhile
            return name, asyncssh.SFTPAttrs()

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SinkUnavailableError(
                f"the server's listing of `{self._root}` does not end", hint="check what lies in that folder"
            )


def is_file(attributes: asyncssh.SFTPAttrs) -> bool:
    """Say whether something is a plain file."""
    return attributes.type == FILEXFER_TYPE_REGULAR


def is_folder(attributes: asyncssh.SFTPAttrs) -> bool:
    """Say whether something is a folder."""
    return attributes.type == FILEXFER_TYPE_DIRECTORY
