"""How packets lie in the byte stream of a TCP connection: https://core.telegram.org/mtproto/mtproto-transports ."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from zlib import crc32

__all__ = ["Abridged", "Framing", "Full", "Intermediate", "detect"]


class Framing(ABC):
    """Cuts a stream into packets, and makes the stream's bytes of a packet."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes as they come; gives the packets that became whole.

        Raises:
            ValueError: a packet is damaged.
        """
        self._buffer += data
        packets = []
        while (packet := self._cut(self._buffer)) is not None:
            packets.append(packet)
        return packets

    @abstractmethod
    def frame(self, packet: bytes) -> bytes:
        """Give the bytes to send for a packet."""

    @abstractmethod
    def _cut(self, buffer: bytearray) -> bytes | None:
        """Take the first packet out of the buffer, if it is whole."""


def _take(buffer: bytearray, start: int, end: int) -> bytes | None:
    if len(buffer) < end:
        return None
    packet = bytes(buffer[start:end])
    del buffer[:end]
    return packet


class Full(Framing):
    """Length, number, payload, CRC-32; Telethon's default."""

    def __init__(self) -> None:
        super().__init__()
        self._sent = 0

    def frame(self, packet: bytes) -> bytes:
        """Put length and number in front and the checksum behind."""
        head = struct.pack("<ii", len(packet) + 12, self._sent)
        self._sent += 1
        return b"".join((head, packet, struct.pack("<I", crc32(packet, crc32(head)))))

    def _cut(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < 4:
            return None
        whole = _take(buffer, 0, int.from_bytes(buffer[:4], "little"))
        if whole is None:
            return None
        if crc32(whole[:-4]) != int.from_bytes(whole[-4:], "little"):
            raise ValueError("the checksum of a packet is wrong")
        return whole[8:-4]


class Intermediate(Framing):
    """Four bytes of length, payload."""

    def frame(self, packet: bytes) -> bytes:
        """Put the length in front."""
        return struct.pack("<i", len(packet)) + packet

    def _cut(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < 4:
            return None
        return _take(buffer, 4, 4 + int.from_bytes(buffer[:4], "little"))


class Abridged(Framing):
    """One or four bytes of length in words, payload."""

    def frame(self, packet: bytes) -> bytes:
        """Put the length in front."""
        words = len(packet) // 4
        return (bytes([words]) if words < 127 else b"\x7f" + words.to_bytes(3, "little")) + packet

    def _cut(self, buffer: bytearray) -> bytes | None:
        if not buffer:
            return None
        if buffer[0] < 127:
            return _take(buffer, 1, 1 + buffer[0] * 4)
        if len(buffer) < 4:
            return None
        return _take(buffer, 4, 4 + int.from_bytes(buffer[1:4], "little") * 4)


def detect(start: bytes) -> tuple[Framing, bytes] | None:
    """Tell the transport by the first bytes of a connection; gives it and what follows its mark, None if too few."""
    if start[:1] == b"\xef":
        return Abridged(), start[1:]
    if len(start) < 4:
        return None
    if start[:4] == b"\xee\xee\xee\xee":
        return Intermediate(), start[4:]
    return Full(), start
