"""A Telegram on the loopback interface, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from telethon.tl import types

from tgvault.testing.telegram.account.account import Account
from tgvault.testing.telegram.auth_keys import AuthKey
from tgvault.testing.telegram.calls import CallLog
from tgvault.testing.telegram.connection import Connection
from tgvault.testing.telegram.faults import Faults
from tgvault.testing.telegram.logins import Logins
from tgvault.testing.telegram.rsa_key import PUBLIC_KEY
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import CDN_DC, World

__all__ = ["HOST", "LoopbackServer"]

HOST = "127.0.0.1"
T = TypeVar("T")


class LoopbackServer:
    """Speaks MTProto for one account, on one port per data centre.

    Use it as a context manager, or call `start` and `stop`. Everything here may be called from any thread. Keys and
    logins live as long as the object: a client finds its session again after `stop` and `start`.

    `accept_after` makes a QR login succeed when its code was asked for so many times.
    """

    #: What a client has to trust: PKCS #1 PEM.
    public_key = PUBLIC_KEY

    def __init__(self, account: Account, *, accept_after: int | None = None) -> None:
        self.account = account
        self.world = World(account, Logins(accept_after), push=self._push)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listeners: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._busy = 0.0
        self._failure: OSError | None = None

    @property
    def faults(self) -> Faults:
        """What goes wrong; see `Faults.add`."""
        return self.world.faults

    @property
    def calls(self) -> CallLog:
        """What was asked."""
        return self.world.calls

    @property
    def places(self) -> dict[int, tuple[str, int]]:
        """Host and port by the number of the data centre; 203 is the CDN."""
        return dict(self.world.places)

    @property
    def home(self) -> tuple[int, str, int]:
        """Number, host and port of the account's data centre, as `session.set_dc` takes them."""
        return (self.account.dc, *self.world.places[self.account.dc])

    @property
    def busy_seconds(self) -> float:
        """Processor seconds that the server's thread has used, over all its starts."""
        if self._loop is None:
            return self._busy
        return self._busy + self._ask(time.thread_time)

    def start(self, *, first_port: int = 0) -> Self:
        """Listen; on free ports, or from a port upwards. After a `stop` the ports are those of before.

        Raises:
            OSError: a port is taken.
        """
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(first_port, ready), name="loopback Telegram", daemon=True
        )
        self._thread.start()
        ready.wait()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._thread.join()
            self._loop = self._thread = None
            raise failure
        return self

    def stop(self) -> None:
        """Cut all connections and stop to listen.

        Raises:
            ExceptionGroup: the server itself, or the model of the account, has a mistake that a call brought to light.
        """
        if self._loop is None or self._thread is None:
            return
        self._busy = self.busy_seconds
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None
        if failures := self.world.failures:
            self.world.failures = []
            raise ExceptionGroup("the loopback server failed", failures)

    def __enter__(self) -> Self:
        return self if self._loop is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def cut(self) -> None:
        """Cut all connections; new ones are taken."""
        self._ask(self._cut)

    def accept_login(self) -> None:
        """Accept the QR codes that are shown now, as a person does with their phone."""
        self._ask(self._accept)

    def end_sessions(self, error: str = "AUTH_KEY_UNREGISTERED") -> None:
        """End all sessions, as a person does from another device; clients are told the error from then on."""
        for key in self.world.keys.all():
            key.user_id, key.ended = None, error

    def forget_keys(self) -> None:
        """Lose all authorization keys; clients are told -404."""
        for key in self.world.keys.all():
            self.world.keys.forget(key)

    def redirect_to_cdn(self, which: Callable[[str, int, str], bool] | None) -> None:
        """Send clients to the CDN for the files that `which` says, by kind, id and letter; None for none."""
        self.world.on_cdn = which or (lambda kind, file_id, letter: False)

    def _cut(self) -> None:
        for connection in tuple(self._connections):
            connection.close()

    def _accept(self) -> None:
        for token in self.world.logins.tokens.values():
            token.accepted = True
            key = self.world.keys.find(token.key_id, dc=token.dc)
            if key is not None:
                self._push(key, types.UpdateLoginToken())

    def _push(self, key: AuthKey, update: Tl) -> None:
        for connection in tuple(self._connections):
            if connection.key is key:
                connection.push(types.UpdateShort(update, int(time.time())))

    def _ask(self, question: Callable[[], T]) -> T:
        """Call something in the server's thread."""

        async def answer() -> T:
            return question()

        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result()

    def _run(self, first_port: int, ready: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._listen(first_port))
        except OSError as failure:
            self._failure = failure
        ready.set()
        if self._failure is None:
            loop.run_forever()
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        for connection in tuple(self._connections):
            connection.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    async def _listen(self, first_port: int) -> None:
        for place, dc in enumerate((*self.account.dcs, CDN_DC)):
            port = self.world.places.get(dc, (HOST, first_port + place if first_port else 0))[1]
            listener = await asyncio.get_running_loop().create_server(self._factory(dc), HOST, port)
            self._listeners.append(listener)
            self.world.places[dc] = (HOST, listener.sockets[0].getsockname()[1])

    def _factory(self, dc: int) -> Callable[[], Connection]:
        return lambda: Connection(self.world, dc, open_ones=self._connections)
