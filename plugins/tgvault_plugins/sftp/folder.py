"""A vault's objects as files below one folder of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar, cast

import asyncssh

from tgvault.api import (
    OBJECT_NAME,
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkGoneError,
    SinkUnavailableError,
    StoredObject,
)
from tgvault_plugins.sftp.failures import NOT_THERE, no_room, sftp_errors
from tgvault_plugins.sftp.placing import TEMPORARY, place, renames_atomically, written_aside
from tgvault_plugins.sftp.room import Room
from tgvault_plugins.sftp.walking import Found, is_file, is_folder, walk

__all__ = ["Folder"]

_DAY = 24 * 60 * 60

#: Bytes that are left free besides an object, for a new folder or two.
_SPARE = 1 << 20

#: Bytes above which something is no object, whatever its name: those have 32 MiB at most.
_LARGEST = 64 << 20

#: How the names of objects begin that change; all others are named by their content.
_REPLACEABLE = ("vault.json", "keys/")

#: How often, and after how many seconds each, to look again for an object that is being replaced.
_LOOKS, _PAUSE = 50, 0.02

_T = TypeVar("_T", int, bytes)


class Folder:
    """Does the work of the sink over one connection; what has to outlast that comes from outside, as `room`."""

    def __init__(self, sftp: asyncssh.SFTPClient, root: str, room: Room) -> None:
        self._sftp = sftp
        self._root = root
        self._room = room

    async def prepare(self) -> None:
        """Make the folder, and those above it where they are missing."""
        with sftp_errors(self._root):
            parts = self._root.split("/")
            for end in range(1, len(parts) + 1):
                folder = "/".join(parts[:end])
                if folder and not await self._is_folder(folder):
                    await self._make(folder)

    async def put(self, name: ObjectName, data: bytes) -> None:
        """Store data under a name that is free; an object of that size that is there already is left alone.

        One of another size was cut short when the vault was copied, or by a disk that failed: it is replaced.
        """
        with sftp_errors(name):
            present, free = await asyncio.gather(self._size(self._path(name)), self._room.free(self._sftp))
            if present != len(data):
                await self._store(name, data, free, unless=len(data))

    async def replace(self, name: ObjectName, data: bytes) -> None:
        """Store data under the name, in place of what is there."""
        with sftp_errors(name):
            await self._store(name, data, await self._room.free(self._sftp), unless=None)

    async def get(self, name: ObjectName) -> bytes:
        """Read an object."""
        with sftp_errors(name):
            return await self._met(name, self._read)

    async def size(self, name: ObjectName) -> int:
        """Tell an object's size in bytes."""
        with sftp_errors(name):
            return await self._met(name, self._size)

    async def listed(self, prefix: str) -> list[StoredObject]:
        """List the files whose names are an object's and start with prefix."""
        with sftp_errors(prefix or self._root):
            await self._check_root()
            found = await self._walk(prefix)
        return [StoredObject(ObjectName(each.name), each.size) for each in found if OBJECT_NAME.fullmatch(each.name)]

    async def delete(self, name: ObjectName) -> None:
        """Delete an object."""
        with sftp_errors(name):
            path = self._path(name)
            try:
                await self._sftp.remove(path)
            except NOT_THERE:
                await self._check_root()
            except asyncssh.SFTPFailure:
                if await self._size(path) is not None:  # a folder is no object, and stays
                    raise

    async def tidy(self) -> None:
        """Remove temporary files of killed writers that are over a day old by the server's own clock."""
        with sftp_errors(self._root):
            await self._check_root()
            left = [each for each in await self._walk("") if TEMPORARY.fullmatch(each.name)]
            if not left:
                return
            now = await self._clock()
            for each in left:
                if each.changed < now - _DAY:
                    with suppress(*NOT_THERE):
                        await self._sftp.remove(f"{self._root}/{each.name}")

    async def _walk(self, prefix: str) -> list[Found]:
        return await walk(self._sftp, self._root, prefix)

    async def _clock(self) -> float:
        async with written_aside(self._sftp, self._root, b"") as clock:
            now = (await self._sftp.stat(clock)).mtime
            await self._sftp.remove(clock)
        return now or 0

    async def _store(self, name: ObjectName, data: bytes, free: int | None, *, unless: int | None) -> None:
        self._check_room(name, len(data), free)
        path = self._path(name)
        folder = path.rpartition("/")[0]
        try:
            try:
                await self._write(path, data, unless)
            except NOT_THERE:
                await self._make_above(folder)
                await self._write(path, data, unless)
        except asyncssh.SFTPFailure:
            # Version 3 of the protocol has one number for a full disk and everything else, and OpenSSH says no more.
            with suppress(asyncssh.SFTPError):
                self._check_room(name, len(data), await self._room.free(self._sftp))
            raise

    async def _write(self, path: str, data: bytes, unless: int | None) -> None:
        async with written_aside(self._sftp, path.rpartition("/")[0], data) as aside:
            await place(self._sftp, aside, path, unless=unless)

    def _check_room(self, name: ObjectName, size: int, free: int | None) -> None:
        """Refuse what does not fit, before half of it is written."""
        if free is not None and free < size + _SPARE:
            raise no_room(name, f"it takes {size / 1e6:.1f} MB, and {max(0, free - _SPARE) / 1e6:.1f} MB are free")

    async def _make_above(self, folder: str) -> None:
        """Make the folders below the root that an object needs; never the root itself."""
        await self._check_root()
        parts = folder.removeprefix(self._root).strip("/").split("/")
        for end in range(1, len(parts) + 1):
            await self._make("/".join([self._root, *parts[:end]]))

    async def _make(self, folder: str) -> None:
        """Make a folder that may be there already, for its owner only."""
        try:
            await self._sftp.mkdir(folder, asyncssh.SFTPAttrs(permissions=0o700))
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            if not await self._is_folder(folder):
                raise

    async def _met(self, name: ObjectName, look: Callable[[str], Awaitable[_T | None]]) -> _T:
        path = self._path(name)
        found = await look(path)
        if found is None and name.startswith(_REPLACEABLE):
            found = await self._when_replaced(path, look)
        if found is None:
            await self._check_root()
            raise MissingObjectError(
                f"`{name}` is not in the vault",
                hint="look for it in another copy of the vault; `tgvault verify` lists everything that is missing",
            )
        return found

    async def _when_replaced(self, path: str, look: Callable[[str], Awaitable[_T | None]]) -> _T | None:
        """Look again until nobody is replacing the object, where the server does that in two steps."""
        if await renames_atomically(self._sftp, path.rpartition("/")[0]):
            return None
        for _ in range(_LOOKS):
            # Twice: a name that is given while a folder is listed may be left out of the listing.
            coming = await self._comes(path) or await self._comes(path)
            found = await look(path)
            if found is not None or not coming:
                return found
            await asyncio.sleep(_PAUSE)
        return None

    async def _comes(self, path: str) -> bool:
        """Say whether a file lies under the name, or under a temporary one: there is one at each instant of placing."""
        folder, _, name = path.rpartition("/")
        try:
            return any(each == name or TEMPORARY.fullmatch(each) for each in await self._sftp.listdir(folder))
        except NOT_THERE:
            return False

    async def _read(self, path: str) -> bytes | None:
        """Read a file whole; None where there is none, or one that cannot be an object."""
        try:
            file = await self._sftp.open(path, "rb")
        except NOT_THERE:
            return None
        except asyncssh.SFTPFailure:
            if await self._size(path) is None:  # OpenSSH opens folders, others do not
                return None
            raise
        async with file:
            attributes = await file.stat()
            size = attributes.size or 0
            if not is_file(attributes) or size > _LARGEST:
                return None
            data = cast("bytes", await file.read(size))
        if len(data) != size:
            raise SinkUnavailableError(
                f"the server sent {len(data)} of the {size} bytes of `{path}`", hint="check the server's disk"
            )
        return data

    async def _size(self, path: str) -> int | None:
        """Size of a plain file; None of anything else, and where there is nothing."""
        try:
            attributes = await self._sftp.stat(path)
        except NOT_THERE:
            return None
        return attributes.size or 0 if is_file(attributes) else None

    async def _is_folder(self, path: str) -> bool:
        try:
            return is_folder(await self._sftp.stat(path))
        except NOT_THERE:
            return False

    async def _check_root(self) -> None:
        """Refuse to work in a folder that is not there: a disk of the server's is not mounted."""
        if not await self._is_folder(self._root):
            raise SinkGoneError(
                f"there is no folder `{self._root}` on the server",
                hint="mount the disk it lies on, or correct `path` in `vault.toml`;"
                " what is lost, `tgvault sync NAME --init` fills anew (the vault's own place is `primary`)",
            )

    def _path(self, name: ObjectName) -> str:
        if not OBJECT_NAME.fullmatch(name):
            raise SinkError(f"`{name}` is not the name of an object")
        return f"{self._root}/{name}"
