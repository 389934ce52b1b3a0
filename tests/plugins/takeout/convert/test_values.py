from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import T0, at

from tgvault_plugins.takeout.convert.values import decimal, encoded, only, plain, tidied


def test_letters_are_written_as_they_are() -> None:
    assert encoded({"a": "é\u2028\n"}) == '{"a":"é\u2028\\n"}'.encode()


def test_fields_that_say_nothing_are_left_out() -> None:
    found = only([("a", None), ("b", ""), ("c", []), ("d", False), ("e", 0), ("f", 0.0), ("g", True), ("h", "x")])

    assert found == {"e": 0, "f": 0.0, "g": True, "h": "x"}


@pytest.mark.parametrize(
    ("number", "written"), [(48.2082, b"48.208200"), (-1e-9, b"-0.000000"), (3.0, b"3.000000"), (float("nan"), b"null")]
)
def test_numbers_that_are_not_whole_have_six_decimals(number: float, written: bytes) -> None:
    assert msgspec.json.encode(decimal(number)) == written


def test_an_object_is_told_without_the_right_to_read_it() -> None:
    found = plain(types.InputDocument(5, 6, b"secret"))

    assert found == {"_": "InputDocument", "id": 5}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"\x00\xff", "AP8="),
        (at(T0), T0),
        ([types.PeerUser(3), None], [{"_": "PeerUser", "user_id": 3}, None]),
        (None, None),
        ({"a": {"file_reference": b"x", "b": False}}, {"a": {}}),
    ],
)
def test_values_are_told_as_json_can_hold_them(value: Any, told: object) -> None:
    assert plain(value) == told


def test_what_json_cannot_hold_is_made_fit() -> None:
    class Odd:
        def __repr__(self) -> str:
            return "odd"

    strange = {"a\ud800": ["\udfff", float("inf"), 1 << 70, Odd(), b"x", at(T0), types.PeerUser(3), None, True, (1,)]}

    assert tidied(strange) == {
        "a\ufffd": ["\ufffd", None, 1 << 70, "odd", "eA==", T0, {"_": "PeerUser", "user_id": 3}, None, True, [1]]
    }
    assert msgspec.json.decode(encoded({"x": Odd(), "y": decimal(1.5)})) == {"x": "odd", "y": 1.5}
