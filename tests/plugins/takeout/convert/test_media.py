from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import (
    body,
    convert,
    document,
    making,
    message,
    named,
    photo,
    refusing,
    told,
)

from tgvault_plugins.takeout.convert.media import document_fields, largest, place_document
from tgvault_plugins.takeout.files import FileKind, RemoteFile

_STICKERS = types.InputStickerSetEmpty()
_NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
_TOO_BIG = "(File exceeds maximum size. Change data exporting settings to download.)"
_UNAVAILABLE = "(File unavailable, please try again later)"


def _photo_message(picture: Any = None, **fields: Any) -> types.Message:
    return message(media=types.MessageMediaPhoto(photo=picture if picture is not None else photo(), **fields))


def _document_message(file: Any, **fields: Any) -> types.Message:
    return message(media=types.MessageMediaDocument(document=file, **fields))


def test_a_photo_is_its_largest_size() -> None:
    made = convert(_photo_message())

    assert told(_photo_message()) == {
        "photo": "{chat}/photos/photo_77.jpg",
        "photo_file_size": 120_000,
        "width": 1280,
        "height": 960,
        "api": {"media": {"photo": {"id": 77, "dc": 2, "size_letter": "y", "bytes": 120_000}}},
    }
    assert made.files == (
        RemoteFile(
            field="photo",
            path="{chat}/photos/photo_77.jpg",
            kind=FileKind.PHOTOS,
            name="photo_77_y",
            size=120_000,
            id=77,
            dc=2,
            letter="y",
            is_photo=True,
            access_hash=8,
            reference=b"reference",
        ),
    )


def test_a_small_photo_that_came_along_needs_no_download() -> None:
    made = convert(_photo_message(photo(sizes=[types.PhotoCachedSize("s", 90, 60, b"jpeg")])))

    [file] = made.files
    assert (file.content, file.size, file.id, file.dc, file.name) == (b"jpeg", 4, 0, 0, "photo_77_s")


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [types.PhotoSizeEmpty("s")],
        [types.PhotoStrippedSize("i", b"blur"), types.PhotoPathSize("j", b"path")],
        [types.PhotoSize("m", 0, 240, 5)],
        [types.PhotoSize("m", -5, 240, 5)],
        [types.PhotoSizeProgressive("y", 5, 5, [])],
    ],
)
def test_hints_and_empty_sizes_are_no_photo(sizes: list[Any]) -> None:
    made = convert(_photo_message(photo(sizes=sizes)))

    assert largest(sizes) is None
    assert told(_photo_message(photo(sizes=sizes))) == {"photo": _UNAVAILABLE, "photo_file_size": 0}
    assert [(file.field, file.name, reason) for file, reason in made.left_out] == [("photo", "", "unavailable")]


@pytest.mark.parametrize("gone", [types.PhotoEmpty(77), None])
def test_a_photo_that_is_gone_is_unavailable(gone: Any) -> None:
    sent = message(media=types.MessageMediaPhoto(photo=gone, ttl_seconds=30))

    assert told(sent) == {"photo": _UNAVAILABLE, "photo_file_size": 0, "self_destruct_period_seconds": 30}


def test_a_photo_to_be_seen_once_is_not_taken_and_its_ids_are_noted() -> None:
    found = told(_photo_message(ttl_seconds=30, spoiler=True))

    assert found == {
        "photo": _UNAVAILABLE,
        "photo_file_size": 0,
        "width": 1280,
        "height": 960,
        "media_spoiler": True,
        "self_destruct_period_seconds": 30,
        "api": {"media": {"photo": {"id": 77, "dc": 2, "size_letter": "y", "bytes": 120_000}}},
    }


@pytest.mark.parametrize(
    ("reason", "words"), [("not included", _NOT_INCLUDED), ("too big", _TOO_BIG), ("unavailable", _UNAVAILABLE)]
)
def test_a_file_that_is_not_taken_has_words_in_its_place(reason: str, words: str) -> None:
    made = convert(_photo_message(), decide=refusing(reason))

    assert told(_photo_message(), decide=refusing(reason))["photo"] == words
    assert (made.files, [why for _, why in made.left_out]) == ((), [reason])
    assert told(_photo_message(), decide=refusing(reason))["photo_file_size"] == 120_000


def test_the_film_of_a_live_photo_is_a_file_of_its_own() -> None:
    film = document(types.DocumentAttributeVideo(2.5, 720, 960), mime="video/mp4")
    made = convert(_photo_message(video=film, live_photo=True))

    found = told(_photo_message(video=film, live_photo=True))
    assert found["api"]["live_photo"]["file"] == "{chat}/video_files/video_88.mp4"
    assert [file.field for file in made.files] == ["photo", "api/live_photo/file"]


