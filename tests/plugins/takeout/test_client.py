"""The client over real MTProto: other data centres, lost connections, and what it does not do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from telethon.errors import FloodWaitError, RPCError
from telethon.tl import functions

from account_support import API_HASH, ada, now, quickly, serving
from takeout_client import SELF, Place
from tgvault.api import NotSignedInError, SourceUnavailableError
from tgvault.testing.telegram.faults import Fault, ForgetKey, NewSalt, NoAnswer, Refuse
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.connecting import connect, connected
from tgvault_plugins.takeout.failures import FOREIGN
from tgvault_plugins.takeout.session import AccountSession, load_session

# Connecting


def test_connecting_tells_whose_account_it_is_and_asks_for_no_updates(place: Place) -> None:
    async def work() -> None:
        async with place.client() as client:
            assert client.me is not None
            assert client.me.id == 5
            await client.call(SELF)

    asyncio.run(work())

    assert place.count("updates.getState") == place.count("updates.getDifference") == 0
    assert place.count("users.getUsers") == 2


def test_it_says_that_it_is_tgvault(place: Place) -> None:
    client = AccountClient(load_session(place.drawer, source="phone"))

    assert client._init_request.device_model == "tgvault"
    assert client._init_request.app_version[0].isdigit()
    assert client._raise_last_call_error
    assert client.flood_sleep_threshold == 0


def test_an_address_of_the_newer_kind_is_used_as_such() -> None:
    session = AccountSession(1, API_HASH)
    session.set_dc(2, "::1", 443)

    assert AccountClient(session)._use_ipv6


def test_a_connection_that_was_cut_is_made_anew(place: Place) -> None:
    async def work() -> Any:
        async with place.client() as client:
            place.server.cut()
            return await client.call(SELF)

    assert asyncio.run(work())[0].id == 5


def test_a_client_can_be_opened_again_after_it_gave_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)

    async def work() -> Any:
        async with place.client() as client:
            place.server.stop()
            with pytest.raises(FOREIGN):
                await client.call(SELF)
            place.server.start()
            await client.open()
            return await client.call(SELF)

    assert asyncio.run(work())[0].id == 5


def test_an_answer_that_does_not_come_is_not_waited_for(place: Place) -> None:
    place.server.faults.add(Fault(NoAnswer(), "users.getUsers", after=1))

    async def work() -> Any:
        async with place.client(patience=0.3) as client:
            with pytest.raises(TimeoutError):
                await client.call(SELF)
            return await client.call(SELF)

    assert asyncio.run(work())[0].id == 5


def test_a_server_that_says_nothing_is_not_waited_for(place: Place) -> None:
    place.server.faults.add(Fault(NoAnswer(), times=None))

    async def work() -> None:
        await connect(place.config, load_session(place.drawer, source="phone"), now=now, patience=0.2)

    with pytest.raises(SourceUnavailableError):
        asyncio.run(work())


def test_another_salt_is_taken(place: Place) -> None:
    place.server.faults.add(Fault(NewSalt(), "users.getUsers", after=1))

    async def work() -> Any:
        async with place.client() as client:
            return await client.call(SELF)

    assert asyncio.run(work())[0].id == 5


def test_what_happens_while_connected_is_told_in_our_words(place: Place) -> None:
    async def work() -> None:
        async with connected(place.config, load_session(place.drawer, source="phone"), now=now) as client:
            place.server.end_sessions("SESSION_REVOKED")
            await client.call(SELF)

    with pytest.raises(NotSignedInError, match="from another device"):
        asyncio.run(work())


# Waits


def test_a_wait_holds_up_nothing_but_what_it_is_for(place: Place) -> None:
    place.server.faults.add(Fault(Refuse("FLOOD_WAIT_1000"), "users.getUsers", after=1))
    wrapped = functions.InvokeWithLayerRequest(1, SELF)

    async def work() -> Any:
        async with place.client() as client:
            with pytest.raises(FloodWaitError) as caught:
                await client.call(wrapped)
            assert caught.value.seconds == 1000
            return await client.call(functions.InvokeWithLayerRequest(1, functions.help.GetConfigRequest()))

    assert asyncio.run(work()).this_dc == 2


# Other data centres


def test_another_data_centre_is_logged_in_to_once_and_never_again(place: Place) -> None:
    async def work() -> list[Any]:
        async with place.client() as client:
            first = await asyncio.gather(*(client.call_at(4, SELF) for _ in range(4)))
        async with place.client() as client:
            return [*first, await client.call_at(4, SELF)]

    answers = asyncio.run(work())

    assert [answer[0].id for answer in answers] == [5] * 5
    assert place.count("auth.exportAuthorization") == place.count("auth.importAuthorization") == 1
    assert {call.dc for call in place.server.calls.all("users.getUsers")} == {2, 4}


def test_the_home_is_asked_without_detours(place: Place) -> None:
    async def work() -> Any:
        async with place.client() as client:
            return await client.call_at(2, SELF)

    assert asyncio.run(work())[0].id == 5
    assert place.count("auth.exportAuthorization") == 0


def test_several_requests_that_are_refused_log_in_again_once(place: Place) -> None:
    place.server.faults.add(Fault(Refuse("AUTH_KEY_UNREGISTERED"), "users.getUsers", times=3, dc=4))

    async def work() -> list[Any]:
        async with place.client() as client:
            return await asyncio.gather(*(client.call_at(4, SELF) for _ in range(3)))

    answers = asyncio.run(work())

    assert [answer[0].id for answer in answers] == [5] * 3
    assert place.count("auth.exportAuthorization") == 2


def test_a_session_that_is_over_is_not_logged_in_again_elsewhere(place: Place) -> None:
    async def work() -> None:
        async with place.client() as client:
            await client.call_at(4, SELF)
            place.server.end_sessions("AUTH_KEY_UNREGISTERED")
            await client.call_at(4, SELF)

    with pytest.raises(RPCError):
        asyncio.run(work())


def test_a_key_that_another_data_centre_forgot_is_replaced(place: Place) -> None:
    place.server.faults.add(Fault(ForgetKey(), "users.getUsers", after=1, dc=4))

    async def work() -> Any:
        async with place.client() as client:
            await client.call_at(4, SELF)
            return await client.call_at(4, SELF)

    assert asyncio.run(work())[0].id == 5
    assert place.count("auth.exportAuthorization") == 2


def test_a_key_that_was_forgotten_between_two_runs_is_replaced(place: Place) -> None:
    async def work() -> Any:
        async with place.client() as client:
            await client.call_at(4, SELF)
        for key in place.server.world.keys.all():
            if key.dc == 4:
                place.server.world.keys.forget(key)
        async with place.client() as client:
            await client.call_at(4, SELF)
        async with place.client() as client:
            return await client.call_at(4, SELF)

    assert asyncio.run(work())[0].id == 5
    assert place.count("auth.exportAuthorization") == 2


def test_a_connection_elsewhere_that_was_given_up_is_mended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)

    async def work() -> Any:
        async with place.client() as client:
            await client.call_at(4, SELF)
            place.server.stop()
            with pytest.raises(FOREIGN):
                await client.call_at(4, SELF)
            place.server.start()
            await client.open()
            return await client.call_at(4, SELF)

    assert asyncio.run(work())[0].id == 5
    assert place.count("auth.exportAuthorization") == 1


def test_a_login_elsewhere_that_fails_leaves_nothing_behind(place: Place) -> None:
    place.server.faults.add(Fault(Refuse("AUTH_BYTES_INVALID"), "auth.importAuthorization"))

    async def work() -> Any:
        async with place.client() as client:
            with pytest.raises(RPCError):
                await client.call_at(4, SELF)
            return await client.call_at(4, SELF)

    assert asyncio.run(work())[0].id == 5
    assert load_session(place.drawer, source="phone").key_at(4) is not None


def test_the_network_for_files_is_asked_as_nobody_over_one_connection(place: Place) -> None:
    request = functions.upload.GetCdnFileRequest(b"nothing of that name", 0, 4096)

    async def work() -> None:
        async with place.client() as client:
            for _ in range(2):
                with pytest.raises(RPCError):
                    await client.call_cdn(203, request)

    asyncio.run(work())

    assert len([key for key in place.server.world.keys.all() if key.dc == 203]) == 1
    assert len(place.server.calls.all("upload.getCdnFile")) == 2
    assert place.count("auth.exportAuthorization") == 0


def test_a_data_centre_that_there_is_not_is_told_of(place: Place) -> None:
    async def work() -> None:
        async with place.client() as client:
            await client.call_at(3, SELF)

    with pytest.raises(SourceUnavailableError, match="data centre 3"):
        asyncio.run(work())


def test_one_server_is_not_looked_for_where_another_one_was(tmp_path: Path) -> None:
    async def work(place: Place) -> Any:
        await place.log_in()
        async with place.client() as client:
            return await client.call_at(4, SELF)

    for _ in range(2):
        with serving(ada()) as server:
            assert asyncio.run(work(Place(server, tmp_path)))[0].id == 5
