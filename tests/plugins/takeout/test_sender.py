"""A connection sends nothing again by itself, keeps nothing that nobody asked for, and trusts its own keys alone."""

from __future__ import annotations

import asyncio
import gzip
import logging
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rsa import PublicKey
from telethon.crypto import rsa
from telethon.errors import AuthKeyNotFound, RPCError, SecurityError
from telethon.network import MTProtoSender
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import TLObject, functions, types
from telethon.tl.core import GzipPacked

from account_support import API_HASH, Person, ada, now, quickly, serving
from takeout_client import SELF, Place
from tgvault.testing.telegram import LoopbackServer, handshake, rsa_key
from tgvault.testing.telegram.connection import Connection
from tgvault.testing.telegram.faults import Drop, Fault, ForgetKey, NewSalt, NoAnswer
from tgvault.testing.telegram.methods import METHODS
from tgvault.testing.telegram.packing import Piece
from tgvault.testing.telegram.tl import Encoded
from tgvault_plugins.takeout.client import AccountClient
from tgvault_plugins.takeout.login import login
from tgvault_plugins.takeout.program import API_HASH_VARIABLE
from tgvault_plugins.takeout.sender import CORRECTIONS

WHATEVER = functions.upload.GetCdnFileRequest(b"nothing of that name", 0, 4096)


# Sending once


def test_what_a_connection_was_lost_with_is_not_sent_again(place: Place) -> None:
    place.server.faults.add(Fault(Drop(), "help.getNearestDc", times=None))

    async def work() -> None:
        async with place.client() as client:
            with pytest.raises(ConnectionError):
                await client.call_at(2, functions.help.GetNearestDcRequest())

    asyncio.run(work())

    assert place.count("help.getNearestDc") == 1


def test_elsewhere_it_is_not_sent_again_either(place: Place) -> None:
    place.server.faults.add(Fault(Drop(), "help.getNearestDc", times=None))

    async def work() -> None:
        async with place.client() as client:
            with pytest.raises(ConnectionError):
                await client.call_at(4, functions.help.GetNearestDcRequest())

    asyncio.run(work())

    assert place.count("help.getNearestDc") == 1


def test_what_has_no_pause_of_its_own_is_sent_twice_at_most(place: Place) -> None:
    place.server.faults.add(Fault(Drop(), "help.getNearestDc", times=None))

    async def work() -> None:
        async with place.client() as client:
            with pytest.raises(ConnectionError):
                await client.call(functions.help.GetNearestDcRequest())

    asyncio.run(work())

    assert place.count("help.getNearestDc") == 2


def test_everything_that_waits_fails_with_the_connection_and_can_be_asked_for_again(place: Place) -> None:
    place.server.faults.add(Fault(NoAnswer(), "help.getNearestDc", times=3))
    asked = functions.help.GetNearestDcRequest

    async def work() -> list[Any]:
        async with place.client(patience=5.0) as client:
            waiting = [asyncio.create_task(client.call_at(2, asked())) for _ in range(3)]
            while place.count("help.getNearestDc") < 3:
                await asyncio.sleep(0)
            client._sender.give_up()
            # It is on its way while the connection is being given up.
            waiting.append(asyncio.create_task(client.call_at(2, asked())))
            failed = await asyncio.gather(*waiting, return_exceptions=True)
            await client.open()
            return [*failed, await client.call_at(2, asked())]

    *failed, last = asyncio.run(work())

    assert [type(each) for each in failed] == [ConnectionError] * 4
    assert isinstance(last, types.NearestDc)
    assert place.count("help.getNearestDc") == 4


def test_what_nobody_waits_for_any_more_is_not_sent_again(place: Place) -> None:
    place.server.faults.add(Fault(NoAnswer(), "help.getNearestDc"))

    async def work() -> None:
        async with place.client(patience=0.1) as client:
            with pytest.raises(TimeoutError):
                await client.call_at(2, functions.help.GetNearestDcRequest())
            await client.call(SELF)

    asyncio.run(work())

    assert place.count("help.getNearestDc") == 1


