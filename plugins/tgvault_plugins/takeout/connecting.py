"""Connecting to Telegram, or to the server that the configuration names."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from telethon.client.telegrambaseclient import DEFAULT_DC_ID, DEFAULT_IPV4_IP, DEFAULT_PORT
from telethon.tl import functions, types

from tgvault.api import ConfigError, NotSignedInError
from tgvault_plugins.takeout.client import PATIENCE, AccountClient
from tgvault_plugins.takeout.config import Server, TakeoutConfig
from tgvault_plugins.takeout.failures import translated
from tgvault_plugins.takeout.keys import ServerKeys
from tgvault_plugins.takeout.session import AccountSession

__all__ = ["connect", "connected", "prepare", "quieten", "reach"]

#: Where Telegram's own servers are first asked; they tell where all others are.
_TELEGRAM = Server(DEFAULT_DC_ID, DEFAULT_IPV4_IP, DEFAULT_PORT)
#: Bytes of a file with keys; each has half a thousand.
_LARGEST = 1_000_000


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
        NotSignedInError: the session was ended from outside, or made with other settings.
        SourceUnavailableError: Telegram cannot be reached.
        ConfigError: the file with the server's keys cannot be used.
    """
    prepare(config, session)
    quieten(asyncio.get_running_loop())
    client = AccountClient(session, updates=updates, patience=patience)
    with translated(now, source=session.source):
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
        with translated(now, source=session.source):
            yield client
    finally:
        await client.disconnect()


def quieten(loop: asyncio.AbstractEventLoop) -> None:
    """Keep asyncio from printing tracebacks of Telethon's own tasks: who waits for an answer meets the failure."""
    loop.set_exception_handler(lambda *_: None)


async def reach(session: AccountSession) -> None:
    """Find out whether the server is there and is the one whose keys are known; raises what `FOREIGN` names.

    The session gets the key that the two agree on. The server learns nothing else, so no `api_id` is needed.
    """
    client = AccountClient(session)
    way = client._connection(session.server_address, session.port, session.dc_id, loggers=client._log)
    try:
        await asyncio.wait_for(client._sender.connect(way), 2 * PATIENCE)
        session.auth_key = client._sender.auth_key
    finally:
        await client._sender.disconnect()


def prepare(config: TakeoutConfig, session: AccountSession) -> None:
    """Point a session at the server that is configured, and have it trust that server's keys in place of Telegram's.

    Raises:
        ConfigError: the file with the keys cannot be used.
        NotSignedInError: it is an account's session, and was made for another server or program.
    """
    own = config.own_server
    place = None if own is None else f"[{own.host}]:{own.port}" if ":" in own.host else f"{own.host}:{own.port}"
    if session.user_id:
        _check_made_for(place, config.api_id, session)
    session.server = place
    if config.server_keys is not None:
        session.server_keys = _keys_in(config.server_keys)
    if own is not None and session.dc_id in (0, own.dc):
        session.set_dc(own.dc, own.host, own.port)
    elif not session.dc_id:
        session.set_dc(_TELEGRAM.dc, _TELEGRAM.host, _TELEGRAM.port)


def _check_made_for(place: str | None, api_id: int | None, session: AccountSession) -> None:
    key = "server" if place != session.server else "api_id" if api_id not in (None, session.api_id) else None
    if key is None:
        return
    name = session.source
    raise NotSignedInError(
        f"source `{name}` has another `{key}` in vault.toml than when somebody logged in",
        hint=f"put it back, or log in again: `tgvault logout {name}`, then `tgvault login {name}`",
    )


def _keys_in(path: Path) -> ServerKeys:
    try:
        with open(path, "rb", opener=_at_once) as file:
            return ServerKeys.from_pem(_content(file))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there is no RSA public key of 2048 bits in it"
        raise ConfigError(
            f"`server_keys`: `{path}` cannot be used: {reason}", hint="give a PEM file with RSA public keys"
        ) from None


def _at_once(path: str, flags: int) -> int:
    # A pipe would be waited for until somebody writes to it. Windows has none in its folders, and no such flag.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _content(file: BinaryIO) -> bytes:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise OSError(None, "it is no plain file")
    content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(None, "it is larger than 1 MB")
    return content
