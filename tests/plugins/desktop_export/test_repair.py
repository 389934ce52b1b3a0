"""Mending what some versions of Telegram Desktop wrote."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from samples.json.dialect import dump
from tgvault_plugins.desktop_export.repair import repaired


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\x41\x01\x1f"), max_size=30))
def test_every_text_that_the_writer_writes_can_be_read(text: str) -> None:
    mended, _ = repaired(dump(text).encode())

    assert json.loads(mended) == text


def test_an_escaped_backslash_before_an_x_is_left_alone() -> None:
    text = rb'"C:\\x41dir \x01 \\\x02"'

    mended, count = repaired(text)

    assert mended == rb'"C:\\x41dir \u0001 \\\u0002"'
    assert count == 2


def test_a_path_without_quotes_is_quoted_to_the_end_of_its_line() -> None:
    text = b'{\n "document_id": video_files/a "b" (2).webm,\n "x": 1\n}'

    mended, count = repaired(text)

    assert json.loads(mended) == {"document_id": 'video_files/a "b" (2).webm', "x": 1}
    assert count == 1


def test_a_path_that_is_empty_is_quoted_too() -> None:
    mended, _ = repaired(b'{\n "document_id": \n}')

    assert json.loads(mended) == {"document_id": ""}


def test_legal_values_are_left_alone() -> None:
    values = [b'"1"', b"null", b"12", b"[]", b"true"]
    text = b"[" + b",".join(b'{\n"document_id": %b\n}' % value for value in values) + b"]"

    assert repaired(text) == (text, 0)
