"""Reading messages out of a window of text."""

from __future__ import annotations

import pytest

from samples.json.dialect import dump
from tgvault.api import Finding, FindingKind, MediaRef, Message
from tgvault_plugins.desktop_export.windows import Reader

LEAD = b"\n     "
READER = Reader("chats/chat_1/", "chat A")


def _text(*messages: object) -> bytes:
    return (",\n     ").join(dump(message, 5) for message in messages).encode()


def _read(text: bytes, lead: bytes = LEAD) -> tuple[list[Message], list[Finding]]:
    out = READER.window(text, at=100, lead=lead)
    return [each for each in out if isinstance(each, Message)], [each for each in out if isinstance(each, Finding)]


def _message(number: int, **fields: object) -> dict[str, object]:
    return {"id": number, "type": "message", **fields}


def test_messages_are_minified_and_their_ids_read() -> None:
    messages, findings = _read(_text(_message(1, text="a b"), _message(-2)))

    assert messages == [
        Message(1, b'{"id":1,"type":"message","text":"a b"}'),
        Message(-2, b'{"id":-2,"type":"message"}'),
    ]
    assert findings == []


def test_paths_in_the_chats_folder_are_folded() -> None:
    path = "chats/chat_1/photos/a.jpg"

    messages, _ = _read(
        _text(_message(1, photo=path), _message(2, text=[{"type": "custom_emoji", "document_id": path}]))
    )

    assert messages[0] == Message(
        1, b'{"id":1,"type":"message","photo":"{chat}/photos/a.jpg"}', (MediaRef("photo", path),)
    )
    assert messages[1].media == (MediaRef("text/0/document_id", path),)
    assert b'"document_id":"{chat}/photos/a.jpg"' in messages[1].body


def test_a_message_that_is_nested_too_deeply_to_look_into_is_kept() -> None:
    deep = b'{"rich_message":' + b"[" * 900 + b"]" * 900 + b',"id":1,"type":"message"}'

    messages, findings = _read(deep)

    assert [message.id for message in messages] == [1]
    assert [found.kind for found in findings] == [FindingKind.NOTE] * len(findings)


def test_a_window_with_something_new_is_read_and_told() -> None:
    messages, findings = _read(_text(_message(1, novel=1), _message(2, novel=2), 7))

    assert [message.id for message in messages] == [1, 2]
    assert {(found.kind, found.count) for found in findings} == {(FindingKind.UNKNOWN_FIELD, 2), (FindingKind.LOST, 1)}


def test_illegal_escapes_are_mended_all_at_once() -> None:
    messages, findings = _read(_text(_message(1, text="\x01"), _message(2), _message(3, text="\x02")))

    assert [message.id for message in messages] == [1, 2, 3]
    assert [(found.kind, found.count) for found in findings] == [(FindingKind.REPAIRED, 2)]


@pytest.mark.parametrize("lead", [LEAD, b""])
def test_a_damaged_message_costs_no_other(lead: bytes) -> None:
    text = _text(_message(1), _message(2, text="\x01"), _message(3)).replace(b'"id": 1', b'"id": 1?')

    messages, findings = _read(text, lead)

    assert [message.id for message in messages] == [2, 3]
    assert [(found.kind, found.detail[:22]) for found in findings if found.is_loss] == [
        (FindingKind.LOST, "message 1 near byte 10")
    ]


def test_behind_a_damaged_border_the_next_message_is_found() -> None:
    text = _text(_message(1), _message(2), _message(3)).replace(b"},", b"}?", 1)

    messages, findings = _read(text)

    assert [message.id for message in messages] == [2, 3]
    assert [found.detail[:9] for found in findings] == ["message 1"]


def test_a_comma_that_is_missing_between_messages_is_told() -> None:
    text = _text(_message(1), _message(2), _message(3)).replace(b"},", b"}", 1)

    messages, findings = _read(text)

    assert [each.id for each in messages] == [1, 2, 3]
    assert findings == [Finding(FindingKind.REPAIRED, "chat A", "damaged text between messages")]


def test_a_message_without_a_visible_id_is_lost_by_its_place() -> None:
    _, findings = _read(b"{nothing}")

    assert [found.detail for found in findings] == ["a message near byte 100 cannot be read, 9 bytes"]


def test_the_beginning_of_a_damaged_id_is_not_taken_for_an_id() -> None:
    _, findings = _read(b'{"id": 5x0, "text": "a"}')

    assert [found.detail for found in findings] == ["a message near byte 100 cannot be read, 24 bytes"]


def test_text_that_is_no_utf8_is_marked() -> None:
    messages, findings = _read(_text(_message(1, text="aXb"), _message(2)).replace(b"X", b"\xff"))

    assert messages[0].body == '{"id":1,"type":"message","text":"a\ufffdb"}'.encode()
    assert [(found.kind, found.count) for found in findings] == [(FindingKind.LOST, 1)]
