"""Messages as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tgvault.cli.messages import message_lines, text_of
from tgvault.engine.shown import ShownGone, ShownMedia, ShownMessage

pytestmark = pytest.mark.usefixtures("berlin")

NOON = datetime(2024, 3, 1, 11, tzinfo=UTC)


def message(
    *media: ShownMedia, body: dict[str, object], gone: ShownGone | None = None, versions: int = 0
) -> ShownMessage:
    raw = msgspec.Raw(msgspec.json.encode({"id": 7, "type": "message"} | body))
    return ShownMessage(id=7, time=NOON, gone=gone, versions=versions, media=media, body=raw)


def test_a_message_tells_who_when_and_what() -> None:
    body = {"from": "Ben\x1b[2J", "text": "one\ntwo\u202e", "forwarded_from": "News", "reply_to_message_id": 3}

    lines = list(message_lines(message(body=body)))

    assert lines == [
        "#7  2024-03-01 12:00:00 +01:00  Ben\\x1b[2J, forwarded from News, in reply to #3",
        "    one",
        "    two\\u202e",
    ]


def test_a_message_tells_what_became_of_it() -> None:
    lines = list(message_lines(message(body={"text": "x"}, gone=ShownGone(NOON, NOON), versions=2)))

    assert lines[0] == (
        "#7  2024-03-01 12:00:00 +01:00  (gone: last seen 2024-03-01 12:00:00 +01:00)  (2 earlier texts)"
    )


def test_files_are_told_with_where_they_come_from_or_why_they_are_not_there() -> None:
    media = (
        ShownMedia(field="photo", path="photos/a\x07.jpg", size=90_210, filled=True),
        ShownMedia(field="thumbnail", missing="too big"),
    )

    lines = list(message_lines(message(*media, body={"photo": "photos/a.jpg"})))

    assert lines[1:] == [
        "    [photo: photos/a\\x07.jpg, 90.2 kB, from another export]",
        "    [thumbnail: not there, too big]",
    ]


def test_what_is_attached_is_told_where_no_file_is() -> None:
    lines = list(message_lines(message(body={"location_information": {"latitude": 1.5, "longitude": 2.5}})))

    assert lines[1:] == ["    [location 1.5, 2.5]"]


def test_a_message_without_a_date_says_so() -> None:
    undated = msgspec.structs.replace(message(body={"text": "x"}), time=None)

    assert next(iter(message_lines(undated))) == "#7  no date"


def test_a_message_in_one_line_has_no_line_feeds() -> None:
    line = text_of(message(body={"text": "one\n\n two", "photo": "a.jpg"}))

    assert line == "one two [photo]"
