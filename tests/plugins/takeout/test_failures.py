"""What Telethon raises is told to people, and nothing of what was sent is told with it."""

from __future__ import annotations

import asyncio
import struct
import zlib
from datetime import UTC, datetime

import pytest
from telethon import errors
from telethon.tl import functions, types

from key_support import all_texts
from tgvault.api import (
    NotSignedInError,
    SourceDelayedError,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
)
from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.failures import FOREIGN, later, method_of, told, translated, word_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "0123456789abcdef"
REQUEST = functions.InvokeWithoutUpdatesRequest(
    functions.InvokeWithTakeoutRequest(
        7, functions.auth.SendCodeRequest("+43 664 1234567", 1, SECRET, types.CodeSettings())
    )
)


def from_server(word: str, code: int = 400) -> Exception:
    """Make the error that Telethon makes of an answer."""
    answer = types.RpcError(code, word)
    return errors.rpc_message_to_error(answer, REQUEST)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("word", "code", "kind", "text"),
    [
        ("AUTH_KEY_UNREGISTERED", 401, NotSignedInError, "does not know the session any more"),
        ("SESSION_REVOKED", 401, NotSignedInError, "ended from another device"),
        ("SESSION_EXPIRED", 401, NotSignedInError, "has expired"),
        ("USER_DEACTIVATED", 401, NotSignedInError, "deleted"),
        ("USER_DEACTIVATED_BAN", 401, NotSignedInError, "banned the account"),
        ("AUTH_KEY_DUPLICATED", 406, NotSignedInError, "two places at once"),
        ("SOME_NEW_WORD", 401, NotSignedInError, "does not know the session"),
        ("FLOOD_WAIT_90", 420, SourceDelayedError, "wants you to wait until "),
        ("FLOOD_PREMIUM_WAIT_90", 420, SourceDelayedError, " before it sends a code"),
        ("TAKEOUT_INIT_DELAY_86400", 420, SourceDelayedError, "until "),
        ("PHONE_NUMBER_FLOOD", 400, SourceDelayedError, "`PHONE_NUMBER_FLOOD`"),
        ("PHONE_PASSWORD_FLOOD", 406, SourceDelayedError, "`PHONE_PASSWORD_FLOOD`"),
        ("TIMEOUT", 500, SourceUnavailableError, "trouble (`TIMEOUT`)"),
        ("No workers running", -500, SourceUnavailableError, "trouble (`No workers running`)"),
        ("RPC_CALL_FAIL", 500, SourceUnavailableError, "`RPC_CALL_FAIL`"),
        ("Timeout", -503, SourceUnavailableError, "trouble"),
        ("API_ID_INVALID", 400, SourceRefusedError, "`api_id` with this `api_hash`"),
        ("API_ID_PUBLISHED_FLOOD", 400, SourceRefusedError, "made public"),
        ("PHONE_NUMBER_INVALID", 400, SourceRefusedError, "does not know the phone number"),
        ("PHONE_NUMBER_BANNED", 400, SourceRefusedError, "banned the phone number"),
        ("ACCESS_TOKEN_INVALID", 400, SourceRefusedError, "bot's token"),
        ("ACCESS_TOKEN_EXPIRED", 400, SourceRefusedError, "no longer good"),
        ("UPDATE_APP_TO_LOGIN", 406, SourceRefusedError, "newer program"),
        ("TAKEOUT_REQUIRED", 400, SourceRefusedError, "data export"),
        ("CHANNEL_PRIVATE", 400, SourceRefusedError, "refuses `auth.sendCode`: `CHANNEL_PRIVATE`"),
        ("FROZEN_METHOD_INVALID", 420, SourceRefusedError, "`FROZEN_METHOD_INVALID`"),
        ("A_NEW_WORD", 403, SourceRefusedError, "refuses `auth.sendCode`: `A_NEW_WORD`"),
    ],
)
def test_what_telegram_says_is_told_with_a_way_out(word: str, code: int, kind: type, text: str) -> None:
    error = told(from_server(word, code), now=NOON, source="phone")

    assert type(error) is kind
    assert text in str(error)
    assert error.hint
    assert SECRET not in all_texts(error)
    assert "1234567" not in all_texts(error) or "+43 664 1234567" in str(error.hint)


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (ConnectionRefusedError(111, "Connection refused"), SourceUnavailableError, "reached: connection refused"),
        (ConnectionError("Connection to Telegram failed 5 time(s)"), SourceUnavailableError, "connection was lost"),
        (TimeoutError(), SourceUnavailableError, "connection was lost"),
        (asyncio.IncompleteReadError(b"", 4), SourceUnavailableError, "connection was lost"),
        (asyncio.CancelledError(), SourceUnavailableError, "connection was lost"),
        (errors.InvalidBufferError(b"\x53\xfe\xff\xff"), SourceUnavailableError, "connection was lost"),
        (errors.InvalidChecksumError(1, 2), SourceUnavailableError, "connection was lost"),
        (struct.error("unpack_from requires a buffer"), SourceUnavailableError, "connection was lost"),
        (zlib.error(), SourceUnavailableError, "connection was lost"),
        (errors.SecurityError(), SourceUnavailableError, "not from the server"),
        (errors.TypeNotFoundError(1, SECRET.encode()), SourceUnavailableError, "newer kind"),
        (errors.BadMessageError(REQUEST, 16), SourceUnavailableError, "does not accept the connection"),
        (errors.AuthKeyNotFound(), NotSignedInError, "does not know the session"),
    ],
)
def test_what_the_network_does_is_told_with_a_way_out(error: BaseException, kind: type, text: str) -> None:
    with pytest.raises(SourceError) as caught, translated(lambda: NOON, source="phone"):
        raise error

    assert isinstance(error, FOREIGN)
    assert type(caught.value) is kind
    assert text in str(caught.value)
    assert caught.value.hint
    assert SECRET not in all_texts(caught.value)


