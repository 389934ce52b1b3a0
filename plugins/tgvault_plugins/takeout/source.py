"""The source: an account of Telegram, read live."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, ClassVar, TypeVar, cast

import msgspec

from tgvault.api import (
    Conversation,
    Estimate,
    Finding,
    HostilePathError,
    LoginWay,
    MediaFile,
    Message,
    OpenedMedia,
    Record,
    SegmentStarts,
    SourceContext,
    SourceError,
    SourceInfo,
    Span,
    StoreContext,
    TgVaultError,
    Who,
)
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.files import RemoteFile, stamp_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.schema import SCHEMA, VERSION
from tgvault_plugins.takeout.ledger.values import FileState
from tgvault_plugins.takeout.looping import Loop
from tgvault_plugins.takeout.reading import PartReader
from tgvault_plugins.takeout.records import expand, records
from tgvault_plugins.takeout.talking import StoppableTalk

if TYPE_CHECKING:
    from tgvault_plugins.takeout.connection import Connection

__all__ = ["TakeoutSource"]

_T = TypeVar("_T")


class TakeoutSource:
    """Reads an account over Telegram's protocol, by its data export ("takeout") or as an app does.

    Everything that is fetched goes into the source's own database first, with how far the fetching has come; the engine
    is told from there. `pause`, `clock` and `chance` are how it waits, measures time and draws numbers.
    """

    config: ClassVar[type[msgspec.Struct]] = TakeoutConfig

    def __init__(
        self,
        config: TakeoutConfig,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._pause = pause
        self._clock = clock
        self._chance = chance
        self._context: SourceContext | None = None
        self._stored: Ledger | None = None
        self._loop: Loop | None = None
        self._connection: Connection | None = None
        self._ended: TgVaultError | None = None

    # What every source does

    def attach(self, context: SourceContext) -> None:
        """Take what the engine puts at disposal."""
        self._context = context

    def attach_worker(self, context: StoreContext) -> None:
        """Take the database, which workers read."""
        self._stored = Ledger(context.store(SCHEMA, version=VERSION))

    def info(self) -> SourceInfo:
        """Connect, and tell whose account it is.

        Raises:
            NotSignedInError, SourceUnavailableError: the account cannot be reached, and nothing was fetched before.
        """
        try:
            account = self._run(self._connected())
        except SourceError as error:
            known = self._ledger.number("account")
            if known is None or self._is_behind() or not self._ledger.has_pending():
                raise
            # What an earlier run fetched is kept, whatever became of the session.
            self._ended = error
            account = known
        form = "telegram account, data export" if self._config.takeout else "telegram account"
        return SourceInfo(form, f"account {account}", account, self._here.now())

    def media(self) -> Iterator[MediaFile]:
        """Fetch everything; give each file as soon as it is whole."""
        self._begin()
        self._attempt(self._fetch_messages)
        given: deque[RemoteFile] = deque()
        for row in self._ledger.files.every(FileState.WHOLE):
            yield self._given(row.remote, given)
        files = self._files()
        while (file := self._attempt(lambda: anext(files, None))) is not None:
            yield self._given(file, given)
        for row in self._ledger.files.every(FileState.KNOWN):
            yield _listed(row.remote)

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        """Yield what was fetched and is in no snapshot yet."""
        # Only now: the engine asks for records before it has taken the files, which is when a run may end early.
        yield from records(self._ledger, ended=self._ended)

    def raw(self, span: Span) -> bytes | None:
        """Give nothing: a span is told once."""
        return None

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        """Read a span from the database."""
        return expand(self._ledger, span)

    def open_media(self, name: str) -> OpenedMedia:
        """Open a file that was fetched."""
        if not name or "/" in name or "\\" in name or name in {".", ".."}:
            raise HostilePathError(f"`{name[:100]}` is no name of a fetched file")
        row = self._ledger.files.get(name)
        if row is None or row.state is not FileState.WHOLE:
            raise FileNotFoundError(name)
        file = cast("BinaryIO", PartReader(self._ledger, name, row.remote.size) if row.remote.size else BytesIO())
        return OpenedMedia(file, row.remote.size, stamp_of(row.remote))

    def committed(self, snapshot: str) -> TgVaultError | None:
        """Forget what is safe now, and tell what the run had to end for."""
        # First: a kill in between has what was told be told once more, and nothing taken for safe that is not.
        self._ledger.set_fact("losses", self._here.losses)
        self._ledger.settle(snapshot)
        return self._ended

    def close(self) -> None:
        """Disconnect."""
        if self._loop is None:
            return
        loop, self._loop = self._loop, None
        loop.close(self._connection.close() if self._connection is not None else None)

    # Fetching

    @property
    def _here(self) -> SourceContext:
        assert self._context is not None
        return self._context

    @property
    def _ledger(self) -> Ledger:
        if self._stored is None:
            self._stored = Ledger(self._here.store(SCHEMA, version=VERSION))
        return self._stored

    def _run(self, work: Awaitable[_T]) -> _T:
        """Carry on with the network until something is done; nothing of it goes on in between."""
        return self._running().run(work)

    def _running(self) -> Loop:
        if self._loop is None:
            self._loop = Loop()
        return self._loop

    def _attempt(self, work: Callable[[], Awaitable[_T]]) -> _T | None:
        """Do a part of the fetching; once something has ended it, nothing more is tried."""
        if self._ended is not None:
            return None
        try:
            return self._run(self._told(work))
        except SourceError as error:
            if not self._ledger.has_pending():
                raise
            self._ended = error
            return None

    async def _told(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do something with the connection, and have what it raises said in our words."""
        from tgvault_plugins.takeout.failures import translated

        with translated(self._here.now, source=self._here.name):
            return await work()

    async def _connected(self) -> int:
        from tgvault_plugins.takeout.connection import Connection

        if self._connection is None:
            self._connection = await Connection.open(
                self._config, self._here, pause=self._pause, clock=self._clock, chance=self._chance
            )
        return self._connection.account

    def _begin(self) -> None:
        """Make the database ready for this run: it may speak of another account, or of what the archive lost."""
        ledger = self._ledger
        account = self._connection.account if self._connection is not None else None
        if self._is_behind() or account not in (None, ledger.number("account")):
            ledger.start_over()
        if account is not None:
            ledger.set_fact("account", account)
        with ledger.transaction():
            ledger.files.begin_giving(lambda file: self._here.knows(stamp_of(file)))

    def _is_behind(self) -> bool:
        """Tell whether the archive lacks a snapshot that holds what was told before, or may have lost some of it."""
        told = self._ledger.fact("snapshot")
        if told is None:
            return False
        return not self._here.has_snapshot(told.decode()) or self._ledger.number("losses") != self._here.losses

    async def _fetch_messages(self) -> None:
        assert self._connection is not None
        await self._connection.round(self._ledger).messages()

    def _files(self) -> AsyncIterator[RemoteFile]:
        if self._connection is None:
            return _nothing()
        return self._connection.round(self._ledger).files()

    def _given(self, file: RemoteFile, given: deque[RemoteFile]) -> MediaFile:
        """Give a file to the engine, and make room of those that it has packed since."""
        while given and self._here.knows(stamp_of(given[0])):
            packed = given.popleft()
            with self._ledger.transaction():
                self._ledger.files.drop_parts(packed.name)
                self._ledger.files.set_state(packed.name, FileState.PACKED)
        if stamp_of(file):
            given.append(file)
        self._here.progress.advance(items=1)
        return _listed(file)

    # Logging in

    def ways(self) -> Sequence[LoginWay]:
        """Name the ways to log in."""
        from tgvault_plugins.takeout.login import free_ways

        return free_ways(self._here.secrets, source=self._here.name)

    def reads(self, way: str) -> Sequence[str]:
        """Say what will be read."""
        from tgvault_plugins.takeout.login import reads

        return reads(self._config, source=self._here.name, way=way)

    def login(self, talk: Conversation, *, way: str) -> Who:
        """Log in, and keep the session among the secrets."""
        from tgvault_plugins.takeout.login import login

        here, stoppable = self._here, StoppableTalk(talk, self._running().asking)
        return self._run(login(self._config, here.secrets, stoppable, way=way, source=here.name, now=here.now))

    def logout(self) -> bool:
        """End the session."""
        from tgvault_plugins.takeout.login import logout

        here = self._here
        return self._run(logout(self._config, here.secrets, source=here.name, now=here.now))

    def whoami(self) -> Who:
        """Ask Telegram whose session it is."""
        from tgvault_plugins.takeout.login import whoami

        here = self._here
        return self._run(whoami(self._config, here.secrets, source=here.name, now=here.now))

    def estimate(self) -> Estimate:
        """Tell what a run would fetch."""
        from tgvault_plugins.takeout.estimating import Estimator

        there = self._connection
        if there is None:
            # What an earlier run fetched is there to be kept, but nobody can be asked.
            assert self._ended is not None
            raise self._ended
        estimator = Estimator(there.caller, self._ledger, self._config, self_id=there.account, is_bot=there.is_bot)
        return self._run(self._told(lambda: estimator.estimate(free=self._here.free_space())))


def _listed(file: RemoteFile) -> MediaFile:
    return MediaFile(file.name, file.size, stamp_of(file))


async def _nothing() -> AsyncIterator[RemoteFile]:
    return
    yield
