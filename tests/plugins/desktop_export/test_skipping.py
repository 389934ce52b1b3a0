"""Skipping by the first way that gives legal JSON."""

from __future__ import annotations

import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault_plugins.desktop_export.brackets import BracketSkip
from tgvault_plugins.desktop_export.heads import Head
from tgvault_plugins.desktop_export.layout import Layout, LineSkip
from tgvault_plugins.desktop_export.parts import ChatPart, Ended
from tgvault_plugins.desktop_export.skipping import Skipped, Skipper
from tgvault_plugins.desktop_export.tidy import Tidied
from tgvault_plugins.desktop_export.view import View

EMPTY = ChatPart("chats", 1, Head(b"", b""), None)


def _skipper(text: str) -> Skipper:
    view = View(Bytes(text.encode()))
    return Skipper(view, [LineSkip(view, Layout(b"\n", b" ")), BracketSkip(view)])


def test_a_value_that_is_indented_oddly_is_skipped_by_its_brackets() -> None:
    text = '{\n "a": {\n "b": 1\n }\n}'

    assert _skipper(text).value(8, 1) == Skipped(20, Tidied(b'{"b":1}'), ended=False)


def test_a_damaged_value_ends_where_the_next_member_begins() -> None:
    text = '{\n "a": {\n  "b" 1\n  ,\n "c": 1\n}'

    assert _skipper(text).value(8, 1) == Skipped(text.index('\n "c"'), None, ended=False)


def test_a_value_that_is_no_json_ends_where_its_line_says() -> None:
    text = '{\n "a": {\n  "b" 1\n },\n "c": 1\n}'

    assert _skipper(text).value(8, 1) == Skipped(text.index(",\n"), None, ended=False)


def test_a_value_that_the_file_ends_in_has_ended() -> None:
    text = '{\n "a": {\n  "b": 1'

    assert _skipper(text).value(8, 1) == Skipped(len(text), None, ended=True)
    assert _skipper(text).salvaged(8, len(text)) == Tidied(b"{}")
    assert _skipper("x").salvaged(0, 1) == Tidied(b"null")


def _chat(**fields: object) -> str:
    return dump({"name": "A", "type": "personal_chat", "id": 5, **fields}, 3)


def test_a_chat_is_its_head_and_where_its_messages_are() -> None:
    text = _chat(messages=[{"id": 1}], more=[1])

    found = _skipper(text).chat(0, 4, EMPTY)

    assert found is not None
    part, stop = found
    assert stop == len(text)
    assert part.head.closing == b'],"more":[1]}'
    assert part.run is not None
    assert text[part.run.start : part.run.stop] == '{\n      "id": 1\n     }'


def test_a_chat_may_end_behind_its_messages() -> None:
    text = _chat(messages=[{"id": 1}], more=[1])

    found = _skipper(text[: text.index('"more"') + 9]).chat(0, 4, EMPTY)

    assert found is not None
    assert found[0].ended
    assert found[0].head.closing == b"]}"


def test_a_chat_that_ends_in_its_fields_is_known_by_its_id() -> None:
    text = _chat(messages=[])

    found = _skipper(text[: text.index('"messages"') + 3]).chat(0, 4, EMPTY)

    assert found is not None
    assert found[0].head.id == 5
    assert found[0].run is None
    with pytest.raises(Ended):
        _skipper(text[: text.index('"type"')]).chat(0, 4, EMPTY)


def test_a_chat_with_damaged_fields_is_none() -> None:
    assert _skipper(_chat(messages=[]).replace('"name"', '"name')).chat(0, 4, EMPTY) is None


def test_a_chat_indented_oddly_is_read_by_its_brackets() -> None:
    text = _chat(messages=[{"id": 1}]).replace("\n     {", "\n  {")

    found = _skipper(text).chat(0, 4, EMPTY)

    assert found is not None
    assert found[1] == len(text)
    assert found[0].run is not None
    assert found[0].run.lead == b""
