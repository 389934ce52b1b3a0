"""Telethon's client, made to talk to a loopback server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.errors import SessionPasswordNeededError
from telethon.sessions import MemorySession

from tgvault.testing.telegram.rsa_key import PUBLIC_KEY
from tgvault.testing.telegram.server import LoopbackServer
from tgvault.testing.telegram.tl import Tl

__all__ = ["API_HASH", "API_ID", "log_in", "loopback_client", "trusted", "with_client", "with_login"]

T = TypeVar("T")

#: Any will do.
API_ID, API_HASH = 12345, "0123456789abcdef0123456789abcdef"


@contextmanager
def trusted() -> Iterator[None]:
    """Let Telethon trust the loopback servers' key, and forget where another server's data centres were.

    Telethon keeps both for the whole process: the keys in `telethon.crypto.rsa._server_keys`, the places in
    `TelegramClient._config`. Everything is as before afterwards.
    """
    keys, places = dict(rsa._server_keys), (TelegramClient._config, TelegramClient._cdn_config)
    TelegramClient._config = TelegramClient._cdn_config = None
    rsa.add_key(PUBLIC_KEY, old=False)
    try:
        yield
    finally:
        rsa._server_keys.clear()
        rsa._server_keys.update(keys)
        TelegramClient._config, TelegramClient._cdn_config = places


def loopback_client(server: LoopbackServer, session: Tl | None = None, **options: Tl) -> TelegramClient:
    """Make a client for a server; `options` are Telethon's.

    It gives up soon and takes no updates unless told otherwise. Use it inside `trusted`.
    """
    if session is None:
        session = MemorySession()
    if not session.server_address:
        session.set_dc(*server.home)
    given = {"receive_updates": False, "connection_retries": 2, "retry_delay": 0, "timeout": 5, **options}
    return TelegramClient(session, API_ID, API_HASH, **given)


async def log_in(client: TelegramClient, server: LoopbackServer) -> None:
    """Log a connected client in, by the account's number, code and password."""
    account = server.account
    await client.send_code_request(account.phone)
    try:
        await client.sign_in(account.phone, account.code)
    except SessionPasswordNeededError:
        await client.sign_in(password=account.password)


def with_client(server: LoopbackServer, do: Callable[[TelegramClient], Awaitable[T]], **options: Tl) -> T:
    """Do something with a client that is connected, and disconnect it; `options` as in `loopback_client`."""

    async def main() -> T:
        client = loopback_client(server, **options)
        await client.connect()
        try:
            return await do(client)
        finally:
            await client.disconnect()

    return asyncio.run(main())


def with_login(server: LoopbackServer, do: Callable[[TelegramClient], Awaitable[T]], **options: Tl) -> T:
    """Do something with a client that is logged in; else as `with_client`."""

    async def logged_in(client: TelegramClient) -> T:
        await log_in(client, server)
        return await do(client)

    return with_client(server, logged_in, **options)
