"""Taking out white space, and closing what was cut off."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.api import FindingKind
from tgvault_plugins.desktop_export.tidy import Tidied, closed, minified, tidied

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.integers(0, 300))
def test_whatever_is_cut_off_can_be_closed(value: object, at: int) -> None:
    text = json.dumps(value, indent=1).encode()

    json.loads(closed(text[: at % (len(text) + 1)]))


@given(VALUES)
def test_a_whole_value_is_closed_as_it_is(value: object) -> None:
    text = json.dumps(value if isinstance(value, dict | list) else [value])

    assert json.loads(closed(text.encode())) == json.loads(text)


def test_everything_complete_is_kept() -> None:
    text = b'{"about": "c", "list": [{"a": 1, "b": [1, 2]}, {"a": 2, "b": 3'

    assert closed(text) == b'{"about": "c", "list": [{"a": 1, "b": [1, 2]}, {"a": 2}]}'


@pytest.mark.parametrize(("text", "expected"), [(b"12", b"null"), (b'"ab', b"null"), (b"", b"null"), (b"]", b"null")])
def test_of_a_value_without_a_complete_part_nothing_is_left(text: bytes, expected: bytes) -> None:
    assert closed(text) == expected


def test_nesting_without_end_is_given_up() -> None:
    assert closed(b"[" * 100_000) == b"[]"


def test_tokens_stay_as_they_are_written() -> None:
    text = b'{ "a" : 1.000000, "a": [ 1E+5, -0 ], "b": "\\u00e9\\/ x" }'

    assert minified(text) == b'{"a":1.000000,"a":[1E+5,-0],"b":"\\u00e9\\/ x"}'


def test_text_that_is_no_utf8_gets_marks() -> None:
    tidy = tidied(b'"a\xff"')

    assert tidy == Tidied('"a\ufffd"'.encode(), 0, 1)
    assert [found.kind for found in tidy.findings("x")] == [FindingKind.LOST]


@pytest.mark.parametrize("text", [b"", b"{", b"[1 2]", b"[" * 100_000 + b"]" * 100_000, b"nul"])
def test_what_is_no_json_is_none(text: bytes) -> None:
    assert tidied(text) is None


@pytest.mark.parametrize(
    ("text", "expected", "halves"),
    [
        (rb'"a \ud83d b"', rb'"a \ufffd b"', 1),
        (rb'"a \uDE00"', rb'"a \ufffd"', 1),
        (rb'"\ud83d\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"', 1),
        (rb'"\ude00\ud83d"', rb'"\ufffd\ufffd"', 2),
        (rb'"\\ud83d \ud83d\n"', rb'"\\ud83d \ufffd\n"', 1),
    ],
)
def test_halves_of_characters_get_marks(text: bytes, expected: bytes, halves: int) -> None:
    assert tidied(text) == Tidied(expected, 0, halves)


def test_whole_characters_are_left_as_they_are_written() -> None:
    text = rb'"\ud83d\ude00 \u00e4 \\ude00"'

    assert tidied(text) == Tidied(text)
