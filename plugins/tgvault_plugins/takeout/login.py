"""Logging in to a Telegram account, out of it, and telling whose it is; what `SigningIn` asks of the source."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

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
from tgvault_plugins.takeout.connecting import connected, prepare, quieten
from tgvault_plugins.takeout.disclosure import disclosed
from tgvault_plugins.takeout.failures import FOREIGN, translated
from tgvault_plugins.takeout.session import SESSION, AccountSession, load_session

__all__ = ["API_HASH_VARIABLE", "API_ID_VARIABLE", "WAYS", "login", "logout", "reads", "whoami"]

API_ID_VARIABLE = "TGVAULT_TELEGRAM_API_ID"
API_HASH_VARIABLE = "TGVAULT_TELEGRAM_API_HASH"

#: The best one first.
WAYS: Sequence[LoginWay] = (
    LoginWay("qr", "a QR code that you scan with Telegram on your phone"),
    LoginWay("phone", "your phone number and a code"),
    LoginWay("bot", "the token of a bot"),
)

_SITE = "https://my.telegram.org/apps"
_API_HASH = re.compile(r"[0-9a-f]{32}")


def reads(config: TakeoutConfig) -> Sequence[str]:
    """Say what will be read, and to whom anything is sent."""
    return tuple(disclosed(config))


async def login(
    config: TakeoutConfig,
    secrets: Secrets,
    talk: Conversation,
    *,
    way: str,
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
    _check_free(secrets)
    if way not in ways.WAYS:
        raise UsageError(f"there is no way `{way}` to log in", hint=f"there are {', '.join(ways.WAYS)}")
    session = AccountSession(*_program(config, talk, environment))
    prepare(config, session)
    quieten(asyncio.get_running_loop())
    client = AccountClient(session, updates=way == "qr")
    try:
        with translated(now):
            await client.open()
            user = await ways.WAYS[way](ways.Line(client, talk, now))
            await _keep(client, user, secrets)
    except NotSignedInError as error:
        # There was nobody to be logged out: this account cannot be logged in to.
        raise SourceRefusedError(str(error), hint="see what Telegram's own apps say of the account") from None
    finally:
        await client.disconnect()
    return _who(user)


async def logout(config: TakeoutConfig, secrets: Secrets, *, now: Callable[[], datetime]) -> bool:
    """End the session and forget it; gives whether Telegram was told.

    Raises:
        NotSignedInError: there is none.
        StateError: it cannot be forgotten.
    """
    try:
        told = await _end(config, load_session(secrets), now=now)
    except SecretError:
        told = False
    secrets.delete(SESSION)
    return told


async def whoami(config: TakeoutConfig, secrets: Secrets, *, now: Callable[[], datetime]) -> Who:
    """Ask Telegram whose session it is.

    Raises:
        NotSignedInError: there is none, or it was ended from outside.
        SourceUnavailableError: Telegram cannot be reached.
    """
    async with connected(config, load_session(secrets), now=now) as client:
        return _who(client.me)


def _check_free(secrets: Secrets) -> None:
    # One that cannot be read is as good as none.
    with suppress(SecretError):
        if secrets.get(SESSION) is not None:
            raise UsageError("somebody is logged in for the source", hint="log out first with `tgvault logout`")


def _program(config: TakeoutConfig, talk: Conversation, environment: Mapping[str, str]) -> tuple[int, str]:
    """Find out which program this is to Telegram: `api_id` and `api_hash`."""
    api_id = environment.get(API_ID_VARIABLE) or config.api_id
    api_hash = environment.get(API_HASH_VARIABLE)
    if not (api_id and api_hash):
        talk.tell(f"Telegram wants every program to have an api_id and an api_hash. Make your own at {_SITE}")
    number = str(api_id or talk.ask("api_id")).strip()
    if not (number.isascii() and number.isdecimal() and 0 < int(number) < 1 << 31):
        raise UsageError("the `api_id` is no number", hint=f"copy it from {_SITE}")
    text = (api_hash or talk.ask_secret("api_hash")).strip().lower()
    if not _API_HASH.fullmatch(text):
        raise UsageError("the `api_hash` is not 32 digits and letters a to f", hint=f"copy it from {_SITE}")
    return int(number), text


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
        # With updates: Telegram may acknowledge this and no more, which Telethon takes for an answer only if the
        # request is not wrapped in one to send no updates.
        async with connected(config, session, now=now, updates=True) as client:
            await client.call(LogOutRequest())
    except NotSignedInError:
        return True  # it was ended from outside
    except (SourceError, UsageError):
        return False
    return True


def _who(user: Any) -> Who:
    names = [user.username, *(each.username for each in user.usernames or () if each.active)]
    details = [("user name", f"@{each}") for each in dict.fromkeys(names) if each]
    if user.phone:
        details.append(("phone number", f"+{user.phone}"))
    if user.bot:
        details.append(("kind", "bot"))
    return Who(user.id, " ".join(part for part in (user.first_name, user.last_name) if part), tuple(details))
