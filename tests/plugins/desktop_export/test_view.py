"""Searching a file a piece at a time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.json.windows import Bytes
from tgvault_plugins.desktop_export import view as module
from tgvault_plugins.desktop_export.view import View

TEXT = st.text("ab\n", max_size=40).map(str.encode)
NEEDLE = st.text("ab\n", min_size=1, max_size=4).map(str.encode)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST", 5)
    monkeypatch.setattr(module, "_STEP", 7)
    monkeypatch.setattr(module, "_BLOCK", 5)


@given(TEXT, NEEDLE, st.integers(0, 40), st.integers(0, 40))
def test_searching_finds_what_searching_the_whole_would(data: bytes, what: bytes, start: int, stop: int) -> None:
    start, stop = sorted((min(start, len(data)), min(stop, len(data))))
    view = View(Bytes(data))

    assert view.find(what, start, stop) == data.find(what, start, stop)
    assert view.rfind(what, start, stop) == data.rfind(what, start, stop)


@given(TEXT, NEEDLE, NEEDLE)
def test_the_first_of_two_is_the_one_that_stands_first(data: bytes, one: bytes, other: bytes) -> None:
    at, which = View(Bytes(data)).first((one, other), 0)

    found = [place for place in (data.find(one), data.find(other)) if place >= 0]
    assert at == (min(found) if found else -1)
    assert which < 0 or data.startswith((one, other)[which], at)


@given(TEXT, st.integers(0, 40), st.integers(0, 12))
def test_peeking_gives_the_bytes_that_are_there(data: bytes, at: int, count: int) -> None:
    view = View(Bytes(data))
    view.peek(0, 3)

    assert view.peek(at, count) == data[at : at + count]


@given(TEXT)
def test_a_pattern_is_found_across_the_border_of_two_pieces(data: bytes) -> None:
    pattern = re.compile(rb"a\nb?")

    found = View(Bytes(data)).search(pattern, 0, len(data), 3)

    expected = pattern.search(data)
    assert (found[0] if found else -1) == (expected.start() if expected else -1)


def test_matching_sees_only_what_stands_there() -> None:
    view = View(Bytes(b'xx"key": 1'))

    found = view.match(re.compile(rb'"(\w+)"'), 2)

    assert found is not None
    assert found[1] == b"key"
    assert view.match(re.compile(rb"nothing"), 2) is None
