"""What Telethon, the network and Telegram raise, as errors of ours: for people, and without anything secret in them."""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from telethon import errors as theirs
from telethon.tl import TLRequest

from tgvault.api import (
    NotSignedInError,
    SourceDelayedError,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
)
from tgvault_plugins.takeout.answers import UnreadableAnswerError, innermost

__all__ = ["FOREIGN", "asked_too_often", "delayed", "later", "method_of", "told", "translated", "word_of"]

#: Characters of an error's word that are told; Telegram's own have 50 at most.
LONGEST_WORD = 200
#: Longer waits than a hundred years are one of a hundred years: calendars end.
_AGES = timedelta(days=36_500)

#: What connecting and calling raise; anything else is a bug. `OSError` has connection errors and timeouts in it,
#: and a packet that is none may be any of those that follow.
FOREIGN = (
    OSError,
    EOFError,
    BufferError,
    struct.error,
    zlib.error,
    asyncio.CancelledError,
    theirs.RPCError,
    theirs.AuthKeyNotFound,
    theirs.SecurityError,
    theirs.InvalidChecksumError,
    theirs.TypeNotFoundError,
    theirs.BadMessageError,
)

#: By what is asked for while somebody logs in: what nobody can do before the wait is over.
_LOGIN = {
    "auth.sendCode": "before it sends a code",
    "auth.resendCode": "before it sends a code",
    "auth.signIn": "before a code may be tried again",
    "auth.checkPassword": "before a password may be tried again",
    "auth.exportLoginToken": "before it shows a QR code",
    "auth.importBotAuthorization": "before the bot may log in",
}
_ENDED = {
    theirs.AuthKeyDuplicatedError: "Telegram ended the session: it was used from two places at once",
    theirs.SessionRevokedError: "the session was ended from another device",
    theirs.SessionExpiredError: "the session has expired",
    theirs.UserDeactivatedError: "the account was deleted",
    theirs.UserDeactivatedBanError: "Telegram has banned the account",
}
_TOO_OFTEN = (theirs.PhonePasswordFloodError, theirs.PhoneNumberFloodError)
_TROUBLE = (
    theirs.ServerError,
    theirs.TimedOutError,
    theirs.RpcCallFailError,
    theirs.RpcMcgetFailError,
    theirs.InterdcCallErrorError,
    theirs.InterdcCallRichErrorError,
)
_REFUSED: dict[type[BaseException], tuple[str, str]] = {
    theirs.ApiIdInvalidError: (
        "Telegram does not know this `api_id` with this `api_hash`",
        "copy both from https://my.telegram.org/apps",
    ),
    theirs.ApiIdPublishedFloodError: (
        "this `api_id` is one that was made public, and Telegram does not let anybody log in with it",
        "get your own at https://my.telegram.org/apps",
    ),
    theirs.PhoneNumberInvalidError: (
        "Telegram does not know the phone number",
        "write it with its country: `+43 664 1234567`",
    ),
    theirs.PhoneNumberUnoccupiedError: (
        "there is no account with the phone number",
        "write it with its country: `+43 664 1234567`",
    ),
    theirs.PhoneNumberBannedError: (
        "Telegram has banned the phone number",
        "write to recover@telegram.org, or import an export that you have",
    ),
    theirs.AccessTokenInvalidError: ("Telegram does not know the bot's token", "copy it from @BotFather"),
    theirs.AccessTokenExpiredError: ("the bot's token is no longer good", "get a new one from @BotFather"),
    theirs.UpdateAppToLoginError: (
        "Telegram wants a newer program to log in with",
        "use a newer tgvault, or log in another way: `--by`",
    ),
    theirs.TakeoutRequiredError: (
        "Telegram gives this only to a data export",
        "set `takeout = true` for the source in vault.toml",
    ),
}


def told(error: BaseException, *, now: datetime, source: str) -> SourceError:
    """Say what an error of `FOREIGN` means; nothing that was sent stands in it.

    `now` is aware; `source` is the source's name in vault.toml.
    """
    seconds = getattr(error, "seconds", None)
    if isinstance(error, theirs.FloodError) and seconds is not None:
        return delayed(seconds, now=now, method=method_of(error.request))
    if isinstance(error, _TOO_OFTEN):
        return SourceDelayedError(f"it was tried too often (`{word_of(error)}`)", hint="try again tomorrow")
    if isinstance(error, _TROUBLE):
        return SourceUnavailableError(f"Telegram is having trouble (`{word_of(error)}`)", hint="try again later")
    if isinstance(error, (theirs.UnauthorizedError, theirs.AuthKeyNotFound, theirs.AuthKeyDuplicatedError)):
        reason = _ENDED.get(type(error), "Telegram does not know the session any more")
        return NotSignedInError(reason, hint=f"log in again: `tgvault logout {source}`, then `tgvault login {source}`")
    if isinstance(error, UnreadableAnswerError):
        return SourceUnavailableError(
            f"Telegram's answer to `{method_of(error.request)}` is of a kind that this version cannot read",
            hint="use a newer tgvault",
        )
    if isinstance(error, theirs.RPCError):
        return _refused(error)
    return _unreachable(error)


