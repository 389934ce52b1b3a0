"""What may not reach a terminal, and what must."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.cli.safe import safe_json, safe_line, safe_text, width

ESC, CSI, RLO, RLI, PDI = "\x1b", "\x9b", "\u202e", "\u2067", "\u2069"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        (f"{ESC}[2J{ESC}[H", r"\x1b[2J\x1b[H"),
        (f"{ESC}]0;owned\x07", r"\x1b]0;owned\x07"),
        (f"{CSI}31mred", r"\x9b31mred"),
        (f"photo{RLO}gpj.exe", r"photo\u202egpj.exe"),
        (f"{RLI}abc{PDI}", r"\u2067abc\u2069"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("half \ud83d", r"half \ud83d"),
        ("a\x00b\x7fc", r"a\x00b\x7fc"),
        ("pay\u200bpal", r"pay\u200bpal"),
    ],
)
def test_what_acts_on_a_terminal_is_shown_as_an_escape(hostile: str, shown: str) -> None:
    line = safe_line(hostile)

    assert line == shown


@pytest.mark.parametrize(
    "text", ["Ёлка", "你好", "مرحبا\u200f!", "می\u200cخواهم", "👩\u200d👩\u200d👧", "e\u0301", "a b"]
)
def test_text_of_every_script_stays_as_it_is(text: str) -> None:
    line = safe_line(text)

    assert line == text


@given(st.text(st.characters()))
def test_no_control_character_survives_in_a_line(text: str) -> None:
    line = safe_line(text)

    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in line)
    assert line.encode().decode() == line


@given(st.text(st.characters()))
def test_making_a_line_safe_twice_changes_nothing_more(text: str) -> None:
    once = safe_line(text)

    assert safe_line(once) == once


def test_lines_of_a_text_stay_apart() -> None:
    text = safe_text(f"one\r\ntwo\n\tthree{ESC}")

    assert text == "one\ntwo\n    three\\x1b"


def test_a_lone_carriage_return_cannot_overwrite_a_line() -> None:
    text = safe_text("harmless\rerror")

    assert "\r" not in text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_json_document_means_the_same_and_acts_on_nothing(text: str) -> None:
    document = safe_json(json.dumps({"title": text}, ensure_ascii=False, indent=2))

    assert json.loads(document) == {"title": text}
    assert not any(unicodedata.category(letter) == "Cc" and letter != "\n" for letter in document)
    assert RLO not in document


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("你好", 4), ("e\u0301", 1), ("👩", 2), ("", 0), ("é", 1)])
def test_width_counts_columns_and_not_letters(text: str, columns: int) -> None:
    measured = width(text)

    assert measured == columns
