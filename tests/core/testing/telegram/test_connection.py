"""What the server does below the methods."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.errors import AuthKeyNotFound
from telethon.sessions import MemorySession
from telethon.tl import functions, types
from telethon.tl.tlobject import TLRequest

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import log_in, loopback_client, with_client, with_login
from tgvault.testing.telegram.faults import Delay, Drop, Fault, ForgetKey, NewSalt, NoAnswer

STATE = functions.updates.GetStateRequest


def test_several_requests_come_in_one_container(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> list[Any]:
        return await client([STATE(), functions.help.GetNearestDcRequest(), STATE()])

    answers = with_login(telegram, do)

    assert [type(each).__name__ for each in answers] == ["State", "NearestDc", "State"]


def test_a_long_request_comes_compressed(telegram: LoopbackServer) -> None:
    ids = [types.InputUserSelf()] * 1000

    users = with_login(telegram, lambda client: client(functions.users.GetUsersRequest(ids)))

    assert len(users) == 1000


def test_pings_and_salts_are_answered(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> tuple[Any, Any, Any]:
        pong = await client(functions.PingRequest(17))
        late = await client(functions.PingDelayDisconnectRequest(18, 75))
        return pong, late, await client(functions.GetFutureSaltsRequest(1))

    pong, late, salts = with_login(telegram, do, receive_updates=True)

    assert (pong.ping_id, late.ping_id, len(salts.salts)) == (17, 18, 1)


def test_what_nobody_answers_is_refused(telegram: LoopbackServer) -> None:
    request = functions.messages.SendMessageRequest(types.InputPeerSelf(), "no")

    with pytest.raises(errors.InputMethodInvalidError):
        with_login(telegram, lambda client: client(request))


def test_who_is_not_logged_in_is_told_so(telegram: LoopbackServer) -> None:
    with pytest.raises(errors.AuthKeyUnregisteredError):
        with_client(telegram, lambda client: client(STATE()))


@pytest.mark.parametrize("dropped", [0, 10, 100_000])
def test_a_connection_that_is_cut_is_made_again(telegram: LoopbackServer, dropped: int) -> None:
    telegram.faults.add(Fault(Drop(dropped), method="updates.getState", after=1))

    async def do(client: TelegramClient) -> Any:
        await client(STATE())
        return await client(STATE())

    state = with_login(telegram, do)

    assert isinstance(state, types.updates.State)
    assert [call.outcome for call in telegram.calls.all("updates.getState")].count("dropped") == 1


def test_a_salt_may_change_in_the_middle(telegram: LoopbackServer) -> None:
    telegram.faults.add(Fault(NewSalt(), method="updates.getState", after=1, times=2))

    async def do(client: TelegramClient) -> list[Any]:
        return [await client(STATE()) for _ in range(4)]

    assert len(with_login(telegram, do)) == 4
    assert telegram.calls.counts()["updates.getState"] == 4 + 2 + 1


def test_an_answer_may_come_late_while_others_do_not_wait(telegram: LoopbackServer) -> None:
    telegram.faults.add(Fault(Delay(0.2), method="help.getNearestDc"))

    async def do(client: TelegramClient) -> list[str]:
        order: list[str] = []

        async def ask(request: Any) -> None:
            order.append(type(await client(request)).__name__)

        await asyncio.gather(ask(functions.help.GetNearestDcRequest()), ask(STATE()))
        return order

    assert with_login(telegram, do) == ["State", "NearestDc"]


def test_an_answer_may_never_come(telegram: LoopbackServer) -> None:
    telegram.faults.add(Fault(NoAnswer(), method="help.getNearestDc"))

    async def do(client: TelegramClient) -> None:
        await asyncio.wait_for(client(functions.help.GetNearestDcRequest()), 0.1)

    with pytest.raises(asyncio.TimeoutError):
        with_login(telegram, do)


def test_a_key_may_be_forgotten(telegram: LoopbackServer) -> None:
    session = MemorySession()

    async def login(client: TelegramClient) -> None:
        await log_in(client, telegram)

    with_client(telegram, login, session=session)
    telegram.forget_keys()

    with pytest.raises(AuthKeyNotFound):
        with_client(telegram, lambda client: client(STATE()), session=session)


def test_a_key_may_be_forgotten_in_the_middle(telegram: LoopbackServer) -> None:
    telegram.faults.add(Fault(ForgetKey(), method="help.getNearestDc"))

    with pytest.raises(AuthKeyNotFound):
        with_login(telegram, lambda client: client(functions.help.GetNearestDcRequest()))


def test_a_client_that_breaks_the_protocol_is_cut_off(telegram: LoopbackServer) -> None:
    async def main() -> bytes:
        reader, writer = await asyncio.open_connection(*telegram.places[2])
        writer.write(b"\xee\xee\xee\xee" + (24).to_bytes(4, "little") + bytes(20) + b"\xff\xff\xff\xff")
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    assert asyncio.run(main()) == b""


def test_all_connections_can_be_cut_while_the_client_goes_on(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> Any:
        telegram.cut()
        return await client(STATE())

    assert isinstance(with_login(telegram, do), types.updates.State)


def test_a_mistake_of_the_server_is_raised_when_it_stops(telegram: LoopbackServer) -> None:
    del telegram.account.directory.users[1001]

    with pytest.raises(errors.RPCError, match="LOOPBACK_SERVER_FAILED"):
        with_login(telegram, lambda client: client(STATE()))
    with pytest.raises(ExceptionGroup, match="the loopback server failed"):
        telegram.stop()


def test_the_time_of_the_server_is_measured(telegram: LoopbackServer) -> None:
    before = telegram.busy_seconds

    with_login(telegram, lambda client: client(STATE()))
    used = telegram.busy_seconds - before
    telegram.stop()

    assert used > 0
    assert telegram.busy_seconds >= before + used


def test_a_client_without_the_key_does_not_connect(telegram: LoopbackServer) -> None:
    from telethon.crypto import rsa

    rsa._server_keys.clear()

    with pytest.raises(ConnectionError):
        asyncio.run(loopback_client(telegram).connect())


class Unknown(TLRequest):
    """A request of a schema that nobody has."""

    def _bytes(self) -> bytes:
        return b"\x01\x02\x03\x04"


def test_what_cannot_be_read_is_refused(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        await client._sender.send(Unknown())

    with pytest.raises(errors.InputMethodInvalidError):
        with_login(telegram, do)


def test_messages_about_messages_are_answered(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> tuple[Any, Any]:
        gone = await client._sender.send(functions.DestroySessionRequest(5))
        return gone, await client._sender.send(functions.RpcDropAnswerRequest(7))

    gone, dropped = with_login(telegram, do)

    assert isinstance(gone, types.DestroySessionNone)
    assert isinstance(dropped, types.RpcAnswerUnknown)


def test_many_sessions_of_one_key_do_not_pile_up(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        for _ in range(70):
            client._sender._state.reset()
            await client(STATE())

    with_login(telegram, do)

    assert len(telegram.world.keys.all()[0].sessions) == 64


def test_a_taken_port_is_told(telegram: LoopbackServer) -> None:
    other = LoopbackServer(telegram.account)

    with pytest.raises(OSError, match="in use"):
        other.start(first_port=telegram.places[2][1])


def test_ports_may_be_chosen_and_a_stopped_server_may_be_stopped(telegram: LoopbackServer) -> None:
    places = telegram.places
    telegram.stop()
    telegram.stop()

    with telegram:
        assert telegram.places == places