def later(now: datetime, seconds: float) -> datetime:
    """Give the moment so many seconds from `now` (aware), on the reader's clock; whatever number Telegram says."""
    return (now + timedelta(seconds=min(seconds, _AGES.total_seconds()))).astimezone()


def delayed(seconds: float, *, now: datetime, method: str) -> SourceDelayedError:
    """Say until when Telegram asks to wait with a method."""
    until = f"{later(now, seconds):%Y-%m-%d %H:%M:%S %Z}"
    if method in _LOGIN:
        return SourceDelayedError(
            f"Telegram wants you to wait until {until} {_LOGIN[method]}",
            hint="log in then; each try before may make the wait longer",
        )
    return SourceDelayedError(
        f"Telegram asks to wait with `{method}` until {until}",
        hint="run the command again then; nothing that was read is lost",
    )


def asked_too_often(method: str) -> SourceDelayedError:
    """Say that Telegram asks again and again to wait with a method."""
    return SourceDelayedError(
        f"Telegram asks again and again to wait with `{method}`",
        hint="run the command again in some hours; nothing that was read is lost",
    )


@contextmanager
def translated(now: Callable[[], datetime], *, source: str) -> Iterator[None]:
    """Raise errors of ours in place of `FOREIGN` ones; `source` is the source's name in vault.toml.

    Raises:
        NotSignedInError: the session was ended, or is not known any more.
        SourceDelayedError: Telegram asks to wait.
        SourceRefusedError: Telegram does not allow it.
        SourceUnavailableError: Telegram cannot be reached, or is having trouble.
    """
    try:
        yield
    except FOREIGN as error:
        if isinstance(error, asyncio.CancelledError) and _was_asked_to_stop():
            raise
        # Their errors hold the request, and with it phone numbers, codes and tokens: none stays with ours.
        raise told(error, now=now(), source=source) from None


def method_of(request: object) -> str:
    """Name the method of a request as Telegram does, whatever it is wrapped in: `auth.sendCode`."""
    kind = type(innermost(request) if isinstance(request, TLRequest) else request)
    room = kind.__module__.rpartition("telethon.tl.functions")[2].strip(".")
    name = kind.__name__.removesuffix("Request")
    return f"{room}.{name[:1].lower()}{name[1:]}" if room else name[:1].lower() + name[1:]


def word_of(error: BaseException) -> str:
    """Give the word by which Telegram names an error, such as `PHONE_NUMBER_BANNED`; what is too long is cut."""
    return _word(error)[:LONGEST_WORD]


def _word(error: BaseException) -> str:
    # A word that Telethon does not know stands in the error itself; one with a number in it only in the class's name.
    if said := vars(error).get("message"):
        return str(said)
    words = (word for word, kind in theirs.rpc_errors_dict.items() if kind is type(error))
    return next(words, re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).upper())


def _refused(error: BaseException) -> SourceRefusedError:
    if type(error) in _REFUSED:
        message, hint = _REFUSED[type(error)]
        return SourceRefusedError(message, hint=hint)
    method = method_of(getattr(error, "request", None))
    return SourceRefusedError(
        f"Telegram refuses `{method}`: `{word_of(error)}`",
        hint=f"https://core.telegram.org/method/{method} says what that means",
    )


def _unreachable(error: BaseException) -> SourceUnavailableError:
    if isinstance(error, theirs.TypeNotFoundError):
        return SourceUnavailableError("Telegram's answer is of a newer kind", hint="use a newer tgvault")
    if isinstance(error, theirs.BadMessageError):
        return SourceUnavailableError("Telegram does not accept the connection", hint="check the time of this machine")
    if isinstance(error, theirs.SecurityError):
        return SourceUnavailableError(
            "the answer is not from the server that it should be from",
            hint="see what stands between this machine and Telegram; with `server`, check `server_keys`",
        )
    reason = (getattr(error, "strerror", None) or "the connection was lost").lower()
    return SourceUnavailableError(
        f"Telegram cannot be reached: {reason}", hint="check the network, and whether Telegram is blocked in it"
    )


def _was_asked_to_stop() -> bool:
    # Telethon cancels what waits for an answer when it loses the connection; nobody asked the task to stop.
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0
