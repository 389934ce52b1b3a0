"""Receiving files part by part; what was received is in the store at once, and is never asked for again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
from telethon import errors
from telethon.tl.functions.upload import GetFileRequest
from telethon.tl.functions.users import GetUsersRequest
from telethon.tl.types import InputDocumentFileLocation, InputPhotoFileLocation, InputUserSelf
from telethon.tl.types.upload import FileCdnRedirect

from tgvault.api import NotSignedInError, SourceContext, SourceUnavailableError
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.cdn import CdnReader, is_outdated
from tgvault_plugins.takeout.client import UnknownPlaceError
from tgvault_plugins.takeout.config import LARGEST_FILE
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.files import RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FileRow, FileState

__all__ = ["PART", "Downloader"]

#: Bytes in a part: what Telegram serves at once, and a power of two so that no part crosses a megabyte.
PART = 512 << 10
#: Parts under way at most, for each data centre, and files at most in all: more gives no more speed, and waits.
PARTS_PER_DC = 4
FILES = 8
#: How often the message that speaks of a file is asked for again before the file is given up.
REFERENCES = 3

#: Telegram's answers after which a new reference helps.
_STALE = (errors.FileReferenceExpiredError, errors.FileReferenceInvalidError, errors.FileReferenceEmptyError)

Refresh = Callable[[RemoteFile], Awaitable[RemoteFile | None]]


class _Unavailable(Exception):  # noqa: N818  # an outcome
    """Why a file cannot be had, a clause."""


class _Broken(_Unavailable):
    """What was received of a file is not what it was said to be."""


class Downloader:
    """Fetches the files that the ledger wants. `refresh` asks for a file's origin again and gives it as it is then."""

    def __init__(self, caller: Caller, ledger: Ledger, context: SourceContext, *, refresh: Refresh) -> None:
        self._caller = caller
        self._ledger = ledger
        self._context = context
        self._refresh = refresh
        self._cdn = CdnReader(caller, self._ask)
        self._lanes: dict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PARTS_PER_DC))
        #: Data centres that could not be used in this run, each with a clause why; every further try takes minutes.
        self._away: dict[int, str] = {}

    async def fetch(self) -> AsyncIterator[RemoteFile]:
        """Fetch what is wanted, several files at a time, and give each as soon as all of it is in the store.

        Raises:
            SourceUnavailableError, TakeoutLost: nothing more can be had now.
        """
        tasks: set[asyncio.Task[RemoteFile | None]] = set()
        wanted = self._wanted()
        try:
            while True:
                while len(tasks) < FILES and (file := next(wanted, None)) is not None:
                    tasks.add(asyncio.create_task(self._whole(file)))
                if not tasks:
                    return
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                # What is whole is given before anything that failed ends it.
                for task in sorted(done, key=lambda each: each.exception() is not None):
                    file = task.result()
                    if file is not None:
                        yield file
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _wanted(self) -> Iterator[RemoteFile]:
        for row in self._ledger.files.every(FileState.WANTED):
            # Others may have brought a new reference since.
            now = self._ledger.files.get(row.remote.name)
            if now is not None:
                yield now.remote

    async def _whole(self, file: RemoteFile) -> RemoteFile | None:
        """Fetch a file; None if it cannot be had, which is noted with its reason."""
        try:
            file = await self._parts(file)
        except _Broken as reason:
            self._ledger.files.drop_parts(file.name)
            self._ledger.files.set_state(file.name, FileState.MISSING, str(reason))
            return None
        except _Unavailable as reason:
            # What was received of it stays, and the next run goes on from there.
            self._ledger.files.set_state(file.name, FileState.MISSING, str(reason))
            return None
        self._ledger.files.set_state(file.name, FileState.WHOLE)
        return file

    async def _parts(self, file: RemoteFile) -> RemoteFile:
        if not 0 <= file.size <= LARGEST_FILE:
            raise _Unavailable(f"it is said to have {file.size} bytes, which no file has")
        there = self._ledger.files.parts(file.name)
        starts = [start for start in range(0, max(file.size, 1), PART) if start not in there]
        self._context.progress.advance(sum(there.values()))
        current = _Current(file)
        # The first part alone: where a reference is stale, or the file has moved, one answer tells it.
        for batch in (starts[:1], starts[1:]):
            tasks = [asyncio.create_task(self._part(current, start)) for start in batch]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        return current.file

    async def _part(self, current: _Current, start: int) -> None:
        for _ in range(REFERENCES + 2):
            file = current.file
            try:
                async with self._lanes[file.dc]:
                    data = await self._answer(file, start)
            except errors.FileMigrateError as error:
                current.file = msgspec.structs.replace(file, dc=error.new_dc)
            except _STALE:
                await self._renew(current, file)
            except UnknownPlaceError as error:
                raise _Unavailable(str(error)) from error
            except errors.RPCError as error:
                raise _Unavailable(f"Telegram does not give it: {word_of(error)}") from error
            else:
                self._check(file, start, data)
                self._ledger.files.add_part(file.name, start, data)
                self._context.progress.advance(len(data))
                return
        raise _Unavailable("Telegram says again and again that its place or its reference is another one")

    async def _answer(self, file: RemoteFile, start: int, *, is_first: bool = True) -> bytes:
        request = GetFileRequest(location(file), offset=start, limit=PART, precise=False, cdn_supported=False)
        answer = await self._ask(request, file.dc)
        if not isinstance(answer, FileCdnRedirect):
            data: bytes = answer.bytes
            return data
        try:
            return await self._cdn.read(answer, file.dc, start, PART)
        except errors.RPCError as error:
            if not (is_first and is_outdated(error)):
                raise
            return await self._answer(file, start, is_first=False)

    async def _ask(self, request: Any, dc: int) -> Any:
        if reason := self._away.get(dc):
            raise _Unavailable(reason)
        try:
            return await self._caller(request, dc=dc)
        except UnknownPlaceError:
            raise
        except (SourceUnavailableError, NotSignedInError) as error:
            if dc == self._caller.home:
                raise
            # Where the account's own data centre is away too, or ends the session, it is the whole run that ends.
            await self._caller.plain(GetUsersRequest([InputUserSelf()]))
            unknown = isinstance(error, NotSignedInError)
            self._away[dc] = f"data centre {dc} {'does not take the login' if unknown else 'cannot be reached'}"
            raise _Unavailable(self._away[dc]) from error

    async def _renew(self, current: _Current, file: RemoteFile) -> None:
        """Get a new reference, once for all parts that find it stale."""
        async with current.lock:
            if current.file is not file:
                return
            if current.renewed >= REFERENCES:
                raise _Unavailable("Telegram refuses every reference to it")
            current.renewed += 1
            fresh = await self._spoken_of(file)
            current.file = msgspec.structs.replace(file, reference=fresh.reference, access_hash=fresh.access_hash)
            row = FileRow(current.file, FileState.WANTED)
            self._ledger.files.put(row)

    async def _spoken_of(self, file: RemoteFile) -> RemoteFile:
        try:
            fresh = await self._refresh(file)
        except errors.RPCError as error:
            raise _Unavailable(f"what speaks of it cannot be asked for: {word_of(error)}") from error
        if fresh is None:
            raise _Unavailable("what spoke of it is gone, or has another file now, or the reference that was refused")
        return fresh

    def _check(self, file: RemoteFile, start: int, data: bytes) -> None:
        expected = min(PART, file.size - start)
        if len(data) != expected:
            raise _Broken(f"{len(data)} bytes came of it at {start}, where there should be {expected}")


class _Current:
    """A file while its parts are under way: its data centre and its reference may change meanwhile."""

    def __init__(self, file: RemoteFile) -> None:
        self.file = file
        self.lock = asyncio.Lock()
        self.renewed = 0


def location(file: RemoteFile) -> Any:
    """Say where a file lies, as Telegram wants to be asked."""
    made = InputPhotoFileLocation if file.is_photo else InputDocumentFileLocation
    return made(file.id, file.access_hash, file.reference, file.letter)
