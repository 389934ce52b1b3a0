"""Finding chats where there are no lines to go by."""

from __future__ import annotations

import json

from samples.json.windows import Bytes
from tgvault_plugins.desktop_export.plain_salvage import PlainSalvage
from tgvault_plugins.desktop_export.salvage import Region
from tgvault_plugins.desktop_export.view import View


def _chat(number: int, *ids: int) -> dict[str, object]:
    messages = [{"id": each, "type": "message", "text": [{"type": "bold"}]} for each in ids]
    return {"name": f"c{number}", "type": "personal_chat", "id": number, "messages": messages}


TEXT = json.dumps(
    {"chats": {"about": "x", "list": [_chat(1, 10, 11), _chat(2, 20)]}, "left_chats": {"list": [_chat(3, 30)]}}
)


def _salvage(text: str) -> PlainSalvage:
    return PlainSalvage(View(Bytes(text.encode())))


def test_damage_reaches_to_the_next_chat_or_member() -> None:
    salvage = _salvage(TEXT)

    first = salvage.region(TEXT.index('{"name": "c1"'), 4)
    second = salvage.region(TEXT.index('{"name": "c2"'), 4)
    third = salvage.region(TEXT.index('{"name": "c3"'), 4)
    alone = salvage.region(3, 1)

    assert (first.leads_to, TEXT[first.following : first.following + 13]) == ("chat", '{"name": "c2"')
    assert (second.leads_to, TEXT[second.following : second.following + 14]) == ("member", ', "left_chats"')
    assert third == Region(third.start, len(TEXT), len(TEXT), "end")
    assert alone == Region(3, len(TEXT), len(TEXT), "end")


def test_a_chat_is_put_together_from_what_is_complete() -> None:
    text = TEXT.replace('"id": 1,', '"id" 1,')
    salvage = _salvage(text)

    (found,) = salvage.chats(salvage.region(text.index('{"name": "c1"'), 4), 4)

    assert (found.head.name, found.head.type) == ("c1", "personal_chat")
    assert [each["id"] for each in json.loads(f"[{text[found.run.start : found.run.stop]}]")] == [10, 11]


def test_a_head_of_which_nothing_is_left_is_empty() -> None:
    text = TEXT.replace('{"name": "c1"', '?"name": "c1"')
    salvage = _salvage(text)

    (found,) = salvage.chats(salvage.region(text.index('?"name"'), 4), 4)

    assert found.head.opening == b'{"messages":['
    assert found.head.id is None


def test_a_stretch_without_messages_has_no_chat() -> None:
    assert list(_salvage("{}").chats(Region(0, 2, 2, "end"), 4)) == []


def test_chats_are_found_behind_any_place() -> None:
    salvage = _salvage(TEXT)

    assert TEXT[salvage.next_chat(2) :].startswith('{"name": "c1"')
    assert TEXT[salvage.hidden_chat(0, len(TEXT)) :].startswith('{"name": "c1"')
    assert salvage.hidden_chat(0, 10) == -1
    assert not salvage.is_chat(0)
