from __future__ import annotations

import io
import subprocess

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tgvault.errors import CorruptObjectError
from tgvault.vault import frames
from tgvault.vault.frames import (
    DIRECTORY_MAGIC,
    MAX_FRAME_CONTENT,
    PADDING_MAGIC,
    all_content,
    compressed,
    decompress,
    padding,
    raw_blocks,
    raw_parts,
    skippable,
)

MIB = 1 << 20
SIZES = [0, 1, 255, 256, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 256 << 10, MIB + 7, 4 * MIB]


def raw(content: bytes) -> bytes:
    return b"".join(raw_parts(content))


def by_zstd(data: bytes) -> bytes:
    """What the zstd program makes of it."""
    return subprocess.run(["zstd", "-d", "-c"], input=data, capture_output=True, check=True).stdout


def pattern(size: int) -> bytes:
    return bytes(range(251)) * (size // 251) + bytes(range(size % 251))


@given(st.binary(max_size=5000))
def test_a_compressed_frame_gives_its_content(content: bytes) -> None:
    assert decompress(compressed(content), where="a") == content


@pytest.mark.parametrize("size", SIZES)
def test_a_raw_frame_gives_its_content_here_and_to_zstd(size: int) -> None:
    frame = raw(pattern(size))

    assert decompress(frame, where="a") == pattern(size)
    assert by_zstd(frame) == pattern(size)
    assert len(frame) <= size + 9 + 3 * (size // (128 << 10) + 1)


@pytest.mark.parametrize("size", SIZES)
def test_the_blocks_of_a_raw_frame_are_its_content_where_it_lies(size: int) -> None:
    frame = raw(pattern(size))

    blocks = raw_blocks(memoryview(frame))

    assert blocks is not None
    assert b"".join(blocks) == pattern(size)
    assert all(block.obj is frame for block in blocks)


def test_only_whole_raw_frames_have_blocks() -> None:
    frame = raw(pattern(300_000))
    others = [
        compressed(pattern(1000)),
        b"",
        frame + b"x",
        *(frame[:stop] for stop in (3, 8, 9, 11, 12, 5000, 290_000)),
    ]
    for at, bits in ((5, 1), (9, 2), (9, 1), (10, 64), (131_084, 6)):
        others.append(frame[:at] + bytes([frame[at] ^ bits]) + frame[at + 1 :])

    assert [raw_blocks(memoryview(other)) for other in others] == [None] * len(others)


def test_a_frame_is_read_out_of_the_middle_of_a_pack_without_a_copy() -> None:
    frame = compressed(b"abc")
    pack = memoryview(b"before" + frame + b"behind")

    assert decompress(pack[6 : 6 + len(frame)], where="a") == b"abc"


@pytest.mark.parametrize(
    "data",
    [b"", b"\x28\xb5\x2f\xfd", b"nonsense", compressed(b"abc")[:-2], b"\x28\xb5\x2f\xfd\xa0\x03\x00\x00\x00\x07"],
)
def test_what_is_no_frame_is_reported_with_its_object(data: bytes) -> None:
    with pytest.raises(CorruptObjectError, match=r"packs/ab\.age"):
        decompress(data, where="packs/ab.age")


def test_a_frame_that_does_not_say_its_size_is_refused() -> None:
    stream = zstandard.ZstdCompressor(write_content_size=False).compress(b"a" * 100)

    with pytest.raises(CorruptObjectError, match="claims -1 bytes"):
        decompress(stream, where="a")


def test_a_frame_that_claims_too_much_is_refused_before_memory_is_taken() -> None:
    frame = b"\x28\xb5\x2f\xfd\xe0" + (1 << 50).to_bytes(8, "little") + b"\x01\x00\x00"

    with pytest.raises(CorruptObjectError, match=f"claims {1 << 50} bytes"):
        decompress(frame, where="a")


def test_the_largest_frame_is_read_and_one_byte_more_is_not() -> None:
    assert len(decompress(compressed(bytes(MAX_FRAME_CONTENT)), where="a")) == MAX_FRAME_CONTENT
    with pytest.raises(CorruptObjectError):
        decompress(compressed(bytes(MAX_FRAME_CONTENT + 1)), where="a")


@given(st.lists(st.tuples(st.sampled_from("crds"), st.binary(max_size=50)), max_size=8))
def test_all_content_is_that_of_the_frames_in_order_without_the_skippable_ones(parts: list[tuple[str, bytes]]) -> None:
    make = {
        "c": compressed,
        "r": raw,
        "d": lambda data: skippable(DIRECTORY_MAGIC, data),
        "s": lambda data: skippable(PADDING_MAGIC, data),
    }
    plaintext = b"".join(make[kind](data) for kind, data in parts)

    assert all_content(plaintext, where="a") == b"".join(data for kind, data in parts if kind in "cr")


def test_zstd_reads_what_we_write_and_skips_what_is_ours() -> None:
    plaintext = compressed(b"one") + raw(b"two") + padding(77) + skippable(DIRECTORY_MAGIC, b"directory")

    assert by_zstd(plaintext) == b"onetwo"


def test_we_read_what_zstd_writes() -> None:
    frame = subprocess.run(["zstd", "-c", "-19"], input=b"abc" * 1000, capture_output=True, check=True).stdout

    assert all_content(frame, where="a") == b"abc" * 1000


def test_content_that_is_no_frame_is_reported_with_its_object() -> None:
    with pytest.raises(CorruptObjectError, match=r"index/ab\.age"):
        all_content(b"nonsense", where="index/ab.age")


def test_more_content_than_any_writer_makes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_TEXT", 1000)

    assert len(all_content(compressed(bytes(1000)), where="a")) == 1000
    with pytest.raises(CorruptObjectError, match="more than 1000 bytes"):
        all_content(compressed(bytes(500)) + compressed(bytes(501)), where="a")


def test_a_frame_that_asks_for_a_window_beyond_any_writers_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=25)
    out = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(out, closefd=False) as writer:
        writer.write(bytes(100))

    with pytest.raises(CorruptObjectError):
        all_content(out.getvalue(), where="a")


def padme(length: int) -> int:
    """As the paper gives it (PURBs, section 4), with floating point left out."""
    exponent = length.bit_length() - 1
    significant = exponent.bit_length()
    mask = (1 << (exponent - significant)) - 1
    return (length + mask) & ~mask


@given(st.integers(2, 1 << 25))
def test_padding_reaches_a_padme_length(length: int) -> None:
    end = length + len(padding(length))

    assert padme(end) == end


@given(st.integers(2, 1 << 16))
def test_padding_is_none_where_none_is_needed_and_the_shortest_that_has_room_for_its_header(length: int) -> None:
    added = len(padding(length))

    assert (added == 0) == (padme(length) == length)
    assert not any(padme(each) == each for each in range(length + 8, length + added))


@given(st.integers(1 << 14, 1 << 25))
def test_padding_costs_little(length: int) -> None:
    assert len(padding(length)) < 0.07 * length + 16


def test_padding_is_a_frame_of_zeroes() -> None:
    frame = padding((1 << 20) + 1)

    assert frame[:4] == PADDING_MAGIC.to_bytes(4, "little")
    assert int.from_bytes(frame[4:8], "little") == len(frame) - 8
    assert not any(frame[8:])


@pytest.mark.parametrize(("length", "size"), [(0, 0), (1, 0), (2, 0), (8, 0), (9, 9), (100, 12), (1000, 24)])
def test_padding_of_small_lengths(length: int, size: int) -> None:
    assert len(padding(length)) == size
