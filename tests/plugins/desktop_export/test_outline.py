"""What stands where in a file."""

from __future__ import annotations

import json

import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.outline import Outline
from tgvault_plugins.desktop_export.parts import ChatPart, Part, Text, Value
from tgvault_plugins.desktop_export.view import View


def _parts(text: str) -> list[Part]:
    return list(Outline(View(Bytes(text.encode()))).parts())


def _joined(parts: list[Part]) -> object:
    out = b""
    for part in parts:
        if isinstance(part, Text):
            out += part.data
        elif isinstance(part, Value):
            out += part.body
        elif isinstance(part, ChatPart):
            out += part.head.opening + part.head.closing
    return json.loads(out)


def _chat(number: int) -> dict[str, object]:
    return {"name": "A", "type": "personal_chat", "id": number, "messages": []}


ACCOUNT = {
    "about": "x",
    "contacts": {"list": [{"a": 1}]},
    "chats": {"about": "y", "list": [_chat(1), None, _chat(2)]},
    "left_chats": {"list": []},
}


@pytest.mark.parametrize("text", [dump(ACCOUNT), json.dumps(ACCOUNT), json.dumps(ACCOUNT, indent=4)])
def test_the_parts_together_are_the_file(text: str) -> None:
    parts = _parts(text)

    assert _joined(parts) == ACCOUNT
    assert [part.name for part in parts if isinstance(part, Value)] == ["about", "contacts"]
    assert [(part.section, part.number, part.head.id) for part in parts if isinstance(part, ChatPart)] == [
        ("chats", 1, 1),
        ("chats", 2, 2),
    ]


def test_a_file_can_be_outlined_again() -> None:
    outline = Outline(View(Bytes(dump(ACCOUNT).encode())))

    assert list(outline.parts()) == list(outline.parts())


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (dump(ACCOUNT), "full account"),
        (dump(_chat(1)), "single chat"),
        (json.dumps({"messages": [], "name": "A"}), "single chat"),
        ("{}", None),
        ("[]", None),
        ("", None),
        ('{"type": "FeatureCollection", "features": []}', None),
        ('{"about": "x", ', None),
        ('{"about" "x"}', None),
    ],
)
def test_the_form_is_told_by_the_first_member_that_tells(text: str, form: str | None) -> None:
    assert Outline(View(Bytes(text.encode()))).form() == form


def _findings(parts: list[Part]) -> list[tuple[FindingKind, str]]:
    return [(part.kind, part.subject) for part in parts if isinstance(part, Finding)]


@pytest.mark.parametrize(
    ("cut", "subject"),
    [
        ('"contacts"', "result.json"),
        ('{"a": 1}', "contacts"),
        ('"left_chats"', "result.json"),
        ("null", "result.json"),
    ],
)
def test_a_cut_is_told_once_and_closed(cut: str, subject: str) -> None:
    text = json.dumps(ACCOUNT)

    parts = _parts(text[: text.index(cut)])

    assert _findings(parts) == [(FindingKind.TRUNCATED, subject)]
    _joined(parts)


def test_members_behind_a_damaged_one_are_found() -> None:
    for text in (dump(ACCOUNT), json.dumps(ACCOUNT)):
        parts = _parts(text.replace('"contacts": {', '"contacts" {'))

        assert (FindingKind.LOST, "result.json") in _findings(parts)
        assert len([part for part in parts if isinstance(part, ChatPart)]) == 2
        _joined(parts)


def test_a_chat_that_cannot_be_named_is_salvaged() -> None:
    account = {"chats": {"list": [_chat(1), _chat(2)]}}

    parts = _parts(dump(account).replace('"type": "personal_chat"', '"type" "personal_chat"', 1))

    chats = [part for part in parts if isinstance(part, ChatPart)]
    assert [(part.head.id, part.mended) for part in chats] == [(1, True), (2, False)]
    assert _findings(parts) == [(FindingKind.LOST, "chats")]


def test_damage_in_the_last_chat_does_not_reach_the_next_section() -> None:
    account = {**ACCOUNT, "left_chats": {"list": [_chat(3)]}}

    parts = _parts(dump(account).replace('"id": 2,\n', '"id" 2,\n'))

    assert [part.head.id for part in parts if isinstance(part, ChatPart)] == [1, None, 3]
    _joined(parts)


def test_a_file_that_ends_in_a_damaged_chat_is_told_once() -> None:
    text = dump(ACCOUNT).replace('"id": 2,\n', '"id" 2,\n')

    parts = _parts(text[: text.index('"id" 2') + 20])

    assert [kind for kind, _ in _findings(parts)] == [FindingKind.LOST]
    _joined(parts)


@pytest.mark.parametrize("key", [b'"conta\xefcts":', b'"li\xefst":'])
def test_a_damaged_byte_in_a_name_is_told(key: bytes) -> None:
    text = dump(ACCOUNT).encode().replace(key.replace(b"\xef", b""), key, 1)

    parts = list(Outline(View(Bytes(text))).parts())

    assert [part.kind for part in parts if isinstance(part, Finding)].count(FindingKind.LOST) == 1
