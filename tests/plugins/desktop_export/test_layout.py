"""Skipping by indentation."""

from __future__ import annotations

import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault_plugins.desktop_export.layout import Layout, LineSkip, layout_of
from tgvault_plugins.desktop_export.parts import Broken, Ended
from tgvault_plugins.desktop_export.view import View

ONE_SPACE = Layout(b"\n", b" ")


def _skip(text: str) -> LineSkip:
    return LineSkip(View(Bytes(text.encode())), ONE_SPACE)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (b'{\n "a": 1\n}', ONE_SPACE),
        (b'{\r\n    "a": 1\r\n}', Layout(b"\r\n", b"    ")),
        (b'{\n\t"a": 1\n}', Layout(b"\n", b"\t")),
        (b'{"a": 1}', None),
        (b'{\n"a": 1}', None),
        (b"[]", None),
    ],
)
def test_the_first_line_tells_the_layout(text: bytes, layout: Layout | None) -> None:
    assert layout_of(View(Bytes(text)), 0) == layout


@pytest.mark.parametrize("value", [1, -2.5, True, None, 'a}]"', {}, [], {"a": {"b": [1, {}]}}, [[1], {"x": "]"}]])
def test_a_value_ends_where_its_line_says(value: object) -> None:
    text = dump({"a": value, "b": 2})
    start = text.index(":") + 2

    stop = _skip(text).value(start, 1)

    assert text[start:stop] == dump(value, 1)


def test_a_value_on_one_line_is_skipped_by_its_brackets() -> None:
    text = '{\n "a": {"x": [1, 2]},\n "b": {\n }\n}'

    assert _skip(text).value(8, 1) == text.index(",\n")


def test_a_value_without_its_end_is_broken_where_the_next_begins() -> None:
    text = '{\n "a": {\n  "x": 1\n  ,\n "b": 2\n}'

    with pytest.raises(Broken) as caught:
        _skip(text).value(8, 1)

    assert caught.value.at == text.index('\n "b"')


def test_a_value_that_the_file_ends_in_has_ended() -> None:
    with pytest.raises(Ended):
        _skip('{\n "a": {\n  "x": 1').value(8, 1)


def _chat(*messages: dict[str, object], level: int = 4) -> tuple[str, int]:
    text = dump({"name": "x", "messages": list(messages)}, level - 1)
    return text, text.index('"messages": [') + len('"messages": [')


def test_messages_reach_from_the_first_brace_to_the_last() -> None:
    text, at = _chat({"id": 1, "text": "\n     }\n"}, {"id": 2})

    run = _skip(text).run(at, 4)

    assert text[run.start : run.stop] == dump({"id": 1, "text": "\n     }\n"}, 5) + ",\n     " + dump({"id": 2}, 5)
    assert run.close is not None
    assert text[run.close] == "]"
    assert run.lead == b"\n     "


@pytest.mark.parametrize("empty", ["[]", "[\n    ]", "[\n]"])
def test_a_list_without_messages_is_empty(empty: str) -> None:
    run = _skip(f'{{"messages": {empty}}}').run(14, 4)

    assert run.start == run.stop
    assert run.close is not None


def test_messages_that_the_file_ends_in_reach_to_the_last_complete_one() -> None:
    text, at = _chat({"id": 1}, {"id": 2})
    cut = text[: text.index('"id": 2')]

    run = _skip(cut).run(at, 4)

    assert cut[run.start : run.stop] == dump({"id": 1}, 5)
    assert run.close is None


def test_a_file_may_end_behind_the_last_message() -> None:
    text, at = _chat({"id": 1})

    run = _skip(text[: text.rindex("}\n    ]") + 2]).run(at, 4)

    assert run.close is None
    assert run.stop > run.start


def test_a_file_may_end_before_the_first_message() -> None:
    run = _skip('{"messages": [\n   ').run(14, 4)

    assert (run.start, run.stop, run.close) == (14, 14, None)


@pytest.mark.parametrize("text", ['{"messages": [ {"id": 1}]}', '{"messages": [\n     {"id": 1\n     }\n    }'])
def test_messages_that_do_not_stand_on_lines_of_their_own_are_broken(text: str) -> None:
    with pytest.raises(Broken):
        _skip(text).run(14, 4)


def test_the_next_chat_before_the_end_of_the_messages_is_noticed() -> None:
    one, at = _chat({"id": 1})
    other, _ = _chat({"id": 2})
    text = one.replace("\n     }\n    ]", "\n     X\n    ]") + ",\n   " + other

    with pytest.raises(Broken):
        _skip(text).run(at, 4)
