"""Reading what is known of messages, and noticing what is not."""

from __future__ import annotations

import json

import msgspec
import pytest

from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.strict import Fields, known, looked_at, novelties

KNOWN = {"id": 1, "type": "message", "date": "2024", "from": None, "from_id": 5, "text": "x", "text_entities": []}


def _one(**fields: object) -> bytes:
    return json.dumps({**KNOWN, **fields}, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"photo": "photos/a.jpg", "width": 3},
        {"type": "service", "action": "pin_message", "message_id": 3},
        {"text_entities": [{"type": "bold", "text": "x", "novel": 1}]},
        {"media_type": "sticker", "file": "a/b"},
    ],
)
def test_what_is_known_is_read_in_one_pass(fields: dict[str, object]) -> None:
    (read,) = known(b"[" + _one(**fields) + b"]")

    assert read.id == 1
    assert read.photo == fields.get("photo")
    assert read.file == fields.get("file")


@pytest.mark.parametrize(
    ("fields", "kind", "name"),
    [
        ({"novel": 1}, FindingKind.UNKNOWN_FIELD, "message.novel"),
        ({"message_id": 1}, FindingKind.UNKNOWN_FIELD, "message.message_id"),
        ({"type": "poll"}, FindingKind.UNKNOWN_TYPE, "message type poll"),
        ({"media_type": "hologram"}, FindingKind.UNKNOWN_TYPE, "media type hologram"),
        ({"type": "service", "action": "dance"}, FindingKind.UNKNOWN_ACTION, "dance"),
        ({"text_entities": [{"type": "blink", "text": "x"}]}, FindingKind.UNKNOWN_TYPE, "entity type blink"),
    ],
)
def test_what_is_new_is_refused_first_and_then_told(fields: dict[str, object], kind: FindingKind, name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        known(b"[" + _one(**fields) + b"]")

    assert looked_at(_one(**fields))[1] == [(kind, name)]


def test_entities_of_old_files_are_looked_at_in_their_text() -> None:
    old = {"id": 1, "type": "message", "text": ["a", {"type": "blink", "text": "x"}]}

    with pytest.raises(msgspec.ValidationError):
        known(json.dumps([old]).encode())

    assert looked_at(json.dumps(old).encode())[1] == [(FindingKind.UNKNOWN_TYPE, "entity type blink")]


@pytest.mark.parametrize("number", ["7", 1.5, None, [1], True])
def test_an_id_that_is_no_number_is_none(number: object) -> None:
    fields, _ = looked_at(_one(id=number, photo="photos/a.jpg", file={"x": 1}))

    assert fields.id is None
    assert fields.photo == "photos/a.jpg"
    assert fields.file is None


@pytest.mark.parametrize("entities", [3, "x", {"type": "bold"}, [1, None]])
def test_entities_of_another_form_are_passed_over(entities: object) -> None:
    assert looked_at(_one(text_entities=entities))[1] == []


def test_a_message_without_an_id_is_read() -> None:
    assert looked_at(b'{"type":"message","text":"x"}') == (
        looked_at(b'{"type":"message"}')[0],
        [],
    )
    assert looked_at(b'{"type":"message"}')[0].id is None


def test_what_is_no_object_is_an_error() -> None:
    with pytest.raises(msgspec.MsgspecError):
        looked_at(b"[1]")


def test_novelties_are_counted_and_their_names_kept_short() -> None:
    found = novelties([(FindingKind.UNKNOWN_FIELD, "b"), (FindingKind.UNKNOWN_FIELD, "a" * 500)] * 2)

    assert found == [
        Finding(FindingKind.UNKNOWN_FIELD, "a" * 80 + "…", "", 2),
        Finding(FindingKind.UNKNOWN_FIELD, "b", "", 2),
    ]


def test_fields_that_are_not_there_are_none() -> None:
    assert Fields(1) == Fields(1, None, None, None, None)


def test_half_a_character_costs_no_message() -> None:
    text = _one(novel=1, text="@", text_entities=[{"type": "blink", "text": "@"}]).replace(b"@", b"\\ud83d")
    name = _one(novel=1).replace(b"novel", b"\\ud83d")

    assert looked_at(text)[0].id == 1
    assert looked_at(name) == (Fields(1), [])
    assert looked_at(_one(photo="@").replace(b"@", b"\\ud83d"))[0].photo is None


def test_the_marks_of_a_restore_are_told_apart_from_new_fields() -> None:
    message = b'{"id":1,"type":"message","tgvault":{"gone":{"seen":"a","missed":"b"}}}'

    ((kind, what),) = looked_at(message)[1]

    assert kind is FindingKind.NOTE
    assert "restore" in what


@pytest.mark.parametrize("digits", [30, 400, 5_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_number_that_no_archive_takes_is_no_missing_one(digits: int, sign: str) -> None:
    number = f"{sign}{'9' * digits}".encode()

    fields, _ = looked_at(_one().replace(b'"id":1,', b'"id":%s,' % number))

    assert fields.id is not None
    assert not -(1 << 63) <= fields.id < 1 << 63