def test_a_wait_is_told_as_a_moment_on_the_readers_clock() -> None:
    error = told(from_server("FLOOD_WAIT_3600", 420), now=NOON, source="phone")

    assert f"until {datetime(2026, 11, 23, 13, tzinfo=UTC).astimezone():%Y-%m-%d %H:%M:%S %Z} " in str(error)


def test_a_wait_at_the_login_is_told_in_words_of_the_login() -> None:
    error = told(from_server("FLOOD_WAIT_3600", 420), now=NOON, source="phone")

    assert str(error).endswith(" before it sends a code")
    assert "auth." not in str(error)
    assert "nothing that was read" not in str(error.hint)


def test_a_session_that_was_ended_has_the_commands_with_the_sources_name() -> None:
    error = told(from_server("SESSION_REVOKED", 401), now=NOON, source="phone")

    assert error.hint == "log in again: `tgvault logout phone`, then `tgvault login phone`"


def test_a_wait_that_calendars_have_no_room_for_is_told_as_a_long_one() -> None:
    error = told(from_server(f"FLOOD_WAIT_{10**30}", 420), now=NOON, source="phone")

    assert isinstance(error, SourceDelayedError)
    assert f"{later(NOON, 10**400):%Y}" == "2126"
    assert "until 2126-" in str(error)


def test_an_answer_that_cannot_be_read_names_what_was_asked_for() -> None:
    error = told(UnreadableAnswerError(REQUEST), now=NOON, source="phone")

    assert type(error) is SourceUnavailableError
    assert "`auth.sendCode` is of a kind that this version cannot read" in str(error)
    assert error.hint == "use a newer tgvault"
    assert SECRET not in all_texts(error)


def test_a_word_without_an_end_is_cut() -> None:
    assert word_of(from_server("X" * 1_000_000)) == "X" * 200


def test_the_request_does_not_stay_with_the_error() -> None:
    with pytest.raises(SourceError) as caught, translated(lambda: NOON, source="phone"):
        raise from_server("PHONE_NUMBER_INVALID")

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ZeroDivisionError), translated(lambda: NOON, source="phone"):
        raise ZeroDivisionError


def test_a_task_that_is_told_to_stop_stops() -> None:
    async def work() -> None:
        with translated(lambda: NOON, source="phone"):
            await asyncio.Event().wait()

    async def stop() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stop())


def test_methods_and_errors_have_the_names_that_telegram_gives_them() -> None:
    assert method_of(REQUEST) == "auth.sendCode"
    assert method_of(functions.PingRequest(1)) == "ping"
    assert method_of(functions.InvokeWithLayerRequest(1, functions.help.GetConfigRequest())) == "help.getConfig"
    assert word_of(from_server("CHANNEL_PRIVATE")) == "CHANNEL_PRIVATE"
    assert word_of(from_server("NEVER_HEARD_OF")) == "NEVER_HEARD_OF"
    assert word_of(from_server("FILE_MIGRATE_4", 303)) == "FILE_MIGRATE"
