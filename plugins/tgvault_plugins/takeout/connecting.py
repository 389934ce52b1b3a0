"""Connecting to Telegram, or to the server that the configuration names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from telethon.client.telegrambaseclient import DEFAULT_DC_ID, DEFAULT_IPV4_IP, DEFAULT_PORT
from telethon.tl import functions, types

from tgvault.api import UsageError
from tgvault_plugins.takeout.client import PATIENCE, AccountClient
from tgvault_plugins.takeout.config import Server, TakeoutConfig
from tgvault_plugins.takeout.failures import translated
from tgvault_plugins.takeout.keys import ServerKeys
from tgvault_plugins.takeout.session import AccountSession

__all__ = ["connect", "connected", "prepare", "quieten"]

#: Where Telegram's own servers are first asked; they tell where all others are.
_TELEGRAM = Server(DEFAULT_DC_ID, DEFAULT_IPV4_IP, DEFAULT_PORT)


async def connect(
    config: TakeoutConfig,
    session: AccountSession,
    *,
    now: Callable[[], datetime],
    updates: bool = False,
    patience: float = PATIENCE,
) -> AccountClient:
    """Connect with the session of an account that is logged in; the caller disconnects. `me` of it is the account.

    `patience` is the number of seconds after which a request without an answer counts as lost.

    Raises:
        NotSignedInError: the session was ended from outside.
        SourceUnavailableError: Telegram cannot be reached.
        UsageError: the file with the server's keys cannot be used.
    """
    prepare(config, session)
    quieten(asyncio.get_running_loop())
    client = AccountClient(session, updates=updates, patience=patience)
    with translated(now):
        try:
            await client.open()
            if client.me is None:
                # Telethon does not tell why nobody is logged in; this does.
                client.me = (await client.call(functions.users.GetUsersRequest([types.InputUserSelf()])))[0]
        except BaseException:
            await client.disconnect()
            raise
    return client


@asynccontextmanager
async def connected(
    config: TakeoutConfig, session: AccountSession, *, now: Callable[[], datetime], updates: bool = False
) -> AsyncIterator[AccountClient]:
    """Connect as `connect` does, and disconnect at the end; errors inside become ours, too."""
    client = await connect(config, session, now=now, updates=updates)
    try:
        with translated(now):
            yield client
    finally:
        await client.disconnect()


def quieten(loop: asyncio.AbstractEventLoop) -> None:
    """Keep asyncio from printing tracebacks of Telethon's own tasks: who waits for an answer meets the failure."""
    loop.set_exception_handler(lambda *_: None)


def prepare(config: TakeoutConfig, session: AccountSession) -> None:
    """Point a session at the server that is configured, and have it trust that server's keys in place of Telegram's.

    Raises:
        UsageError: the file with the keys cannot be used.
    """
    if config.server_keys is not None:
        session.server_keys = _keys_in(config.server_keys)
    own = config.own_server
    if own is not None and session.dc_id in (0, own.dc):
        session.set_dc(own.dc, own.host, own.port)
    elif not session.dc_id:
        session.set_dc(_TELEGRAM.dc, _TELEGRAM.host, _TELEGRAM.port)


def _keys_in(path: Path) -> ServerKeys:
    try:
        return ServerKeys.from_pem(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there is no RSA public key of 2048 bits in it"
        raise UsageError(f"`{path}` cannot be used: {reason}", hint="give a PEM file with RSA public keys") from None