_VIDEO = types.DocumentAttributeVideo(12.9, 640, 480)
_GIF = (types.DocumentAttributeVideo(2, 320, 266), types.DocumentAttributeAnimated())
_SONG = types.DocumentAttributeAudio(200, title="T", performer="P")
_STICKER = (types.DocumentAttributeImageSize(512, 512), types.DocumentAttributeSticker("🐈", _STICKERS))


@pytest.mark.parametrize(
    ("file", "kind", "fields"),
    [
        (
            document(_VIDEO, named("movie.mkv"), mime="video/x-matroska"),
            FileKind.VIDEOS,
            {
                "file": "{chat}/video_files/movie_88.mkv",
                "file_name": "movie.mkv",
                "file_size": 4096,
                "media_type": "video_file",
                "mime_type": "video/x-matroska",
                "duration_seconds": 12,
                "width": 640,
                "height": 480,
            },
        ),
        (
            document(types.DocumentAttributeVideo(5, 384, 384, round_message=True), mime="video/mp4"),
            FileKind.ROUND,
            {
                "file": "{chat}/round_video_messages/file_88.mp4",
                "file_size": 4096,
                "media_type": "video_message",
                "mime_type": "video/mp4",
                "duration_seconds": 5,
                "width": 384,
                "height": 384,
            },
        ),
        (
            document(types.DocumentAttributeAudio(7, voice=True, waveform=b"w"), mime="audio/ogg"),
            FileKind.VOICE,
            {
                "file": "{chat}/voice_messages/audio_88.ogg",
                "file_size": 4096,
                "media_type": "voice_message",
                "mime_type": "audio/ogg",
                "duration_seconds": 7,
            },
        ),
        (
            document(types.DocumentAttributeAudio(7, voice=True), mime="audio/mp3"),
            FileKind.VOICE,
            {
                "file": "{chat}/voice_messages/audio_88.mp3",
                "file_size": 4096,
                "media_type": "voice_message",
                "mime_type": "audio/mp3",
                "duration_seconds": 7,
            },
        ),
        (
            document(_SONG, named("Song.mp3"), mime="audio/mpeg"),
            FileKind.MUSIC,
            {
                "file": "{chat}/files/Song_88.mp3",
                "file_name": "Song.mp3",
                "file_size": 4096,
                "media_type": "audio_file",
                "performer": "P",
                "title": "T",
                "mime_type": "audio/mpeg",
                "duration_seconds": 200,
            },
        ),
        (
            document(*_GIF, named("mp4.mp4"), mime="video/mp4"),
            FileKind.ANIMATIONS,
            {
                "file": "{chat}/animations/mp4_88.mp4",
                "file_name": "mp4.mp4",
                "file_size": 4096,
                "media_type": "animation",
                "mime_type": "video/mp4",
                "duration_seconds": 2,
                "width": 320,
                "height": 266,
            },
        ),
        (
            document(*_STICKER, named("sticker.webp"), mime="image/webp"),
            FileKind.STICKERS,
            {
                "file": "{chat}/stickers/sticker_88.webp",
                "file_name": "sticker.webp",
                "file_size": 4096,
                "media_type": "sticker",
                "sticker_emoji": "🐈",
                "mime_type": "image/webp",
                "width": 512,
                "height": 512,
            },
        ),
        (
            document(*_STICKER, named("AnimatedSticker.tgs"), mime="application/x-tgsticker"),
            FileKind.STICKERS,
            {
                "file": "{chat}/stickers/AnimatedSticker_88.tgs",
                "file_name": "AnimatedSticker.tgs",
                "file_size": 4096,
                "media_type": "sticker",
                "sticker_emoji": "🐈",
                "mime_type": "application/x-tgsticker",
                "width": 512,
                "height": 512,
            },
        ),
        (
            document(_VIDEO, types.DocumentAttributeSticker("", _STICKERS), mime="video/webm"),
            FileKind.STICKERS,
            {
                "file": "{chat}/stickers/sticker_88.webm",
                "file_size": 4096,
                "media_type": "sticker",
                "mime_type": "video/webm",
                "duration_seconds": 12,
                "width": 640,
                "height": 480,
            },
        ),
        (
            document(named("report.tar.gz"), mime="application/gzip"),
            FileKind.FILES,
            {
                "file": "{chat}/files/report_88.tar.gz",
                "file_name": "report.tar.gz",
                "file_size": 4096,
                "mime_type": "application/gzip",
            },
        ),
        (document(), FileKind.FILES, {"file": "{chat}/files/file_88", "file_size": 4096}),
    ],
)
def test_every_sort_of_document_has_its_fields_and_its_folder(
    file: types.Document, kind: FileKind, fields: dict[str, object]
) -> None:
    sent = _document_message(file)
    found = told(sent)

    assert found.pop("api") == {"media": {"file": {"id": 88, "dc": 4, "bytes": 4096}}}
    assert list(found.items()) == list(fields.items())
    assert [(each.kind, each.name, each.is_photo) for each in convert(sent).files] == [(kind, "document_88", False)]


