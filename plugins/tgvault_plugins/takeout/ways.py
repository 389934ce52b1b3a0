"""The ways to log in to Telegram: a code that another device scans, a phone number, the token of a bot."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telethon import events
from telethon.errors import (
    PasswordHashInvalidError,
    PhoneCodeEmptyError,
    PhoneCodeExpiredError,
    PhoneCodeInvalidError,
    PhoneNumberUnoccupiedError,
    SendCodeUnavailableError,
    SessionPasswordNeededError,
    SrpIdInvalidError,
)
from telethon.tl.functions.account import GetPasswordRequest
from telethon.tl.functions.auth import (
    CheckPasswordRequest,
    ExportLoginTokenRequest,
    ImportBotAuthorizationRequest,
    ImportLoginTokenRequest,
    ResendCodeRequest,
    SendCodeRequest,
    SignInRequest,
)
from telethon.tl.types import CodeSettings, UpdateLoginToken, User, auth

from tgvault.api import Conversation, SourceRefusedError, SourceUnavailableError, UsageError
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.proving import prove

__all__ = ["WAYS", "Line"]

#: How often a code or password may be wrong.
TRIES = 3
#: How many QR codes are shown before it is given up; each is good for half a minute.
CODES = 10

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,80}")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")


@dataclass(frozen=True, slots=True)
class Line:
    """A connection on which nobody is logged in, and the person who wants to be.

    While the person is being asked, nothing else goes on: a connection that is lost meanwhile is made anew.
    """

    client: AccountClient
    talk: Conversation
    now: Callable[[], datetime]

    async def call(self, request: Any) -> Any:
        """Send a request and give the answer."""
        return await self.client.call(request)

    @property
    def program(self) -> tuple[int, str]:
        """The `api_id` and `api_hash`."""
        return self.client.session.api_id, self.client.session.api_hash


async def by_qr(line: Line) -> User:
    """Log in by a code that is scanned with a device that is logged in; raises Telethon's errors.

    Raises:
        UsageError: nobody scanned it.
    """
    line.talk.tell("In Telegram on your phone: Settings, Devices, Link Desktop Device. Then scan this code:")
    try:
        return _user(await _scanned(line))
    except SessionPasswordNeededError:
        return await _with_password(line)


async def by_phone(line: Line) -> User:
    """Log in by a phone number and the code that Telegram sends; raises Telethon's errors.

    Raises:
        SourceRefusedError: the code or the password was wrong too often, or Telegram wants something else first.
    """
    number = _phone_number(line.talk.ask("Phone number with its country, such as +43 664 1234567"))
    sent = await line.call(SendCodeRequest(number, *line.program, CodeSettings()))
    try:
        return await _by_code(line, number, sent)
    except SessionPasswordNeededError:
        return await _with_password(line)


async def by_token(line: Line) -> User:
    """Log in as a bot; raises Telethon's errors.

    Raises:
        UsageError: what was given is no token.
    """
    token = line.talk.ask_secret("Token of the bot, from @BotFather").strip()
    if not _TOKEN.fullmatch(token):
        raise UsageError("that is no token of a bot", hint="copy all of it: a number, a colon, and letters")
    api_id, api_hash = line.program
    request = ImportBotAuthorizationRequest(flags=0, api_id=api_id, api_hash=api_hash, bot_auth_token=token)
    return _user(await line.call(request))


#: By the word for the command line.
WAYS: dict[str, Callable[[Line], Awaitable[User]]] = {"qr": by_qr, "phone": by_phone, "bot": by_token}


async def _scanned(line: Line) -> auth.Authorization:
    accepted = asyncio.Event()

    async def heard(_: object) -> None:
        accepted.set()

    line.client.add_event_handler(heard, events.Raw(UpdateLoginToken))
    for _ in range(CODES):
        answer = await line.call(ExportLoginTokenRequest(*line.program, except_ids=[]))
        if not isinstance(answer, auth.LoginToken):
            return await _at_home(line.client, answer)
        line.talk.show_code(_link(answer.token))
        # A word from Telegram may get lost; the next request tells all the same whether the code was scanned.
        with suppress(TimeoutError):
            await asyncio.wait_for(accepted.wait(), _lifetime(answer.expires, line.now()))
        accepted.clear()
    raise UsageError("nobody scanned the code", hint="run the command again, or with `--by phone`")


async def _at_home(client: AccountClient, answer: Any) -> auth.Authorization:
    """Take the account's login, on the data centre where the account is."""
    if isinstance(answer, auth.LoginTokenMigrateTo):
        await client._switch_dc(answer.dc_id)
        answer = await client.call(ImportLoginTokenRequest(answer.token))
    if not isinstance(answer, auth.LoginTokenSuccess):
        raise SourceUnavailableError(
            "Telegram does not say where the account is", hint="run the command again, or with `--by phone`"
        )
    return answer.authorization


