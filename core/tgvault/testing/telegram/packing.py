"""Service messages and containers, as the server sends them: https://core.telegram.org/mtproto/service_messages ."""

from __future__ import annotations

import gzip
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from telethon.tl import types
from telethon.tl.tlobject import TLObject

from tgvault.testing.telegram.refusal import Refusal

__all__ = ["MessageIds", "Piece", "error", "pack", "result", "unpack"]

_CONTAINER, _RPC_RESULT, _GZIPPED = 0x73F1F8DC, 0xF35C6D01, 0x3072CFA1
#: Shorter answers are not worth it; Telethon's own limit for what it sends.
_GZIP_FROM = 512


class MessageIds:
    """Ids of the server's messages: the time, rising, odd (https://core.telegram.org/mtproto/description#message-id)."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, *, answer: bool) -> int:
        """Give the next id: 1 modulo 4 for answers, 3 for what was not asked for."""
        now = time.time()
        fresh = (int(now) << 32 | int(now % 1 * 2**32)) & ~3
        self._last = max(fresh, (self._last & ~3) + 4) + (1 if answer else 3)
        return self._last


@dataclass(frozen=True, slots=True)
class Piece:
    """A message on its way to a client."""

    data: bytes = field(repr=False)
    #: The client has to acknowledge it.
    content: bool = True
    answer: bool = True


def result(message_id: int, data: bytes, *, compress: bool) -> Piece:
    """Answer a request; compressed where that pays."""
    head = struct.pack("<Iq", _RPC_RESULT, message_id)
    if compress and len(data) > _GZIP_FROM:
        # The lowest level: what is measured with this server is the client.
        data = struct.pack("<I", _GZIPPED) + TLObject.serialize_bytes(gzip.compress(data, 1, mtime=0))
    return Piece(head + data)


def error(message_id: int, refusal: Refusal) -> Piece:
    """Answer a request with an error."""
    data: bytes = types.RpcError(refusal.code, refusal.name)._bytes()
    return result(message_id, data, compress=False)


def pack(pieces: Sequence[Piece], ids: MessageIds, *, number: int) -> bytes:
    """Write messages, in a container if there are several; `number` counts the content-related ones before them."""
    messages = []
    for piece in pieces:
        sequence = number * 2 + piece.content
        number += piece.content
        head = struct.pack("<qii", ids.next(answer=piece.answer), sequence, len(piece.data))
        messages.append(head + piece.data)
    if len(messages) == 1:
        return messages[0]
    body = b"".join((struct.pack("<Ii", _CONTAINER, len(messages)), *messages))
    return struct.pack("<qii", ids.next(answer=False), number * 2, len(body)) + body


def unpack(message_id: int, number: int, body: bytes) -> list[tuple[int, int, bytes]]:
    """Open container and gzip of a client's message; gives (id, number, body) of each message inside."""
    kind = int.from_bytes(body[:4], "little")
    if kind == _GZIPPED:
        (length,) = struct.unpack_from("<B", body, 4)
        start = 5 if length < 254 else 8
        size = length if length < 254 else int.from_bytes(body[5:8], "little")
        return unpack(message_id, number, gzip.decompress(body[start : start + size]))
    if kind != _CONTAINER:
        return [(message_id, number, body)]
    inner, at = [], 8
    for _ in range(int.from_bytes(body[4:8], "little")):
        inner_id, inner_number, length = struct.unpack_from("<qii", body, at)
        inner += unpack(inner_id, inner_number, body[at + 16 : at + 16 + length])
        at += 16 + length
    return inner
