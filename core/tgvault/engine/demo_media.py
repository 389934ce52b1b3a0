"""Small pictures and sounds for the demonstration, made of nothing: real files that programs open."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator

__all__ = ["Colour", "Paint", "jpeg", "landscape", "ogg_silence", "png"]

#: Red, green and blue, each from 0 to 255.
Colour = tuple[int, int, int]

#: Gives the colour of the square in that column and row.
Paint = Callable[[int, int], Colour]


def landscape(hour: int, *, columns: int, rows: int) -> Paint:
    """Give a picture of hills under a sky; another hour of the day makes another picture."""
    sun = (hour * 5 % columns, 3 + hour % 5)

    def paint(column: int, row: int) -> Colour:
        hill = rows // 2 + (column * (3 + hour % 3) // 7 + hour) % 9
        if row >= hill:
            return 40 + row * 3 % 60, 110 + column % 40, 50
        high = rows - row
        near = abs(column - sun[0]) + abs(row - sun[1])
        return (250, 220, 90) if near < 4 else (220 - high * 90 // rows, 220 - high * 50 // rows, 240)

    return paint


def png(paint: Paint, *, columns: int, rows: int) -> bytes:
    """Draw a PNG of one pixel for each square (<https://www.w3.org/TR/png-3/>)."""
    lines = (b"\0" + bytes(value for x in range(columns) for value in paint(x, y)) for y in range(rows))
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(b"".join(lines), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(paint: Paint, *, columns: int, rows: int) -> bytes:
    """Draw a baseline JPEG of 8 by 8 pixels for each square (ITU-T T.81).

    Blocks of one colour have a DC coefficient only, so little of an encoder is needed.
    """
    tables = _segment(0xDB, b"\0" + bytes([8] * 64)), _segment(0xC4, b"\0" + _DC), _segment(0xC4, b"\x10" + _AC)
    components = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    frame = _segment(0xC0, struct.pack(">BHHB", 8, rows * 8, columns * 8, 3) + components)
    scan = _segment(0xDA, b"\x03\x01\0\x02\0\x03\0\0\x3f\0")
    jfif = _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    squares = (paint(x, y) for y in range(rows) for x in range(columns))
    return b"\xff\xd8" + jfif + b"".join(tables) + frame + scan + _stuffed(_blocks(squares)) + b"\xff\xd9"


#: Table K.3 of T.81 (how many codes of each length, then the categories), and a table with the end of block alone.
_DC = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, *range(12)])
_AC = bytes([1] + [0] * 15 + [0])
_DC_CODES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110")


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _blocks(squares: Iterable[Colour]) -> Iterator[str]:
    """Write each square as three blocks, brightness and two colours, each as the difference from the one before."""
    last = (0, 0, 0)
    for red, green, blue in squares:
        bright = round(0.299 * red + 0.587 * green + 0.114 * blue)
        now = (bright - 128, round((blue - bright) * 0.564), round((red - bright) * 0.713))
        for before, value in zip(last, now, strict=True):
            yield _coefficient(value - before) + "0"
        last = now


def _coefficient(value: int) -> str:
    size = abs(value).bit_length()
    if size == 0:
        return _DC_CODES[0]
    return _DC_CODES[size] + format(value if value > 0 else value + (1 << size) - 1, f"0{size}b")


def _stuffed(bits: Iterable[str]) -> bytes:
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")


def ogg_silence(seconds: int, *, serial: int) -> bytes:
    """Make an Ogg file with so many seconds of silence in Opus (RFC 3533, RFC 7845); `serial` tells files apart."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"tgvault" + struct.pack("<I", 0)
    pages = [_page([head], 2, 0, serial, 0), _page([tags], 0, 0, serial, 1)]
    for number in range(seconds):
        kind = 4 if number == seconds - 1 else 0
        # A packet of 20 ms: full band, one channel, nothing in it.
        pages.append(_page([b"\xf8\xff\xfe"] * 50, kind, (number + 1) * 48_000, serial, number + 2))
    return b"".join(pages)


def _page(packets: list[bytes], kind: int, position: int, serial: int, number: int) -> bytes:
    sizes = bytes(len(packet) for packet in packets)
    before = struct.pack("<4sBBQII", b"OggS", 0, kind, position, serial, number)
    after = bytes([len(sizes)]) + sizes + b"".join(packets)
    return before + struct.pack("<I", _checksum(before + bytes(4) + after)) + after


def _checksum(data: bytes) -> int:
    """CRC-32 of Ogg: not reflected, and without the inversions of the usual one."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value