def test_a_connection_elsewhere_is_made_anew_while_the_old_one_is_being_given_up(place: Place) -> None:
    async def work() -> list[Any]:
        async with place.client() as client:
            answers = []
            for _ in range(5):
                answers.append(await client.call_at(4, SELF))
                client._borrowed_senders[4][1].give_up()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                with suppress(ConnectionError):
                    await client.call_at(4, SELF)
            return answers

    assert [each[0].id for each in asyncio.run(work())] == [5] * 5


def test_a_key_that_is_forgotten_is_told_to_all_who_wait(place: Place) -> None:
    place.server.faults.add(Fault(ForgetKey(), "help.getNearestDc"))

    async def work() -> None:
        async with place.client() as client:
            with pytest.raises(AuthKeyNotFound):
                await client.call_at(2, functions.help.GetNearestDcRequest())

    asyncio.run(work())


def test_a_server_that_changes_its_salt_with_every_request_is_given_up(place: Place) -> None:
    place.server.faults.add(Fault(NewSalt(), "help.getNearestDc", times=None))

    async def work() -> None:
        async with place.client() as client:
            with pytest.raises(ConnectionError, match="again and again"):
                await client.call_at(2, functions.help.GetNearestDcRequest())

    asyncio.run(work())

    assert place.count("help.getNearestDc") == 1 + CORRECTIONS


def test_a_ping_that_was_lost_with_its_connection_does_not_end_the_next_one(place: Place) -> None:
    async def work() -> None:
        async with place.client() as client:
            client._sender._keepalive_ping(1)
            place.server.cut()
            await client.call(SELF)
            client._sender._keepalive_ping(2)
            await client.call_at(2, SELF)

    asyncio.run(work())


