"""Logging in to a Telegram account, out of it, and telling whose it is; what `SigningIn` asks of the source."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from telethon.errors import ApiIdInvalidError
from telethon.tl.functions.auth import LogOutRequest
from telethon.tl.types import User

from tgvault.api import (
    Conversation,
    LoginWay,
    NotSignedInError,
    SecretError,
    Secrets,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
    TgVaultError,
    UsageError,
    Who,
)
from tgvault_plugins.takeout import ways
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.connecting import connected, prepare, quieten, reach
from tgvault_plugins.takeout.disclosure import disclosed
from tgvault_plugins.takeout.failures import FOREIGN, translated
from tgvault_plugins.takeout.program import PROGRAM, asked_program, keep_program, said_program
from tgvault_plugins.takeout.session import SESSION, AccountSession, load_session

__all__ = ["WAYS", "free_ways", "login", "logout", "reads", "whoami"]

#: The best one first.
WAYS: Sequence[LoginWay] = (
    LoginWay("qr", "a QR code that you scan with Telegram on your phone", shows_code=True),
    LoginWay("phone", "your phone number and a code"),
    LoginWay("bot", "the token of a bot"),
)

#: What stands for the `api_id` and the `api_hash` until they are known; Telethon takes no empty ones.
_NO_PROGRAM = (1, "-")


def free_ways(secrets: Secrets, *, source: str) -> Sequence[LoginWay]:
    """Give the ways to log in.

    Raises:
        UsageError: there is a session already.
    """
    # One that cannot be read is as good as none.
    with suppress(SecretError):
        if secrets.get(SESSION) is not None:
            raise UsageError(
                f"somebody is logged in for source `{source}`", hint=f"log out first with `tgvault logout {source}`"
            )
    return WAYS


def reads(config: TakeoutConfig, *, source: str, way: str) -> Sequence[str]:
    """Say what will be read by who logs in that way, and to whom anything is sent."""
    return tuple(disclosed(config, source=source, is_bot=way == "bot"))


async def login(
    config: TakeoutConfig,
    secrets: Secrets,
    talk: Conversation,
    *,
    way: str,
    source: str,
    now: Callable[[], datetime],
    environment: Mapping[str, str] = os.environ,
) -> Who:
    """Log in and keep the session. The environment may have the `api_id` and the `api_hash`.

    Raises:
        UsageError: there is a session already, or what was given cannot be right.
        SourceRefusedError: Telegram says that it is wrong.
        SourceDelayedError: Telegram asks to wait.
        SourceUnavailableError: Telegram cannot be reached.
    """
    free_ways(secrets, source=source)
    if way not in ways.WAYS:
        raise UsageError(f"there is no way `{way}` to log in", hint=f"there are {', '.join(ways.WAYS)}")
    said = said_program(config, secrets, environment)
    session = AccountSession(*_NO_PROGRAM, source=source)
    prepare(config, session)
    quieten(asyncio.get_running_loop())
    try:
        with translated(now, source=source):
            if not said.is_known:
                # Before anybody types in vain.
                await reach(session)
            program = asked_program(said, talk)
            accepted = _nothing if said.is_known else partial(keep_program, program, secrets)
            session.api_id, session.api_hash = program.api_id, program.api_hash
            user = await _enter(session, secrets, talk, way=way, now=now, accepted=accepted)
    except NotSignedInError as error:
        # There was nobody to be logged out: this account cannot be logged in to.
        raise SourceRefusedError(str(error), hint="see what Telegram's own apps say of the account") from None
    return _who(user)


async def logout(config: TakeoutConfig, secrets: Secrets, *, source: str, now: Callable[[], datetime]) -> bool:
    """End the session and forget it; gives whether Telegram was told.

    Raises:
        NotSignedInError: there is none.
        StateError: it cannot be forgotten.
    """
    secrets.delete(PROGRAM)
    try:
        told = await _end(config, load_session(secrets, source=source), now=now)
    except SecretError:
        told = False
    secrets.delete(SESSION)
    return told


async def whoami(config: TakeoutConfig, secrets: Secrets, *, source: str, now: Callable[[], datetime]) -> Who:
    """Ask Telegram whose session it is.

    Raises:
        NotSignedInError: there is none, it was ended from outside, or made with other settings.
        SourceUnavailableError: Telegram cannot be reached.
    """
    async with connected(config, load_session(secrets, source=source), now=now) as client:
        return _who(client.me)


async def _enter(
    session: AccountSession,
    secrets: Secrets,
    talk: Conversation,
    *,
    way: str,
    now: Callable[[], datetime],
    accepted: Callable[[], None],
) -> Any:
    """Log in and keep the session; gives the user. Raises Telethon's errors."""
    client = AccountClient(session, updates=way == "qr")
    try:
        await client.open()
        user = await ways.WAYS[way](ways.Line(client, talk, now, accepted))
        await _keep(client, user, secrets)
    except ApiIdInvalidError:
        secrets.delete(PROGRAM)
        raise
    finally:
        await client.disconnect()
    return user


def _nothing() -> None:
    """Do nothing."""


async def _keep(client: AccountClient, user: Any, secrets: Secrets) -> None:
    try:
        if not isinstance(user, User):
            raise SourceUnavailableError("Telegram does not say whose account it is", hint="run the command again")
        client.session.signed_in(user.id, is_bot=bool(user.bot), secrets=secrets)
    except TgVaultError:
        # A session that nobody holds would stay in the account's list of devices.
        with suppress(*FOREIGN):
            await client.call(LogOutRequest())
        raise


async def _end(config: TakeoutConfig, session: AccountSession, *, now: Callable[[], datetime]) -> bool:
    try:
        config = _as_it_was(config, session)
        # With updates: Telegram may acknowledge this and no more, which Telethon takes for an answer only if the
        # request is not wrapped in one to send no updates.
        async with connected(config, session, now=now, updates=True) as client:
            await client.call(LogOutRequest())
    except NotSignedInError:
        return True  # it was ended from outside
    except (SourceError, UsageError):
        return False
    return True


def _as_it_was(config: TakeoutConfig, session: AccountSession) -> TakeoutConfig:
    """Give settings that fit the session: what it was made with may have been changed since."""
    keys = config.server_keys if session.server is not None else None
    return msgspec.structs.replace(config, server=session.server, server_keys=keys, api_id=None)


def _who(user: Any) -> Who:
    names = [user.username, *(each.username for each in user.usernames or () if each.active)]
    details = [("user name", f"@{each}") for each in dict.fromkeys(names) if each]
    if user.phone:
        details.append(("phone number", f"+{user.phone}"))
    if user.bot:
        details.append(("kind", "bot"))
    return Who(user.id, " ".join(part for part in (user.first_name, user.last_name) if part), tuple(details))
