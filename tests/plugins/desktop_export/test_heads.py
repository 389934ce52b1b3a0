"""The text around a chat's messages."""

from __future__ import annotations

import pytest

from tgvault.api import FindingKind
from tgvault_plugins.desktop_export.heads import head_of


def test_a_head_tells_name_type_and_id() -> None:
    head = head_of(b'{\n "name": "Ben",\n "type": "personal_chat",\n "id": 5,\n "messages": [', b"]\n}")

    assert head is not None
    assert (head.name, head.type, head.id) == ("Ben", "personal_chat", 5)
    assert (head.opening, head.closing) == (b'{"name":"Ben","type":"personal_chat","id":5,"messages":[', b"]}")
    assert head.findings == ()


def test_fields_may_follow_the_messages() -> None:
    head = head_of(b'{ "messages": [', b'], "id": 5, "name": null }')

    assert head is not None
    assert (head.name, head.type, head.id) == (None, None, 5)
    assert head.closing == b'],"id":5,"name":null}'


def test_a_chat_without_messages_has_its_last_brace_for_a_closing() -> None:
    head = head_of(b'{"id": 5', b"}")

    assert head is not None
    assert head.opening + head.closing == b'{"id":5}'


def test_fields_of_another_type_are_nothing() -> None:
    head = head_of(b'{"name":["x"],"type":3,"id":"7","messages":[', b"]}")

    assert head is not None
    assert (head.name, head.type, head.id) == (None, None, None)


def test_what_is_new_or_mended_is_told() -> None:
    head = head_of(b'{"name":"a\\x01","type":"forum","colour":1,"messages":[', b"]}")

    assert head is not None
    assert {found.kind for found in head.findings} == {
        FindingKind.UNKNOWN_FIELD,
        FindingKind.UNKNOWN_TYPE,
        FindingKind.REPAIRED,
    }


@pytest.mark.parametrize(
    ("opening", "closing"),
    [(b'{"name":X,"messages":[', b"]}"), (b'{"messages":[', b"]]"), (b"[", b"}"), (b'["messages",[', b"]]")],
)
def test_what_is_no_object_is_no_head(opening: bytes, closing: bytes) -> None:
    assert head_of(opening, closing) is None
