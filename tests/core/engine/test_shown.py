from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tgvault.archive.entries import Gone, Version
from tgvault.archive.reading import ReadMessage
from tgvault.archive.segments import Media
from tgvault.engine.shown import ShownMedia, show_media, show_message, shown_time


def read(body: bytes, **fields: object) -> ReadMessage:
    return ReadMessage(1, body, fields.pop("media", {}), **fields)  # type: ignore[arg-type]


def test_paths_of_the_chat_start_with_the_folder_given() -> None:
    message = read(b'{"photo":"{chat}/photos/a.jpg"}', media={"photo": Media("{chat}/photos/a.jpg", 3, "00")})

    here, there = show_message(message), show_message(message, folder="chats/chat_1/")

    assert bytes(here.body) == b'{"photo":"photos/a.jpg"}'
    assert bytes(there.body) == b'{"photo":"chats/chat_1/photos/a.jpg"}'
    assert (here.media[0].path, there.media[0].path) == ("photos/a.jpg", "chats/chat_1/photos/a.jpg")


def test_files_tell_their_size_or_why_they_are_missing() -> None:
    body = b'{"photo":"p/a.jpg","file":"(File exceeds maximum size.)","thumbnail":"p/b.jpg","contact_vcard":"v/c"}'
    media = {
        "photo": Media("p/a.jpg", 3, "00", filled=True),
        "thumbnail": Media("p/b.jpg", missing="not in the source"),
        "contact_vcard": Media("v/c"),
    }

    assert set(show_media(body, media)) == {
        ShownMedia(field="photo", path="p/a.jpg", size=3, filled=True),
        ShownMedia(field="thumbnail", path="p/b.jpg", missing="not in the source"),
        ShownMedia(field="contact_vcard", path="v/c", missing="not told"),
        ShownMedia(field="file", missing="File exceeds maximum size."),
    }


def test_a_file_that_was_filled_in_is_not_missing_because_the_body_says_so() -> None:
    shown = show_media(b'{"photo":"(File not included.)"}', {"photo": Media("p/a.jpg", 3, "00", filled=True)})

    assert shown == (ShownMedia(field="photo", path="p/a.jpg", size=3, filled=True),)


def test_a_gone_message_tells_between_which_observations_it_disappeared() -> None:
    shown = show_message(read(b"{}", gone=Gone("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")))

    assert shown.gone is not None
    assert (shown.gone.seen.day, shown.gone.missed.day) == (1, 2)


def test_only_other_texts_count_as_versions() -> None:
    earlier = tuple(Version("2026-01-01T00:00:00Z", msgspec.Raw(text)) for text in (b"{}", b'{"a":1}', b'{"a":1}'))

    assert show_message(read(b"{}", earlier=earlier)).versions == 1


@pytest.mark.parametrize(
    ("body", "time"),
    [
        (b'{"date":"2020-01-01T00:00:00","date_unixtime":"60"}', datetime(1970, 1, 1, 0, 1, tzinfo=UTC)),
        (b'{"date":"2020-01-01T00:00:00"}', datetime(2020, 1, 1, tzinfo=UTC)),
        (b'{"date_unixtime":"99999999999999"}', None),
        (b'{"date":"long ago"}', None),
        (b"{}", None),
    ],
)
def test_a_message_tells_its_time_if_it_has_one(body: bytes, time: datetime | None) -> None:
    assert shown_time(body) == time


def test_a_message_stands_in_json_with_its_body_as_it_is() -> None:
    shown = msgspec.json.encode(show_message(read(b'{"id":1,"text":["a",{"b":1.50}]}')))

    assert b'"body":{"id":1,"text":["a",{"b":1.50}]}' in shown