def test_nothing_is_said_when_a_server_is_gone(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        async with place.client() as client:
            place.server.cut()
            connection = client._sender._connection
            connection._writer.transport.abort()
            for _ in range(20):
                with pytest.raises(ConnectionError):
                    connection._send(b"1234")

    asyncio.run(work())

    # Nobody has set up asyncio's logger in the program: what is a warning goes to the standard error output.
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


class Slow(Person):
    """Answers when the connection is lost already."""

    def __init__(self, server: LoopbackServer, *answers: str) -> None:
        super().__init__(*answers)
        self._server = server

    def ask(self, question: str) -> str:
        self._server.cut()
        return super().ask(question)


def test_a_person_may_think_for_longer_than_the_connection_lasts(tmp_path: Path) -> None:
    with serving(ada()) as server:
        place = Place(server, tmp_path)
        talk = Slow(server, "+15550100", "12345")
        environment = {API_HASH_VARIABLE: API_HASH}

        who = asyncio.run(
            login(place.config, place.drawer, talk, way="phone", source="phone", now=now, environment=environment)
        )

    assert who.id == 5
    assert place.count("auth.sendCode") == place.count("auth.signIn") == 1


# What nobody asked for


def test_updates_that_nobody_follows_are_dropped_at_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    pushing(monkeypatch, types.UpdatesTooLong())

    async def work() -> int:
        async with place.client() as client:
            await client.call_at(2, SELF)
            await client.call_at(4, SELF)
            return int(client._updates_queue.qsize())

    assert asyncio.run(work()) == 0


def test_updates_that_are_followed_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    # The place of the loop that tells them on.
    monkeypatch.setattr(AccountClient, "_update_loop", no_loop)
    pushing(monkeypatch, types.UpdateShort(types.UpdateLoginToken(), None))

    async def work() -> None:
        async with place.client(updates=True) as client:
            await client.call(SELF)
            heard.append(client._updates_queue.get_nowait())

    asyncio.run(work())

    assert isinstance(heard[0], types.UpdateShort)


async def no_loop(_: AccountClient) -> None:
    """Take nothing out of the queue."""


def pushing(monkeypatch: pytest.MonkeyPatch, update: Any) -> None:
    """Have the server send an update with every answer, whether the client wants any or not."""
    carried_out = Connection._message

    def message(self: Connection, number: int, sequence: int, body: bytes, pieces: list[Piece], key: Any) -> None:
        carried_out(self, number, sequence, body, pieces, key)
        pieces.append(Piece(update._bytes(), answer=False))

    monkeypatch.setattr(Connection, "_message", message)


def test_an_answer_that_unpacks_to_too_much_fails_and_nothing_else_does(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = bytes(TLObject.serialize_bytes(gzip.compress(bytes(100 << 20), 9)))
    request = functions.help.GetNearestDcRequest
    answer = Encoded(struct.pack("<I", GzipPacked.CONSTRUCTOR_ID) + bomb)
    monkeypatch.setitem(METHODS, request, replace(METHODS[request], carry_out=lambda asked: answer))

    async def work() -> Any:
        async with place.client() as client:
            with pytest.raises((ConnectionError, RPCError)):
                await client.call_at(2, request())
            return await client.call(SELF)

    assert asyncio.run(work())[0].id == 5


# Keys


@pytest.fixture
def impostor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the servers own another key from now on; gives it and what changes to it."""
    mine = rsa_key._key
    # Of the same primes with another exponent, which makes another key; to look for primes takes seconds.
    public = PublicKey(mine.n, 257)
    private = pow(257, -1, (mine.p - 1) * (mine.q - 1))

    def open_block(block: bytes) -> bytes:
        return pow(int.from_bytes(block, "big"), private, mine.n).to_bytes(256, "big")[1:]

    def swap() -> None:
        monkeypatch.setattr(handshake, "FINGERPRINT", rsa._compute_fingerprint(public))
        monkeypatch.setattr(handshake, "open_block", open_block)

    return public, swap


def naming(monkeypatch: pytest.MonkeyPatch, *keys: types.CdnPublicKey) -> None:
    request = functions.help.GetCdnConfigRequest
    told = types.CdnConfig(list(keys))
    monkeypatch.setitem(METHODS, request, replace(METHODS[request], carry_out=lambda asked: told))


def test_who_owns_a_key_of_the_network_for_files_is_no_data_centre(
    place: Place, monkeypatch: pytest.MonkeyPatch, impostor: Any
) -> None:
    quickly(monkeypatch)
    public, swap = impostor
    naming(monkeypatch, types.CdnPublicKey(203, public.save_pkcs1().decode()))
    before = dict(rsa._server_keys)

    async def work() -> None:
        async with place.client() as client:
            swap()
            with pytest.raises(Exception, match="TOKEN"):
                await client.call_cdn(203, WHATEVER)
            with pytest.raises(SecurityError):
                await client.call_at(4, functions.help.GetConfigRequest())
            assert client.session.key_at(4) is None

    asyncio.run(work())

    assert place.count("auth.exportAuthorization") == 0
    assert rsa._server_keys == before


def test_a_key_of_one_server_for_files_is_not_good_for_another(
    place: Place, monkeypatch: pytest.MonkeyPatch, impostor: Any
) -> None:
    quickly(monkeypatch)
    public, swap = impostor
    naming(
        monkeypatch,
        types.CdnPublicKey(204, public.save_pkcs1().decode()),
        types.CdnPublicKey(203, place.server.public_key),
    )

    async def work() -> None:
        async with place.client() as client:
            swap()
            with pytest.raises(SecurityError):
                await client.call_cdn(203, WHATEVER)

    asyncio.run(work())


# What is Telethon's own


def test_telethon_is_as_it_was_where_it_is_replaced() -> None:
    replaced = ("_try_gen_auth_key", "_disconnect", "_pop_states", "_process_message", "_start_reconnect")

    assert all(name in vars(MTProtoSender) for name in replaced)
    assert "decrypt_message_data" in vars(MTProtoState)
    assert {"_pop_states"} <= set(MTProtoSender._handle_bad_server_salt.__code__.co_names)
    assert {"_pop_states"} <= set(MTProtoSender._handle_bad_notification.__code__.co_names)
