from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import ANA, T0, around, at, document, photo, refusing

from tgvault_plugins.takeout.convert.documents import AccountDocument
from tgvault_plugins.takeout.convert.pictures import profile_pictures, stories
from tgvault_plugins.takeout.files import FileKind

_DATES = {"date": "2024-11-14T09:12:44", "date_unixtime": str(T0)}
_NOT_INCLUDED = "(Photo not included. Change data exporting settings to download.)"


def _told(made: AccountDocument) -> Any:
    return msgspec.json.decode(made.body)


def test_pictures_of_the_profile_are_files() -> None:
    moving = photo(78, video_sizes=[types.VideoSize("p", 160, 160, 5), types.VideoSize("u", 640, 640, 9000)])
    made = profile_pictures([photo(), moving], around())

    assert _told(made)[0] == {
        **_DATES,
        "photo": "profile_pictures/photo_77.jpg",
        "api": {"id": 77, "dc": 2, "size_letter": "y", "bytes": 120_000, "width": 1280, "height": 960},
    }
    assert _told(made)[1]["api"]["video"] == "profile_pictures/photo_78.mp4"
    assert [(file.field, file.path, file.letter, file.kind) for file in made.files] == [
        ("0/photo", "profile_pictures/photo_77.jpg", "y", FileKind.PROFILE_PHOTOS),
        ("1/photo", "profile_pictures/photo_78.jpg", "y", FileKind.PROFILE_PHOTOS),
        ("1/api/video", "profile_pictures/photo_78.mp4", "u", FileKind.PROFILE_PHOTOS),
    ]


def test_a_picture_that_is_left_out_has_words_in_its_place() -> None:
    made = profile_pictures([photo()], around(refusing("not included")))

    assert _told(made)[0]["photo"] == _NOT_INCLUDED
    assert [(file.field, why) for file, why in made.left_out] == [("0/photo", "not included")]


def test_a_picture_that_is_gone_is_unavailable() -> None:
    made = profile_pictures([types.PhotoEmpty(5)], around())

    assert _told(made) == [{"photo": "(Photo unavailable, please try again later)", "api": {"id": 5}}]


def test_a_picture_without_sizes_is_unavailable() -> None:
    found = _told(profile_pictures([photo(sizes=[], video_sizes=[])], around()))

    assert found[0]["api"] == {"id": 77, "dc": 2}


def _story(media: Any, **fields: Any) -> types.StoryItem:
    return types.StoryItem(12, at(T0), at(T0 + 86400), media, **fields)


def test_a_story_tells_when_it_ends_and_what_was_written() -> None:
    story = _story(
        types.MessageMediaPhoto(photo=photo()),
        caption="hi",
        entities=[types.MessageEntityBold(0, 2)],
        pinned=True,
        public=True,
        views=types.StoryViews(7, reactions_count=2),
        fwd_from=types.StoryFwdHeader(from_=ANA, story_id=3),
    )
    made = stories([story, types.StoryItemDeleted(13), types.StoryItemSkipped(14, None, None)], around())

    assert _told(made) == [
        {
            **_DATES,
            "expires": "2024-11-15T09:12:44",
            "expires_unixtime": str(T0 + 86400),
            "pinned": True,
            "media": "stories/story_12.jpg",
            "api": {
                "id": 12,
                "caption": "hi",
                "entities": [{"_": "MessageEntityBold", "offset": 0, "length": 2}],
                "public": True,
                "forward": {"from_id": "user100000001", "story_id": 3},
                "views": 7,
                "reactions": 2,
                "media": {"id": 77, "dc": 2, "size_letter": "y", "bytes": 120_000},
                "width": 1280,
                "height": 960,
            },
        }
    ]
    assert [(file.field, file.kind) for file in made.files] == [("0/media", FileKind.STORIES)]


@pytest.mark.parametrize(
    ("mime", "name"), [("video/mp4", "story_12.mp4"), ("image/png", "story_12.png"), ("", "story_12.mp4")]
)
def test_a_story_can_be_a_film(mime: str, name: str) -> None:
    film = document(types.DocumentAttributeVideo(9, 720, 1280), mime=mime)

    [row] = _told(stories([_story(types.MessageMediaDocument(document=film))], around()))
    assert (row["media"], row["pinned"]) == (f"stories/{name}", False)
    assert row["api"] == {
        "id": 12,
        "media": {"id": 88, "dc": 4, "bytes": 4096},
        "duration_seconds": 9,
        "width": 720,
        "height": 1280,
    }


@pytest.mark.parametrize(
    "media", [types.MessageMediaUnsupported(), types.MessageMediaDocument(), types.MessageMediaPhoto()]
)
def test_a_story_that_cannot_be_read_is_told_all_the_same(media: Any) -> None:
    [row] = _told(stories([_story(media)], around()))

    assert row["media"] == "(Photo unavailable, please try again later)"
    assert row["api"]["media"]["_"] == type(media).__name__
