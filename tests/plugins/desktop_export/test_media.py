"""References to files."""

from __future__ import annotations

import json

import pytest

from tgvault.api import FindingKind, MediaRef
from tgvault_plugins.desktop_export.media import MAY_BE_NESTED, flat, missing_reason, nested, reference, refusals
from tgvault_plugins.desktop_export.strict import Fields


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("(File not included. Change data exporting settings to download.)", "not included"),
        ("(Photo not included. Change data exporting settings to download.)", "not included"),
        ("(File exceeds maximum size. Change data exporting settings to download.)", "too big"),
        ("(File unavailable, please try again later)", "unavailable"),
        ("(unavailable)", "unavailable"),
        ("(1)/photos/a.jpg)", None),
        ("photos/(a).jpg", None),
        ("(a", None),
    ],
)
def test_sentences_tell_why_there_is_no_file(value: str, reason: str | None) -> None:
    assert missing_reason(value) == reason


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("photos/a.jpg", MediaRef("photo", "photos/a.jpg")),
        ("(a)/b.jpg", MediaRef("photo", "(a)/b.jpg")),
        ("(unavailable)", MediaRef("photo", None, "unavailable")),
        ("../a", MediaRef("photo", None, "refused")),
        ("", None),
    ],
)
def test_a_value_is_a_file_or_the_reason_for_none(value: str, expected: MediaRef | None) -> None:
    assert reference("photo", value) == expected


def test_the_fields_of_a_message_stand_in_order() -> None:
    fields = Fields(1, None, "files/a", "files/a_thumb.jpg", "")

    assert flat(fields) == [MediaRef("file", "files/a"), MediaRef("thumbnail", "files/a_thumb.jpg")]


def test_files_are_found_at_any_depth() -> None:
    body = {
        "photo": "photos/own.jpg",
        "text": [
            {"type": "custom_emoji", "document_id": "stickers/a.tgs"},
            {"document_id": "123"},
            {"document_id": ""},
        ],
        "rich_message": {
            "blocks": [
                {"photo": "photos/b.jpg", "photo_id": "1"},
                {"file_skip_reason": "file_size"},
                {"thumbnail_skip_reason": "novel"},
                {"poster_photo": "photos/c.jpg", "x/y~z": {"author_photo": "/etc/passwd"}},
                {"file": 7},
            ]
        },
    }

    assert nested(json.dumps(body).encode()) == [
        MediaRef("text/0/document_id", "stickers/a.tgs"),
        MediaRef("rich_message/blocks/0/photo", "photos/b.jpg"),
        MediaRef("rich_message/blocks/1/file_skip_reason", None, "too big"),
        MediaRef("rich_message/blocks/2/thumbnail_skip_reason", None, "unavailable"),
        MediaRef("rich_message/blocks/3/poster_photo", "photos/c.jpg"),
        MediaRef("rich_message/blocks/3/x~1y~0z/author_photo", None, "refused"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"document_id":"123"}', False),
        (b'{"document_id":""}', False),
        (b'{"document_id":"12a"}', True),
        (b'{"document_id":"stickers/a.tgs"}', True),
        (b'{"rich_message":{}}', True),
        (b'{"text":"\\"rich_message\\":"}', False),
    ],
)
def test_few_messages_have_to_be_looked_into(body: bytes, expected: bool) -> None:
    assert bool(MAY_BE_NESTED.search(body)) is expected


def test_refusals_are_told() -> None:
    found = list(refusals([MediaRef("photo", None, "refused"), MediaRef("file", "a/b")], "chat A"))

    assert [(each.kind, each.subject) for each in found] == [(FindingKind.REFUSED_PATH, "chat A")]
