"""Logging in with the real client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.network.connection import ConnectionTcpAbridged, ConnectionTcpFull, ConnectionTcpIntermediate
from telethon.sessions import MemorySession
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import API_HASH, API_ID, loopback_client, with_client, with_login
from tgvault.testing.telegram.demo import BOT_TOKEN


async def login(client: TelegramClient, server: LoopbackServer) -> Any:
    await client.send_code_request(server.account.phone)
    return await client.sign_in(server.account.phone, server.account.code)


@pytest.mark.parametrize("transport", [ConnectionTcpFull, ConnectionTcpAbridged, ConnectionTcpIntermediate])
def test_a_client_logs_in_by_phone_and_code(telegram: LoopbackServer, transport: type) -> None:
    me = with_client(telegram, lambda client: login(client, telegram), connection=transport)

    assert (me.first_name, me.is_self) == ("Ada", True)


def test_a_wrong_code_is_refused(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        await client.send_code_request(telegram.account.phone)
        await client.sign_in(telegram.account.phone, "99999")

    with pytest.raises(errors.PhoneCodeInvalidError):
        with_client(telegram, do)


def test_a_password_is_asked_for_and_checked(telegram: LoopbackServer) -> None:
    telegram.account.password = "open sesame"

    async def do(client: TelegramClient) -> Any:
        with pytest.raises(errors.SessionPasswordNeededError):
            await login(client, telegram)
        with pytest.raises(errors.PasswordHashInvalidError):
            await client.sign_in(password="open barley")
        return await client.sign_in(password="open sesame")

    assert with_client(telegram, do).first_name == "Ada"


def test_a_session_survives_the_connection_and_a_restart(telegram: LoopbackServer) -> None:
    session = MemorySession()

    async def do(client: TelegramClient) -> None:
        await login(client, telegram)

    with_client(telegram, do, session=session)
    telegram.stop()
    telegram.start()

    assert with_client(telegram, lambda client: client.is_user_authorized(), session=session)
    assert "auth.sendCode" in telegram.calls.counts()


def test_a_bot_logs_in_by_its_token(telegram: LoopbackServer) -> None:
    me = with_client(telegram, lambda client: client.sign_in(bot_token=BOT_TOKEN))

    assert (me.first_name, me.bot, me.is_self) == ("Helper", True, True)


def test_a_number_of_another_data_centre_moves_the_client_there(telegram: LoopbackServer) -> None:
    session = MemorySession()
    session.set_dc(4, *telegram.places[4])

    me = with_client(telegram, lambda client: login(client, telegram), session=session)

    assert me.first_name == "Ada"
    assert session.dc_id == telegram.account.dc


def test_a_qr_code_is_accepted_by_another_device(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> Any:
        shown = await client.qr_login()
        waiting = asyncio.ensure_future(shown.wait(timeout=5))
        await asyncio.sleep(0)
        telegram.accept_login()
        return await waiting

    assert with_client(telegram, do, receive_updates=True).first_name == "Ada"


def test_a_qr_code_is_accepted_after_it_was_asked_for_several_times(telegram: LoopbackServer) -> None:
    telegram.world.logins.accept_after = 2

    async def do(client: TelegramClient) -> list[str]:
        request = functions.auth.ExportLoginTokenRequest(API_ID, API_HASH, [])
        return [type(await client(request)).__name__ for _ in range(3)]

    assert with_client(telegram, do) == ["LoginToken", "LoginToken", "LoginTokenSuccess"]


def test_a_qr_code_shown_at_another_data_centre_moves_the_client_home(telegram: LoopbackServer) -> None:
    telegram.world.logins.accept_after = 0
    session = MemorySession()
    session.set_dc(4, *telegram.places[4])

    async def do(client: TelegramClient) -> Any:
        moved = await client(functions.auth.ExportLoginTokenRequest(API_ID, API_HASH, []))
        await client._switch_dc(moved.dc_id)
        return await client(functions.auth.ImportLoginTokenRequest(moved.token))

    assert with_client(telegram, do, session=session).authorization.user.first_name == "Ada"


def test_a_qr_login_asks_for_the_password_too(telegram: LoopbackServer) -> None:
    telegram.world.logins.accept_after = 0
    telegram.account.password = "open sesame"

    async def do(client: TelegramClient) -> Any:
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.qr_login()
        return await client.sign_in(password="open sesame")

    assert with_client(telegram, do).first_name == "Ada"


def test_a_session_that_was_ended_is_told_so(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        await login(client, telegram)
        telegram.end_sessions("SESSION_REVOKED")
        await client(functions.updates.GetStateRequest())

    with pytest.raises(errors.SessionRevokedError):
        with_client(telegram, do)


def test_logging_out_ends_the_session(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> Any:
        await login(client, telegram)
        await client(functions.auth.LogOutRequest())
        return await client.get_me()

    assert with_client(telegram, do) is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"phone_number": "+499"}, errors.PhoneCodeExpiredError),
        ({"phone_code_hash": "other"}, errors.PhoneCodeExpiredError),
        ({"phone_code": ""}, errors.PhoneCodeEmptyError),
    ],
)
def test_a_login_has_to_fit_the_code_that_was_sent(telegram: LoopbackServer, change: Any, error: Any) -> None:
    async def do(client: TelegramClient) -> None:
        sent = await client.send_code_request(telegram.account.phone)
        fields = {
            "phone_number": telegram.account.phone,
            "phone_code_hash": sent.phone_code_hash,
            "phone_code": "12345",
        }
        await client(functions.auth.SignInRequest(**(fields | change)))

    with pytest.raises(error):
        with_client(telegram, do)


def test_a_number_that_nobody_has_is_refused(telegram: LoopbackServer) -> None:
    with pytest.raises(errors.PhoneNumberInvalidError):
        with_client(telegram, lambda client: client.send_code_request("+499"))


def test_a_wrong_token_of_a_bot_is_refused(telegram: LoopbackServer) -> None:
    with pytest.raises(errors.AccessTokenInvalidError):
        with_client(telegram, lambda client: client.sign_in(bot_token="1:no"))


def test_a_bot_at_another_data_centre_is_moved_home(telegram: LoopbackServer) -> None:
    session = MemorySession()
    session.set_dc(4, *telegram.places[4])

    me = with_client(telegram, lambda client: client.sign_in(bot_token=BOT_TOKEN), session=session)

    assert (me.first_name, session.dc_id) == ("Helper", 2)


def test_authorizations_go_from_one_data_centre_to_another_once(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        with pytest.raises(errors.DcIdInvalidError):
            await client(functions.auth.ExportAuthorizationRequest(2))
        exported = await client(functions.auth.ExportAuthorizationRequest(4))
        taken = functions.auth.ImportAuthorizationRequest(exported.id, exported.bytes)
        await client(taken)
        await client(taken)

    with pytest.raises(errors.AuthBytesInvalidError):
        with_login(telegram, do)


def test_a_client_accepts_the_login_of_another(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> Any:
        other = loopback_client(telegram, receive_updates=True)
        await other.connect()
        try:
            shown = await other.qr_login()
            waiting = asyncio.ensure_future(shown.wait(timeout=5))
            await client(functions.auth.AcceptLoginTokenRequest(shown.token))
            return await waiting
        finally:
            await other.disconnect()

    assert with_login(telegram, do).first_name == "Ada"


def test_a_token_that_nobody_shows_is_refused(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        for request in (functions.auth.AcceptLoginTokenRequest, functions.auth.ImportLoginTokenRequest):
            with pytest.raises(errors.AuthTokenInvalidError):
                await client(request(b"?"))

    with_login(telegram, do)


def test_a_client_may_end_all_other_sessions(telegram: LoopbackServer) -> None:
    session = MemorySession()

    async def do(client: TelegramClient) -> None:
        await client(functions.auth.ResetAuthorizationsRequest())

    with_login(telegram, lambda client: client.get_me(), session=session)
    with_login(telegram, do)

    assert with_client(telegram, lambda client: client.get_me(), session=session) is None


def test_the_password_is_asked_of_whom_it_concerns(telegram: LoopbackServer) -> None:
    check = functions.auth.CheckPasswordRequest
    wrong = types.InputCheckPasswordSRP(1, bytes(256), bytes(32))

    async def stranger(client: TelegramClient) -> None:
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(functions.account.GetPasswordRequest())
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(check(wrong))
        telegram.account.password = "open sesame"
        with pytest.raises(errors.SessionPasswordNeededError):
            await login(client, telegram)
        with pytest.raises(errors.PasswordHashInvalidError):
            await client(check(types.InputCheckPasswordEmpty()))
        with pytest.raises(errors.SrpIdInvalidError):
            await client(check(wrong))

    async def owner(client: TelegramClient) -> Any:
        return await client(functions.account.GetPasswordRequest())

    assert with_login(telegram, owner).has_password is False
    with_client(telegram, stranger)