def _link(token: bytes) -> str:
    return f"tg://login?token={base64.urlsafe_b64encode(token).decode().rstrip('=')}"


def _lifetime(expires: datetime, now: datetime) -> float:
    # The two clocks may differ by hours.
    return min(max((expires - now).total_seconds() - 1, 1), 30)


async def _by_code(line: Line, number: str, sent: Any) -> User:
    tries = TRIES
    while tries:
        if isinstance(sent, auth.SentCodeSuccess):
            return _user(sent.authorization)
        if isinstance(sent, auth.SentCodePaymentRequired):
            raise SourceRefusedError(
                "Telegram wants to be paid for sending a code", hint="log in with a QR code: `--by qr`"
            )
        line.talk.tell(_whereabouts(sent))
        code = "".join(filter(str.isalnum, line.talk.ask("Code"))).lower()
        if code == "again":
            sent = await _resent(line, number, sent)
            continue
        try:
            return _user(await line.call(SignInRequest(number, sent.phone_code_hash, code)))
        except (PhoneCodeInvalidError, PhoneCodeEmptyError):
            line.talk.tell("That is not the code.")
        except PhoneCodeExpiredError:
            line.talk.tell("The code is no longer good; Telegram sends another one.")
            sent = await line.call(SendCodeRequest(number, *line.program, CodeSettings()))
        tries -= 1
    raise SourceRefusedError(f"the code was wrong {TRIES} times", hint="wait some minutes, then log in again")


async def _resent(line: Line, number: str, sent: Any) -> Any:
    try:
        return await line.call(ResendCodeRequest(number, sent.phone_code_hash))
    except SendCodeUnavailableError:
        line.talk.tell("Telegram knows no other way to send it.")
        return sent
    except PhoneCodeExpiredError:
        return await line.call(SendCodeRequest(number, *line.program, CodeSettings()))


def _whereabouts(sent: Any) -> str:
    way = sent.type
    match way:
        case auth.SentCodeTypeApp():
            told = "Telegram has sent a code to your Telegram app on another device."
        case auth.SentCodeTypeSms() | auth.SentCodeTypeSmsWord() | auth.SentCodeTypeSmsPhrase():
            told = "Telegram has sent a code by SMS."
        case auth.SentCodeTypeCall():
            told = "Telegram calls you and says the code."
        case auth.SentCodeTypeFlashCall():
            told = "Telegram calls you; the number that calls is the code."
        case auth.SentCodeTypeMissedCall():
            told = f"Telegram calls you; the code is the last {way.length} digits of the number that calls."
        case auth.SentCodeTypeEmailCode():
            told = f"Telegram has sent a code to {way.email_pattern}."
        case auth.SentCodeTypeFragmentSms():
            told = f"The code is at {way.url}."
        case auth.SentCodeTypeSetUpEmailRequired():
            raise SourceRefusedError(
                "Telegram wants an e-mail address for the account first", hint="set it up in one of Telegram's apps"
            )
        case _:
            told = "Telegram has sent a code."
    return f"{told} To have it sent another way, type `again`." if sent.next_type is not None else told


def _user(answer: Any) -> User:
    if isinstance(answer, auth.AuthorizationSignUpRequired):
        raise PhoneNumberUnoccupiedError(None)
    return answer.user


async def _with_password(line: Line) -> User:
    """Give the second factor."""
    for _ in range(TRIES):
        asked = await line.call(GetPasswordRequest())
        hint = f" (hint: {asked.hint})" if asked.hint else ""
        secret = line.talk.ask_secret(f"Two-factor password{hint}")
        try:
            return _user(await line.call(CheckPasswordRequest(_proof(asked, secret))))
        except PasswordHashInvalidError:
            line.talk.tell("That is not the password.")
        except SrpIdInvalidError:
            line.talk.tell("Telegram asks once more.")
    raise SourceRefusedError(
        f"the two-factor password was wrong {TRIES} times", hint="it can be reset in one of Telegram's apps"
    )


def _proof(asked: Any, secret: str) -> Any:
    try:
        return prove(asked, secret)
    except ValueError:
        # What Telegram says of how to prove it does not hold water, or is of a kind that nobody here knows.
        raise SourceRefusedError(
            "Telegram asks for the two-factor password in a way that cannot be trusted", hint="use a newer tgvault"
        ) from None


def _phone_number(text: str) -> str:
    number = re.sub(r"[\s()/.-]", "", text)
    if not _NUMBER.fullmatch(number):
        raise UsageError("that is no phone number", hint="write it with its country: `+43 664 1234567`")
    return number
