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
from telethon.errors import AuthKeyNotFound, AuthKeyUnregisteredError, TypeNotFoundError
from telethon.tl import TLRequest, functions, types
from telethon.tl.alltlobjects import LAYER

import tgvault
from tgvault.api import SourceUnavailableError
from tgvault_plugins.takeout.answers import UnreadableAnswerError, reader_for
from tgvault_plugins.takeout.bounds import BoundedConnection
from tgvault_plugins.takeout.keys import ServerKeys
from tgvault_plugins.takeout.sender import AccountSender
from tgvault_plugins.takeout.session import AccountSession

__all__ = ["AccountClient", "UnknownPlaceError"]

#: Seconds after which a request without an answer counts as lost. Telethon waits for ever, and only its main
#: connection finds out by itself that the other side is gone.
PATIENCE = 60.0


class UnknownPlaceError(SourceUnavailableError):
    """There is no data centre of that number, or nothing that it is known by, as far as Telegram tells."""


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
            connection=BoundedConnection,
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
        self._cdn_senders: dict[int, AccountSender] = {}
        self._cdn_lock = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._sender = self._made_sender(
            session.auth_key,
            session.server_keys,
            auth_key_callback=self._auth_key_callback,
            updates=self._updates_queue if updates else None,
        )

    async def open(self) -> None:
        """Connect, if the connection is not there, or was lost.

        Telethon tries six times, and waits for ever for a server that says nothing.
        """
        async with self._opening:
            if self.is_connected():
                return
            if self._updates_handle is not None:
                await self._disconnect()
            try:
                await asyncio.wait_for(self.connect(), 2 * self._patience)
            except (TypeNotFoundError, RuntimeError, struct.error):
                # The one answer that Telethon reads by itself, and does nothing with.
                await self._sender.disconnect()
                raise UnreadableAnswerError(functions.help.GetConfigRequest()) from None
            except BaseException:
                await self._sender.disconnect()
                raise

    async def call(self, request: Any) -> Any:
        """Send a request to the account's own data centre, and give the answer.

        It is sent once more over a new connection if the connection was lost, which is found out only now.
        """
        try:
            return await self._answered(self._sender, self._call(self._sender, request))
        except ConnectionError:
            await self.open()
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
                place = await self._get_dc(dc, cdn=True)
                sender = await self._connected_sender(place, None, await self._cdn_keys(dc))
                self._cdn_senders[dc] = sender
                # There is nothing else that could be asked there.
                return await self._introduced(sender, request)
        return await self._answered(sender, self._once(sender, request))

    async def _once(self, sender: AccountSender, request: Any) -> Any:
        await request.resolve(self, utils)
        return await sender.send(self._quiet(request))

    async def _call(self, sender: AccountSender, request: Any, *given: Any, **more: Any) -> Any:
        if isinstance(request, TLRequest):
            await request.resolve(self, utils)
            request = self._quiet(request)
        return await super()._call(sender, request, *given, **more)

    def _quiet(self, request: Any) -> Any:
        """Have a request ask for no updates, and its answer be read as `reader_for` does it."""
        outer = request if self._follows_updates else functions.InvokeWithoutUpdatesRequest(request)
        outer.read_result = reader_for(request)
        return outer

    async def _answered(self, sender: AccountSender, answer: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(answer, self._patience)
        except TimeoutError:
            # Nothing else that waits there would be answered; who asked asks again over a new connection.
            sender.give_up()
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
        return next((each for each in fit if bool(each.ipv6) == self._use_ipv6), fit[0])

    async def _cdn_keys(self, dc: int) -> ServerKeys:
        told = (await self.call(functions.help.GetCdnConfigRequest())).public_keys
        try:
            return ServerKeys.from_pem(*(each.public_key.encode() for each in told if each.dc_id == dc))
        except ValueError:
            reason = f"Telegram names no key that can be used of data centre {dc}"
            raise UnknownPlaceError(reason, hint="try again later") from None

    async def _create_exported_sender(self, dc_id: int) -> AccountSender:
        known = self.session.key_at(dc_id)
        sender = await self._connected_sender(await self._get_dc(dc_id), known, self.session.server_keys)
        try:
            if known is None:
                await self._log_in_at(dc_id, sender)
            else:
                await self._reintroduce(dc_id, sender)
        except BaseException:
            await sender.disconnect()
            raise
        return sender

    async def _reintroduce(self, dc: int, sender: AccountSender) -> None:
        try:
            await self._introduced(sender, functions.help.GetConfigRequest())
        except AuthKeyNotFound:
            await self._renew_key(dc, sender)
            await self._log_in_at(dc, sender)

    def _made_sender(self, key: Any, keys: ServerKeys, **more: Any) -> AccountSender:
        return AccountSender(
            key,
            keys=keys,
            loggers=self._log,
            retries=self._connection_retries,
            delay=self._retry_delay,
            connect_timeout=self._timeout,
            **more,
        )

    async def _connected_sender(self, place: types.DcOption, key: Any, keys: ServerKeys) -> AccountSender:
        sender = self._made_sender(key, keys)
        try:
            await self._open(sender, place)
        except BaseException:
            await sender.disconnect()
            raise
        return sender

    async def _open(self, sender: AccountSender, place: types.DcOption) -> None:
        way = self._connection(place.ip_address, place.port, place.id, loggers=self._log)
        await asyncio.wait_for(sender.connect(way), 2 * self._patience)

    async def _log_in_at(self, dc: int, sender: AccountSender) -> None:
        """Make the account known to another data centre, and keep the key under which it is."""
        exported = await self.call(functions.auth.ExportAuthorizationRequest(dc))
        request = functions.auth.ImportAuthorizationRequest(id=exported.id, bytes=exported.bytes)
        await self._introduced(sender, request)
        self._logins[dc] += 1
        self.session.set_key_at(dc, sender.auth_key)

    async def _log_in_again(self, dc: int, sender: AccountSender, *, seen: int, lost: bool) -> None:
        async with self._login_lock:
            # Several requests find out at the same time; the first one mends it for all.
            if self._logins[dc] != seen:
                return
            if lost:
                await self._renew_key(dc, sender)
            await self._log_in_at(dc, sender)

    async def _renew_key(self, dc: int, sender: AccountSender) -> None:
        await sender.disconnect()
        sender.auth_key.key = None
        await self._open(sender, await self._get_dc(dc))

    def _mend(self, dc: int) -> None:
        """Have a connection made anew that was given up: Telethon takes it for one that is there."""
        state, sender = self._borrowed_senders.get(dc, (None, None))
        if state is not None and sender is not None and not sender.is_connected():
            state._connected = False

    async def _introduced(self, sender: AccountSender, request: Any) -> Any:
        """Send the first request of a connection, in what tells which program it is."""
        introduction = copy.copy(self._init_request)
        introduction.query = request
        outer = functions.InvokeWithLayerRequest(LAYER, introduction)
        outer.read_result = reader_for(request)
        return await self._answered(sender, sender.send(outer))


def _silent(name: str) -> logging.Logger:
    """Give a logger that says nothing: Telethon writes requests, and so codes and keys, into its messages."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL + 1)
    return logger
