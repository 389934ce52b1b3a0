"""How much may come in at once: the size of a packet, and what it unpacks to.

Telethon takes packets of two gigabytes from anybody, and unpacks a thousand times what it got.
"""

from __future__ import annotations

import zlib
from asyncio import StreamReader
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from telethon.extensions import BinaryReader
from telethon.network import ConnectionTcpFull
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.tl.core import GzipPacked, MessageContainer, TLMessage

__all__ = ["LARGEST_ANSWER", "LARGEST_PACKET", "BoundedConnection", "unpacking"]

#: Bytes. No string of the protocol, and so no compressed answer, has 16 MiB (its length has three bytes); the rest is
#: what is around it. A page of a hundred of the longest messages has 3 MiB, a part of a file 1 MiB.
LARGEST_PACKET = (16 << 20) + (64 << 10)
#: Bytes that one packet may unpack to in all.
LARGEST_ANSWER = 32 << 20

#: Bytes that may still be unpacked; None where nobody has set a bound: other users of Telethon in the process.
_left: ContextVar[int | None] = ContextVar("left", default=None)


@contextmanager
def unpacking() -> Iterator[None]:
    """Let Telethon unpack no more than a packet may meanwhile, or within another such block what is left of it.

    More raises ConnectionError.
    """
    left = _left.get()
    token = _left.set(LARGEST_ANSWER if left is None else left)
    try:
        yield
    finally:
        _left.reset(token)


class BoundedConnection(ConnectionTcpFull):  # type: ignore[misc]  # Telethon is not typed
    """A connection that takes no larger packets, and writes nothing to a server that is gone."""

    class packet_codec(FullPacketCodec):  # type: ignore[misc]  # noqa: N801  # the name is Telethon's
        """Reads packets of a bounded size."""

        async def read_packet(self, reader: StreamReader) -> bytes:
            """Read one packet.

            Raises:
                ConnectionError: it is too large; nothing of it was read.
            """
            packet: bytes = await super().read_packet(_Bounded(reader))
            return packet

    def _send(self, data: bytes) -> None:
        # asyncio would warn on the standard error output, once for each packet.
        if self._writer.is_closing():
            raise ConnectionResetError("the connection was lost")
        super()._send(data)


class _Bounded:
    """What Telethon needs of a stream."""

    def __init__(self, reader: StreamReader) -> None:
        self._reader = reader

    async def readexactly(self, amount: int) -> bytes:
        """Read so many bytes, if they are not too many for a packet."""
        if amount > LARGEST_PACKET:
            raise ConnectionError(f"a packet of {amount} bytes is larger than any of Telegram's")
        return await self._reader.readexactly(amount)


def _charge(amount: int) -> None:
    left = _left.get()
    if left is not None:
        if amount > left:
            raise ConnectionError("an answer unpacks to more than any of Telegram's")
        _left.set(left - amount)


def _unpacked(reader: Any) -> GzipPacked:
    """Read what is compressed; in place of Telethon's own, which knows no bound."""
    left = _left.get()
    if left is None:
        return _read_packed(reader)
    unpacker = zlib.decompressobj(_GZIP)
    data = unpacker.decompress(reader.tgread_bytes(), left + 1)
    _charge(len(data))
    if not unpacker.eof:
        raise BufferError("what is compressed is cut off")
    return GzipPacked(data)


def _contained(reader: Any) -> MessageContainer:
    """Read a container; in Telethon's own each answer is a copy of all the rest, also of what is not its own."""
    messages = []
    for _ in range(reader.read_int()):
        number, sequence, length = reader.read_long(), reader.read_int(), reader.read_int()
        _charge(length)
        messages.append(TLMessage(number, sequence, BinaryReader(reader.read(length)).tgread_object()))
    return MessageContainer(messages)


#: How zlib is told that a header of gzip comes.
_GZIP = zlib.MAX_WBITS | 16

_read_packed = GzipPacked.from_reader
GzipPacked.from_reader = _unpacked
MessageContainer.from_reader = _contained
