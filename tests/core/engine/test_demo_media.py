from __future__ import annotations

import struct
import zlib

import pytest

from tgvault.engine.demo_media import jpeg, landscape, ogg_silence, png


def test_a_png_holds_the_pixels_that_were_painted() -> None:
    data = png(lambda x, y: (x, y, 7), columns=3, rows=2)

    width, height = struct.unpack(">II", data[16:24])
    start = data.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", data[start - 8 : start - 4])
    assert (width, height) == (3, 2)
    assert zlib.decompress(data[start : start + length]) == b"\0" + bytes([0, 0, 7, 1, 0, 7, 2, 0, 7]) + b"\0" + bytes(
        [0, 1, 7, 1, 1, 7, 2, 1, 7]
    )


def test_a_jpeg_is_made_of_whole_segments_and_tells_its_size() -> None:
    data = jpeg(landscape(9, columns=5, rows=4), columns=5, rows=4)

    at, kinds = 2, []
    while data[at + 1] != 0xDA:
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        kinds.append(data[at + 1])
        if data[at + 1] == 0xC0:
            assert struct.unpack(">HH", data[at + 5 : at + 9]) == (32, 40)
        at += 2 + length
    assert kinds == [0xE0, 0xDB, 0xC4, 0xC4, 0xC0]
    assert data.endswith(b"\xff\xd9")


def test_a_white_jpeg_says_white_once_and_then_nothing_new() -> None:
    data = jpeg(lambda x, y: (255, 255, 255), columns=2, rows=1)

    # 255 - 128 = 127 is 11110 for seven bits and then these (T.81, table K.3); the colours, and the second square, are
    # 00 for no difference; each of the six blocks then ends with 0, and the last byte is filled with ones.
    bits = "1111011111110" + "000" * 5 + "1111"
    assert data[data.index(b"\0\x3f\0") + 3 : -2] == int(bits, 2).to_bytes(4)


@pytest.mark.parametrize("hour", range(24))
def test_every_hour_has_a_picture_of_its_own(hour: int) -> None:
    paint, other = landscape(hour, columns=40, rows=30), landscape(hour + 1, columns=40, rows=30)
    squares = [(x, y) for x in range(40) for y in range(30)]

    assert all(0 <= value <= 255 for square in squares for value in paint(*square))
    assert [paint(*square) for square in squares] != [other(*square) for square in squares]


def test_an_ogg_file_is_made_of_pages_in_order_with_right_checksums() -> None:
    data = ogg_silence(3, serial=9)

    pages = data.split(b"OggS")[1:]
    assert [struct.unpack("<I", page[14:18])[0] for page in pages] == list(range(5))
    assert {struct.unpack("<I", page[10:14])[0] for page in pages} == {9}
    assert [page[1] for page in pages] == [2, 0, 0, 0, 4]
    assert struct.unpack("<Q", pages[-1][2:10]) == (3 * 48_000,)
    assert all(_checksum(b"OggS" + page[:18] + bytes(4) + page[22:]) == page[18:22] for page in pages)


def _checksum(data: bytes) -> bytes:
    """The checksum by long division, bit by bit."""
    number = int.from_bytes(data + bytes(4))
    divisor = 0x104C11DB7
    for place in range(number.bit_length() - 33, -1, -1):
        if number >> (place + 32) & 1:
            number ^= divisor << place
    return (number & 0xFFFFFFFF).to_bytes(4, "little")
