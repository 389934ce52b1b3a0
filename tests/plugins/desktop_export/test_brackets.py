"""Skipping by brackets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.json.windows import Bytes
from tgvault_plugins.desktop_export import brackets as module
from tgvault_plugins.desktop_export.brackets import BracketSkip, gap_end, scalar_end
from tgvault_plugins.desktop_export.parts import Broken, Ended
from tgvault_plugins.desktop_export.view import View

VALUES = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('"\\[]{},:x\n'), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def _view(text: str | bytes) -> View:
    return View(Bytes(text.encode() if isinstance(text, str) else text))


@given(VALUES, st.sampled_from([None, 1, 3]), st.sampled_from([",", " ]", "\n}", ""]))
def test_a_value_ends_where_its_brackets_close(value: object, indent: int | None, after: str) -> None:
    text = json.dumps(value, indent=indent)
    if after or not isinstance(value, int | None):
        assert BracketSkip(_view(text + after)).value(0, 0) == len(text)


@pytest.mark.parametrize("text", ['"abc', "12", "", '"abc\\"', "[1, [2]", '{"a": "x'])
def test_a_value_that_the_file_ends_in_has_ended(text: str) -> None:
    with pytest.raises(Ended):
        BracketSkip(_view(text)).value(0, 0)


@pytest.mark.parametrize("text", ["[1}", '{"a": [1}', "}", " "])
def test_brackets_that_do_not_match_are_broken(text: str) -> None:
    with pytest.raises(Broken):
        BracketSkip(_view(text)).value(0, 0)


def test_a_long_text_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(["x" * 200_000, "\\" * 1000, 1])

    assert BracketSkip(_view(text)).value(0, 0) == len(text)
    assert scalar_end(_view(text), 1) == 1 + 200_002


def test_a_text_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST", 1 << 12)

    with pytest.raises(Broken):
        BracketSkip(_view('["' + "x" * 100_000)).value(0, 0)
    with pytest.raises(Broken):
        scalar_end(_view('"' + "x" * 100_000), 0)


def test_a_value_that_is_too_large_is_broken() -> None:
    with pytest.raises(Broken):
        BracketSkip(_view("[" + "[]," * 100 + "0]")).value(0, 0, 10)


@pytest.mark.parametrize(("text", "end"), [("  , x", 4), (",,", 1), ("x", 0), (" " * 3000 + "x", 3000), ("", 0)])
def test_a_gap_has_at_most_one_comma(text: str, end: int) -> None:
    assert gap_end(_view(text), 0) == end


def _messages(count: int) -> list[dict[str, object]]:
    return [{"id": number, "type": "message", "text": [{"type": "bold", "text": "a},{"}]} for number in range(count)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("piece", [64, 300, 1 << 20])
def test_messages_are_cut_between_them(indent: int | None, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPAN", 200)
    monkeypatch.setattr(module, "_PIECE", piece)
    text = json.dumps(_messages(50), indent=indent) + ', "more": 1}'

    run = BracketSkip(_view(text)).run(1, 0)

    assert run.close is not None
    assert text[run.close] == "]"
    assert len(run.cuts) > 3
    pieces = [text[a:b].rstrip().removesuffix(",") for a, b in zip(run.cuts, [*run.cuts[1:], run.stop], strict=True)]
    assert [each for piece in pieces for each in json.loads(f"[{piece}]")] == _messages(50)


def test_messages_without_end_reach_to_the_last_complete_one() -> None:
    text = json.dumps(_messages(3))[:-5]

    run = BracketSkip(_view(text)).run(1, 0)

    assert run.close is None
    assert json.loads(f"[{text[run.start : run.stop]}]") == _messages(2)


@pytest.mark.parametrize("indent", [None, 2])
def test_behind_a_damaged_message_the_next_one_is_found(indent: int | None) -> None:
    text = json.dumps(_messages(5), indent=indent)
    at = text.index('"id": 2')

    run = BracketSkip(_view(text[:at] + "?" + text[at + 1 :])).run(1, 0)

    assert len(run.holes) == 1
    start, stop = run.holes[0]
    assert '"id": 3' in text[stop : stop + 20]
    assert 'id": 2' in text[start:stop]
    assert run.close is not None


def test_another_chats_messages_are_not_taken_for_this_ones() -> None:
    text = json.dumps(_messages(2))[:-1] + '?]},{"id":9,"messages":' + json.dumps(_messages(3)) + "}"

    run = BracketSkip(_view(text)).run(1, 0)

    assert run.close is None
    assert run.holes[-1][1] == len(text)
    assert '"messages"' not in text[run.start : run.stop]


def test_an_empty_list_ends_at_once() -> None:
    run = BracketSkip(_view(" ]")).run(0, 0)

    assert (run.stop, run.close, run.cuts) == (1, 1, ())
