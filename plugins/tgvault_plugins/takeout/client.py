"""Telethon's client with what it lacks for reading a whole account, and without what it does on its own account.

Some of what is replaced is private to Telethon, so its minor version is pinned, and tests hold each of them.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import platform
import struct
from collections import defaultdict
from collections.abc import Awaitable
from typing import Any

from telethon import TelegramClient, utils
from telethon.crypto.rsa import add_key
from telethon.errors import AuthKeyNotFound, AuthKeyUnregisteredError, TypeNotFoundError
from telethon.network import MTProtoSender
from telethon.tl import TLRequest, functions, types
from telethon.tl.alltlobjects import LAYER

import tgvault
from tgvault.api import SourceUnavailableError
from tgvault_plugins.takeout.answers import UnreadableAnswerError, reader_for
from tgvault_plugins.takeout.session import AccountSession

__all__ = ["AccountClient", "UnknownPlaceError"]

#: Seconds after which a request without an answer counts as lost. Telethon waits for ever, and only its main
#: connection finds out by itself that the other side is gone.
PATIENCE = 60.0


class UnknownPlaceError(SourceUnavailableError):
    """There is no data centre of that number, as far as Telegram tells."""


class _NoWaits(dict[int, float]):
    """Remembers no waits.

    Telethon remembers them by the outermost constructor, which is the same for every request of a takeout: one long
    wait would hold up all of them.
    """

    def __setitem__(self, constructor: int, due: float) -> None:
        """Forget it at once."""


class AccountClient(TelegramClient):  # type: ignore[misc]  # Telethon is not typed
    """A connection to an account.

    Besides what Telethon's does, it keeps the authorizations of other data centres in the session and uses them again,
    mends connections to them, and gives up on answers that do not come. It does not follow the account's updates,
    which would fetch every new message a second time. `me` is the account's user once connected, None if nobody is
    logged in.
    """

    def __init__(self, session: AccountSession, *, updates: bool = False, patience: float = PATIENCE) -> None:
        super().__init__(
            session,
            session.api_id,
            session.api_hash,
            use_ipv6=":" in (session.server_address or ""),
            timeout=10,
            connection_retries=5,
            retry_delay=1,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            receive_updates=updates,
            device_model="tgvault",
            system_version=platform.system() or "unknown",
            app_version=tgvault.__version__,
            base_logger=_silent("tgvault.telethon"),
        )
        # Some of its modules use a logger of their own.
        _silent("telethon")
        self.me: types.User | None = None
        self._follows_updates = updates
        self._no_updates = False
        self._patience = patience
        self._flood_waited_requests = _NoWaits()
        self._options: list[types.DcOption] | None = None
        self._logins: defaultdict[int, int] = defaultdict(int)
        self._login_lock = asyncio.Lock()
        self._cdn_senders: dict[int, MTProtoSender] = {}
        self._cdn_lock = asyncio.Lock()

    async def open(self) -> None:
        """Connect, or connect again. Telethon tries six times, and waits for ever for a server that says nothing."""
        if self._updates_handle is not None:
            await self._disconnect()
        try:
            await asyncio.wait_for(self.connect(), 2 * self._patience)
        except (TypeNotFoundError, RuntimeError, struct.error):
            # The one answer that Telethon reads by itself, and does nothing with.
            raise UnreadableAnswerError(functions.help.GetConfigRequest()) from None

    async def call(self, request: Any) -> Any:
        """Send a request to the account's own data centre, and give the answer."""
        return await self._answered(self._sender, self._call(self._sender, request))

    async def call_at(self, dc: int, request: Any) -> Any:
        """Send a request to any data centre, logging in there where that has to be; give the answer.

        It is sent once: who asks decides whether to ask again, and when. Telethon would, after pauses of its own.
        """
        if dc == self.session.dc_id:
            return await self._answered(self._sender, self._once(self._sender, request))
        self._mend(dc)
        sender = await self._borrow_exported_sender(dc)
        seen = self._logins[dc]
        try:
            return await self._answered(sender, self._once(sender, request))
        except (AuthKeyUnregisteredError, AuthKeyNotFound) as error:
            await self._log_in_again(dc, sender, seen=seen, lost=isinstance(error, AuthKeyNotFound))
            return await self._answered(sender, self._once(sender, request))
        finally:
            await self._return_exported_sender(sender)

    async def call_cdn(self, dc: int, request: Any) -> Any:
        """Send a request to one of the data centres that serve files to anybody; give the answer."""
        async with self._cdn_lock:
            sender = self._cdn_senders.get(dc)
            if sender is None or not sender.is_connected():
                sender = await self._connected_sender(await self._get_dc(dc, cdn=True), None)
                self._cdn_senders[dc] = sender
                # There is nothing else that could be asked there.
                return await self._introduced(sender, request)
        return await self._answered(sender, self._once(sender, request))

    async def _once(self, sender: MTProtoSender, request: Any) -> Any:
        await request.resolve(self, utils)
        answer, gone = sender.send(self._quiet(request)), sender._disconnected
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            # What is asked while a lost connection is given up gets no answer, and Telethon does not say so.
            raise ConnectionError("the connection was lost")
        finally:
            if not answer.done():
                answer.cancel()
                _forget_given_up(sender)

    async def _call(self, sender: MTProtoSender, request: Any, *given: Any, **more: Any) -> Any:
        if isinstance(request, TLRequest):
            await request.resolve(self, utils)
            request = self._quiet(request)
        return await super()._call(sender, request, *given, **more)

    def _quiet(self, request: Any) -> Any:
        """Have a request ask for no updates, and its answer be read as `reader_for` does it."""
        outer = request if self._follows_updates else functions.InvokeWithoutUpdatesRequest(request)
        outer.read_result = reader_for(request)
        return outer

    async def _answered(self, sender: MTProtoSender, answer: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(answer, self._patience)
        except TimeoutError:
            # What still waits for an answer is sent again on the new connection.
            sender._start_reconnect(None)
            raise

    async def _on_login(self, user: types.User) -> types.User:
        # Telethon's would ask for the state of updates here, and again and again for what changed since.
        self._mb_entity_cache.set_self_user(user.id, user.bot, user.access_hash)
        self._authorized = True
        self.me = user
        return user

    async def _disconnect_coro(self) -> None:
        for sender in self._cdn_senders.values():
            await sender.disconnect()
        self._cdn_senders.clear()
        await super()._disconnect_coro()

    async def _get_dc(self, dc_id: int, cdn: bool = False) -> types.DcOption:
        # Telethon's keeps the list for all clients of the process, whatever servers they are for.
        if self._options is None:
            self._options = (await self.call(functions.help.GetConfigRequest())).dc_options
        fit = [each for each in self._options if each.id == dc_id and bool(each.cdn) == cdn and not each.tcpo_only]
        if not fit:
            raise UnknownPlaceError(f"Telegram names no address of data centre {dc_id}", hint="try again later")
        if cdn:
            await self._trust_cdn()
        return next((each for each in fit if bool(each.ipv6) == self._use_ipv6), fit[0])

    async def _trust_cdn(self) -> None:
        for each in (await self.call(functions.help.GetCdnConfigRequest())).public_keys:
            add_key(each.public_key, old=False)

    async def _create_exported_sender(self, dc_id: int) -> MTProtoSender:
        known = self.session.key_at(dc_id)
        sender = await self._connected_sender(await self._get_dc(dc_id), known)
        try:
            if known is None:
                await self._log_in_at(dc_id, sender)
            else:
                await self._reintroduce(dc_id, sender)
        except BaseException:
            await sender.disconnect()
            raise
        return sender

    async def _reintroduce(self, dc: int, sender: MTProtoSender) -> None:
        try:
            await self._introduced(sender, functions.help.GetConfigRequest())
        except AuthKeyNotFound:
            await self._renew_key(dc, sender)
            await self._log_in_at(dc, sender)

    async def _connected_sender(self, place: types.DcOption, key: Any) -> MTProtoSender:
        sender = MTProtoSender(
            key,
            loggers=self._log,
            retries=self._connection_retries,
            delay=self._retry_delay,
            connect_timeout=self._timeout,
            updates_queue=self._updates_queue,
        )
        try:
            await self._open(sender, place)
        except BaseException:
            await sender.disconnect()
            raise
        return sender

    async def _open(self, sender: MTProtoSender, place: types.DcOption) -> None:
        way = self._connection(place.ip_address, place.port, place.id, loggers=self._log)
        await asyncio.wait_for(sender.connect(way), 2 * self._patience)

    async def _log_in_at(self, dc: int, sender: MTProtoSender) -> None:
        """Make the account known to another data centre, and keep the key under which it is."""
        exported = await self.call(functions.auth.ExportAuthorizationRequest(dc))
        request = functions.auth.ImportAuthorizationRequest(id=exported.id, bytes=exported.bytes)
        await self._introduced(sender, request)
        self._logins[dc] += 1
        self.session.set_key_at(dc, sender.auth_key)

    async def _log_in_again(self, dc: int, sender: MTProtoSender, *, seen: int, lost: bool) -> None:
        async with self._login_lock:
            # Several requests find out at the same time; the first one mends it for all.
            if self._logins[dc] != seen:
                return
            if lost:
                await self._renew_key(dc, sender)
            await self._log_in_at(dc, sender)

    async def _renew_key(self, dc: int, sender: MTProtoSender) -> None:
        await sender.disconnect()
        sender.auth_key.key = None
        await self._open(sender, await self._get_dc(dc))

    def _mend(self, dc: int) -> None:
        """Have a connection made anew that was given up: Telethon takes it for one that is there."""
        state, sender = self._borrowed_senders.get(dc, (None, None))
        if state is not None and sender is not None and not sender.is_connected():
            state._connected = False

    async def _introduced(self, sender: MTProtoSender, request: Any) -> Any:
        """Send the first request of a connection, in what tells which program it is."""
        introduction = copy.copy(self._init_request)
        introduction.query = request
        outer = functions.InvokeWithLayerRequest(LAYER, introduction)
        outer.read_result = reader_for(request)
        return await self._answered(sender, sender.send(outer))


def _forget_given_up(sender: MTProtoSender) -> None:
    """Keep what nobody waits for any more from being sent again on the next connection, beside what replaces it."""
    pending, queue = sender._pending_state, sender._send_queue._deque
    for number in [number for number, state in pending.items() if state.future.cancelled()]:
        del pending[number]
    for state in [state for state in queue if state.future.cancelled()]:
        queue.remove(state)


def _silent(name: str) -> logging.Logger:
    """Give a logger that says nothing: Telethon writes requests, and so codes and keys, into its messages."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL + 1)
    return logger
