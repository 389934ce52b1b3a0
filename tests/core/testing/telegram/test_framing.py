"""Packets in a stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.testing.telegram.framing import Abridged, Framing, Full, Intermediate, detect

KINDS = [Abridged, Full, Intermediate]
words = st.binary(max_size=2000).map(lambda data: data[: len(data) // 4 * 4])


@pytest.mark.parametrize("kind", KINDS)
@given(packets=st.lists(words.filter(bool), max_size=5), cut=st.integers(1, 900))
def test_packets_come_out_whole_however_the_stream_is_cut(kind: type[Framing], packets: list[bytes], cut: int) -> None:
    sender, receiver = kind(), kind()
    stream = b"".join(sender.frame(packet) for packet in packets)

    received = [each for at in range(0, len(stream), cut) for each in receiver.feed(stream[at : at + cut])]

    assert received == packets


@pytest.mark.parametrize(
    ("start", "kind", "rest"),
    [
        (b"\xefabc", Abridged, b"abc"),
        (b"\xee\xee\xee\xeeabc", Intermediate, b"abc"),
        (b"\x10\0\0\0abc", Full, b"\x10\0\0\0abc"),
    ],
)
def test_a_transport_is_told_by_its_first_bytes(start: bytes, kind: type[Framing], rest: bytes) -> None:
    found = detect(start)

    assert found is not None
    assert (type(found[0]), found[1]) == (kind, rest)


def test_too_few_bytes_tell_nothing() -> None:
    assert detect(b"\xee\xee") is None


def test_a_damaged_packet_is_refused() -> None:
    stream = bytearray(Full().frame(b"12345678"))
    stream[9] ^= 1

    with pytest.raises(ValueError, match="checksum"):
        Full().feed(bytes(stream))
