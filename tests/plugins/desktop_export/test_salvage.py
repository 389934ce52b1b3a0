"""Finding chats by the indentation of what is left."""

from __future__ import annotations

import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault_plugins.desktop_export.layout import Layout
from tgvault_plugins.desktop_export.salvage import LineSalvage, Region
from tgvault_plugins.desktop_export.view import View


def _chat(number: int, *ids: int) -> dict[str, object]:
    return {"name": f"c{number}", "type": "personal_chat", "id": number, "messages": [{"id": each} for each in ids]}


TEXT = dump({"chats": {"about": "x", "list": [_chat(1, 10, 11), _chat(2, 20)]}, "left_chats": {"list": [_chat(3, 30)]}})


def _salvage(text: str) -> LineSalvage:
    return LineSalvage(View(Bytes(text.encode())), Layout(b"\n", b" "))


def _at(text: str, what: str) -> int:
    found = text.index(what)
    assert found >= 0
    return found


def test_damage_reaches_to_the_next_chat() -> None:
    start = _at(TEXT, '{\n    "name": "c1"')

    region = _salvage(TEXT).region(start, 4)

    assert region.leads_to == "chat"
    assert TEXT[region.following :].startswith(',\n   {\n    "name": "c2"')


def test_damage_of_the_last_chat_reaches_to_the_end_of_its_section() -> None:
    start = _at(TEXT, '{\n    "name": "c2"')

    region = _salvage(TEXT).region(start, 4)

    assert region.leads_to == "member"
    assert TEXT[region.following :].startswith(',\n "left_chats"')


def test_damage_reaches_to_the_next_member_where_the_section_does_not_end() -> None:
    text = TEXT.replace('\n },\n "left_chats"', '\n X,\n "left_chats"')

    region = _salvage(text).region(_at(text, '{\n    "name": "c2"'), 4)

    assert region.leads_to == "member"
    assert text[region.following :].startswith('\n "left_chats"')


@pytest.mark.parametrize("level", [1, 4])
def test_damage_may_reach_to_the_end_of_the_file(level: int) -> None:
    assert _salvage('{"x').region(0, level) == Region(0, 3, 3, "end")


def test_a_chat_is_put_together_from_its_lines() -> None:
    text = TEXT.replace('"type": "personal_chat",\n    "id": 1,', '"ty?pe" "personal_chat",\n    "id": 1,')
    salvage = _salvage(text)

    (found,) = salvage.chats(salvage.region(_at(text, '{\n    "name": "c1"'), 4), 4)

    assert (found.head.name, found.head.type, found.head.id) == ("c1", None, 1)
    assert found.head.opening == b'{"name":"c1","id":1,"messages":['
    assert text[found.run.start : found.run.stop] == '{\n      "id": 10\n     },\n     {\n      "id": 11\n     }'


def test_two_chats_that_run_into_each_other_are_told_apart() -> None:
    text = TEXT.replace("\n   },\n   {\n", "\n   ?????\n")
    salvage = _salvage(text)

    one, other = salvage.chats(salvage.region(_at(text, '{\n    "name": "c1"'), 4), 4)

    assert (one.head.id, other.head.id) == (1, 2)
    assert text[one.run.start : one.run.stop].count('"id"') == 2
    assert text[other.run.start : other.run.stop].count('"id"') == 1


def test_a_chat_without_a_whole_message_has_none() -> None:
    text = TEXT.replace('\n     {\n      "id": 20\n     }', "\n     ?")
    salvage = _salvage(text)

    (found,) = salvage.chats(salvage.region(_at(text, '{\n    "name": "c2"'), 4), 4)

    assert found.run.start == found.run.stop


def test_chats_and_members_are_found_behind_any_place() -> None:
    salvage = _salvage(TEXT)

    assert TEXT[salvage.next_chat(5) :].startswith('{\n    "name": "c1"')
    assert TEXT[salvage.hidden_chat(0, len(TEXT)) :].startswith('{\n    "name": "c1"')
    assert TEXT[salvage.next_member(5) :].startswith('\n "left_chats"')
    assert salvage.next_member(len(TEXT) - 5) == len(TEXT)
    assert salvage.next_chat(_at(TEXT, "\n  ]\n },\n")) == -1
    assert salvage.hidden_chat(0, 10) == -1


def test_a_chat_is_known_without_its_brace() -> None:
    salvage = _salvage(TEXT)

    assert salvage.is_chat(_at(TEXT, '{\n    "name"'))
    assert salvage.is_chat(_at(TEXT, '"name"'))
    assert not salvage.is_chat(len(TEXT) - 1)
    assert not _salvage(TEXT.replace('   {\n    "name": "c2"', '   null,\n   {\n    "name": "c2"')).is_chat(
        _at(TEXT, '{\n    "name": "c2"')
    )
