"""What comes in is never more than Telegram sends; what Telegram sends comes in."""

from __future__ import annotations

import asyncio
import gzip
import logging
import struct
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from telethon.crypto import AuthKey
from telethon.extensions import BinaryReader
from telethon.tl import TLObject
from telethon.tl.core import GzipPacked, MessageContainer, RpcResult
from telethon.tl.types import Message, MessageEntityBold, PeerUser, messages, storage, upload

from account_support import API_HASH, now, quickly
from tgvault.api import SourceUnavailableError
from tgvault.testing.telegram.sealing import seal
from tgvault_plugins.takeout.bounds import LARGEST_ANSWER, LARGEST_PACKET, BoundedConnection, unpacking
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.connecting import connect
from tgvault_plugins.takeout.keys import TELEGRAM
from tgvault_plugins.takeout.sender import AccountSender
from tgvault_plugins.takeout.session import AccountSession

MIB = 1 << 20
SILENT = logging.getLogger("tgvault.telethon")


def zipped(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID) + bytes(TLObject.serialize_bytes(gzip.compress(data, 9)))
    return data


def answering(body: bytes) -> bytes:
    return struct.pack("<Iq", RpcResult.CONSTRUCTOR_ID, 5) + body


def contained(*parts: bytes) -> bytes:
    head = struct.pack("<Ii", MessageContainer.CONSTRUCTOR_ID, len(parts))
    return head + b"".join(struct.pack("<qii", 5 + 4 * n, 1, len(part)) + part for n, part in enumerate(parts))


def read(data: bytes) -> Any:
    with unpacking():
        return BinaryReader(data).tgread_object()


def peak_of(act: Callable[[], object]) -> int:
    """Bytes that were taken at most meanwhile."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# Packets


def first_packet(length: int) -> Any:
    """What a connection makes of a packet that is said to have so many bytes, of which nothing comes."""

    async def work() -> Any:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(struct.pack("<ii", length, 0))
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1") as server:
            host, port = server.sockets[0].getsockname()
            connection = BoundedConnection(host, port, 2, loggers=defaultdict(lambda: SILENT))
            await connection.connect(timeout=5)
            try:
                return await connection.recv()
            finally:
                await connection.disconnect()

    return asyncio.run(work())


@pytest.mark.parametrize("length", [LARGEST_PACKET + 9, 1 << 30, (1 << 31) - 1])
def test_a_packet_that_is_too_large_ends_the_connection_before_any_of_it_is_read(length: int) -> None:
    with pytest.raises(ConnectionError, match="larger than any"):
        first_packet(length)


def test_a_packet_that_may_be_is_waited_for() -> None:
    with pytest.raises(EOFError):
        first_packet(LARGEST_PACKET)


def test_whoever_answers_in_telegrams_place_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)
    written = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.read(100)
        writer.write(struct.pack("<ii", (1 << 31) - 1, 0))
        try:
            while written < 256 * MIB:
                writer.write(bytes(MIB))
                await writer.drain()
                written += MIB
        except ConnectionError:
            writer.close()

    async def work() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1") as server:
            port = server.sockets[0].getsockname()[1]
            await connect(TakeoutConfig(server=f"127.0.0.1:{port}"), AccountSession(1, API_HASH), now=now)

    with pytest.raises(SourceUnavailableError):
        asyncio.run(work())
    assert written < 64 * MIB


# What packets unpack to


def test_a_page_of_the_longest_messages_and_a_large_part_of_a_file_are_read() -> None:
    text, bold = "🦉" * 4096, [MessageEntityBold(each, 1) for each in range(100)]
    page = messages.Messages(
        messages=[Message(id=each, peer_id=PeerUser(1), message=text, entities=bold) for each in range(100)],
        topics=[],
        chats=[],
        users=[],
    )._bytes()
    part = upload.File(storage.FileUnknown(), 0, bytes(MIB))._bytes()

    plain, packed = read(contained(answering(page), answering(part))).messages, read(answering(zipped(page)))

    assert (plain[0].obj.body, plain[1].obj.body, packed.body) == (page, part, page)
    assert 3 * len(page) < LARGEST_PACKET
    assert 3 * len(page) < LARGEST_ANSWER


def test_what_is_as_large_as_it_may_be_is_read() -> None:
    assert len(read(answering(zipped(bytes(LARGEST_ANSWER)))).body) == LARGEST_ANSWER


BOMB = zipped(bytes(200 * MIB))


@pytest.mark.parametrize(
    "packet",
    [
        answering(BOMB),
        BOMB,
        contained(answering(BOMB)),
        contained(*[answering(zipped(bytes(20 * MIB)))] * 50),
        zipped(zipped(bytes(20 * MIB)) + bytes(20 * MIB)),
    ],
)
def test_a_packet_that_unpacks_to_too_much_is_refused_while_it_does(packet: bytes) -> None:
    def act() -> None:
        with unpacking():
            made = BinaryReader(packet).tgread_object()
            while isinstance(made, GzipPacked):
                made = BinaryReader(made.data).tgread_object()

    def refused() -> None:
        with pytest.raises(ConnectionError, match="unpacks to more"):
            act()

    assert peak_of(refused) < 3 * LARGEST_ANSWER


def test_answers_in_a_container_have_only_what_is_their_own() -> None:
    small = answering(bytes(24))
    packet = contained(*[small] * 50_000)

    assert {bytes(each.obj.body) for each in read(packet).messages[:10]} == {bytes(24)}
    assert peak_of(lambda: read(packet)) < 128 * MIB


def test_containers_in_containers_come_to_an_end() -> None:
    packet = bytes(MIB)
    for _ in range(100):
        packet = contained(packet)

    with pytest.raises(ConnectionError, match="unpacks to more"):
        read(packet)


def test_what_is_cut_off_is_no_answer() -> None:
    packed = TLObject.serialize_bytes(gzip.compress(bytes(10_000))[:-12])

    with pytest.raises(BufferError, match="cut off"):
        read(struct.pack("<I", GzipPacked.CONSTRUCTOR_ID) + packed)


def test_others_in_the_process_are_not_bound() -> None:
    assert len(BinaryReader(BOMB).tgread_object().data) == 200 * MIB


def test_the_bound_holds_for_what_a_sender_decrypts() -> None:
    key = AuthKey(bytes(range(256)))

    async def work() -> None:
        state = AccountSender(key, keys=TELEGRAM, loggers=defaultdict(lambda: SILENT))._state
        bomb = answering(BOMB)
        plain = struct.pack("<qqqii", 0, state.id, 1, 1, len(bomb)) + bomb
        with pytest.raises(ConnectionError, match="unpacks to more"):
            state.decrypt_message_data(seal(plain, key=key.key, key_id=struct.pack("<Q", key.key_id)))

    asyncio.run(work())
