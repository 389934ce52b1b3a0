"""The ways to log in to Telegram: a code that another device scans, a phone number, the token of a bot."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from telethon import events
from telethon.errors import (
    PasswordHashInvalidError,
    PhoneCodeEmptyError,
    PhoneCodeExpiredError,
    PhoneCodeInvalidError,
    PhoneNumberInvalidError,
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
from tgvault_plugins.takeout.questions import TRIES, answer_to, right_answer_to

__all__ = ["WAYS", "Line"]

#: How many QR codes are shown before it is given up; each is good for half a minute.
CODES = 10

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,80}")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")


@dataclass(frozen=True, slots=True)
class Line:
    """A connection on which nobody is logged in, and the person who wants to be.

    While the person is being asked, nothing else goes on: a connection that is lost meanwhile is made anew. `accepted`
    is told that Telegram takes the `api_id` and the `api_hash`.
    """

    client: AccountClient
    talk: Conversation
    now: Callable[[], datetime]
    accepted: Callable[[], None]

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
        UsageError: what was given is no phone number.
    """
    number, sent = await _sent(line)
    try:
        return await _by_code(line, number, sent)
    except SessionPasswordNeededError:
        return await _with_password(line)


async def by_token(line: Line) -> User:
    """Log in as a bot; raises Telethon's errors.

    Raises:
        UsageError: what was given is no token.
    """
    token = right_answer_to(lambda: line.talk.ask_secret("Token of the bot, from @BotFather"), _token, talk=line.talk)
    api_id, api_hash = line.program
    request = ImportBotAuthorizationRequest(flags=0, api_id=api_id, api_hash=api_hash, bot_auth_token=token)
    answer = await line.call(request)
    line.accepted()
    return _user(answer)


#: By the word for the command line.
WAYS: dict[str, Callable[[Line], Awaitable[User]]] = {"qr": by_qr, "phone": by_phone, "bot": by_token}


async def _scanned(line: Line) -> auth.Authorization:
    accepted = asyncio.Event()

    async def heard(_: object) -> None:
        accepted.set()

    line.client.add_event_handler(heard, events.Raw(UpdateLoginToken))
    for _ in range(CODES):
        answer = await line.call(ExportLoginTokenRequest(*line.program, except_ids=[]))
        line.accepted()
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


async def _sent(line: Line) -> tuple[str, Any]:
    """Have a code sent; gives the phone number, and Telegram's answer."""
    failure: Exception | None = None
    for _ in range(TRIES):
        number = right_answer_to(
            lambda: line.talk.ask("Phone number with its country, such as +43 664 1234567"),
            _phone_number,
            talk=line.talk,
            failure=failure,
        )
        try:
            sent = await line.call(_code_to(line, number))
        except (PhoneNumberInvalidError, PhoneNumberUnoccupiedError) as error:
            line.talk.tell("Telegram knows no account with that phone number.")
            failure = error
            continue
        line.accepted()
        return number, sent
    assert failure is not None
    raise failure


def _code_to(line: Line, number: str) -> SendCodeRequest:
    return SendCodeRequest(number, *line.program, CodeSettings())


async def _by_code(line: Line, number: str, sent: Any) -> User:
    tries, told, failure = TRIES, None, None
    while tries:
        if isinstance(sent, auth.SentCodeSuccess):
            return _user(sent.authorization)
        if sent is not told:
            line.talk.tell(_whereabouts(sent))
            told = sent
        code = "".join(filter(str.isalnum, answer_to(lambda: line.talk.ask("Code"), failure=failure))).lower()
        if code == "again":
            sent = await _resent(line, number, sent)
            continue
        try:
            return _user(await line.call(SignInRequest(number, sent.phone_code_hash, code)))
        except (PhoneCodeInvalidError, PhoneCodeEmptyError):
            line.talk.tell("That is not the code.")
        except PhoneCodeExpiredError:
            line.talk.tell("The code is no longer good; Telegram sends another one.")
            sent = await line.call(_code_to(line, number))
        tries -= 1
        failure = SourceRefusedError("the code was wrong", hint="log in again; Telegram then sends another one")
    raise SourceRefusedError(f"the code was wrong {TRIES} times", hint="wait some minutes, then log in again")


async def _resent(line: Line, number: str, sent: Any) -> Any:
    try:
        return await line.call(ResendCodeRequest(number, sent.phone_code_hash))
    except SendCodeUnavailableError:
        line.talk.tell("Telegram knows no other way to send it.")
        return sent
    except PhoneCodeExpiredError:
        return await line.call(_code_to(line, number))


def _whereabouts(sent: Any) -> str:
    if isinstance(sent, auth.SentCodePaymentRequired):
        raise SourceRefusedError(
            "Telegram wants to be paid for sending a code", hint="log in with a QR code: `--by qr`"
        )
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
    failure: Exception | None = None
    for _ in range(TRIES):
        asked = await line.call(GetPasswordRequest())
        hint = f" (hint: {asked.hint})" if asked.hint else ""
        question = f"Two-factor password{hint}"
        secret = answer_to(partial(line.talk.ask_secret, question), failure=failure)
        try:
            return _user(await line.call(CheckPasswordRequest(_proof(asked, secret))))
        except PasswordHashInvalidError:
            line.talk.tell("That is not the password.")
            failure = SourceRefusedError("the two-factor password was wrong", hint="log in again")
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


def _token(text: str) -> str:
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise UsageError("that is no token of a bot", hint="copy all of it: a number, a colon, and letters")
    return token
