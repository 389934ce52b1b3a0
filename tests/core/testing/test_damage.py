"""Damage on request."""

from __future__ import annotations

from tgvault.api import ObjectName
from tgvault.testing import MemorySink, flip_byte, names, swap, truncate

A, B = ObjectName("a"), ObjectName("b")


def test_names_are_sorted_and_start_with_the_prefix() -> None:
    sink = MemorySink({"b": b"", "a/2": b"", "a/1": b""})

    assert names(sink) == ["a/1", "a/2", "b"]
    assert names(sink, "a/") == ["a/1", "a/2"]


def test_a_byte_is_flipped() -> None:
    sink = MemorySink({"a": b"\x00\x01\x02"})

    flip_byte(sink, A)
    flip_byte(sink, A, at=0)

    assert sink.get(A) == b"\xff\x01\xfd"


def test_an_object_is_truncated() -> None:
    sink = MemorySink({"a": b"12345678", "b": b"12345678"})

    truncate(sink, A)
    truncate(sink, B, keep=7)

    assert (sink.get(A), sink.get(B)) == (b"1234", b"1234567")


def test_two_objects_are_swapped() -> None:
    sink = MemorySink({"a": b"1", "b": b"2"})

    swap(sink, A, B)

    assert (sink.get(A), sink.get(B)) == (b"2", b"1")