def test_a_thumbnail_is_a_file_of_its_own() -> None:
    thumbs = [types.PhotoStrippedSize("i", b"blur"), types.PhotoSize("m", 320, 180, 999), types.PhotoSize("s", 9, 9, 5)]
    sent = _document_message(document(_VIDEO, named("a.mp4"), thumbs=thumbs))

    found = told(sent)
    assert (found["thumbnail"], found["thumbnail_file_size"]) == ("{chat}/video_files/a_88.mp4_thumb.jpg", 999)
    assert list(found)[:5] == ["file", "file_name", "file_size", "thumbnail", "thumbnail_file_size"]
    assert found["api"]["media"]["thumbnail"] == {"id": 88, "dc": 4, "size_letter": "m", "bytes": 999}
    assert [(each.kind, each.name, each.letter) for each in convert(sent).files] == [
        (FileKind.VIDEOS, "document_88", ""),
        (FileKind.THUMBNAILS, "document_88_m", "m"),
    ]


def test_a_thumbnail_can_be_left_out_alone() -> None:
    sent = _document_message(document(_VIDEO, thumbs=[types.PhotoSize("m", 320, 180, 999)]))

    found = told(sent, decide=refusing("not included", FileKind.THUMBNAILS))
    assert (found["file"], found["thumbnail"]) == ("{chat}/video_files/video_88.mp4", _NOT_INCLUDED)


@pytest.mark.parametrize(("out", "thumb"), [(False, _UNAVAILABLE), (True, "{chat}/video_files/video_88.mp4_thumb.jpg")])
def test_of_a_film_to_be_seen_once_only_the_sender_has_a_preview(out: bool, thumb: str) -> None:
    sent = _document_message(document(_VIDEO, thumbs=[types.PhotoSize("m", 320, 180, 999)]), ttl_seconds=9)
    sent.out = out

    found = told(sent)
    assert (found["file"], found["file_size"], found["thumbnail"]) == (_UNAVAILABLE, 0, thumb)
    assert found["self_destruct_period_seconds"] == 9


@pytest.mark.parametrize("gone", [types.DocumentEmpty(88), None])
def test_a_document_that_is_gone_is_unavailable(gone: Any) -> None:
    assert told(_document_message(gone)) == {"file": _UNAVAILABLE, "file_size": 0}


def test_other_qualities_and_a_cover_are_noted() -> None:
    other = document(_VIDEO, number=89, mime="video/mp4")
    sent = _document_message(document(_VIDEO), alt_documents=[other], video_cover=photo(), video_timestamp=4)

    found = told(sent)["api"]
    assert found["other_qualities"] == [
        {"id": 89, "dc": 4, "bytes": 4096, "mime_type": "video/mp4", "width": 640, "height": 480}
    ]
    assert (found["video_timestamp"], found["video_cover"]["photo"]) == (4, "{chat}/photos/photo_77.jpg")
    assert "api/video_cover/photo" in [file.field for file in convert(sent).files]


def test_hostile_numbers_and_names_harm_nothing() -> None:
    file = document(
        types.DocumentAttributeVideo(float("inf"), -1, 1 << 31),
        named("../\u202e\x00evil.exe"),
        mime="a/../b",
        size=-(1 << 63),
    )

    found = body(_document_message(file))
    folder, name = found["file"].removeprefix("{chat}/").split("/")
    assert (folder, name) == ("video_files", "video_88..___evil.exe")
    assert (found["file_size"], found["width"]) == (-(1 << 63), -1)
    assert "duration_seconds" not in found


def test_a_document_can_be_placed_anywhere() -> None:
    made = making()

    path = place_document(document(), made, field="x", path="stories/a.mp4", kind=FileKind.STORIES)
    assert (path, made.files[0].path) == ("stories/a.mp4", "{chat}/stories/a.mp4")
    assert document_fields(document(), made, at="api/x/")["file"] == "files/file_88"
