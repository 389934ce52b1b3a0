from __future__ import annotations

import msgspec
from telethon.tl import types
from tests.plugins.takeout.convert.support import T0, around, document, named, refusing

from tgvault_plugins.desktop_export.known import MESSAGE_FIELDS
from tgvault_plugins.takeout.convert.music import profile_music

_SONG = document(types.DocumentAttributeAudio(200, title="T", performer="P"), named("a.mp3"), mime="audio/mpeg")


def test_music_of_the_profile_is_told_as_messages() -> None:
    made = profile_music([document(), types.DocumentEmpty(4), _SONG], around())

    [row] = msgspec.json.decode(made.body)
    assert row == {
        "id": 1,
        "type": "message",
        "date": "1970-01-01T01:00:00",
        "date_unixtime": "0",
        "file": "profile_music/files/a_88.mp3",
        "file_name": "a.mp3",
        "file_size": 4096,
        "media_type": "audio_file",
        "performer": "P",
        "title": "T",
        "mime_type": "audio/mpeg",
        "duration_seconds": 200,
        "text": "",
        "text_entities": [],
        "api": {"id": 88, "dc": 4, "date_unixtime": str(T0)},
    }
    assert set(row) - {"api"} <= MESSAGE_FIELDS
    assert [(file.field, file.path) for file in made.files] == [("0/file", "profile_music/files/a_88.mp3")]


def test_music_that_is_left_out_has_words_in_its_place() -> None:
    made = profile_music([_SONG], around(refusing("too big")))

    assert b'"file":"(File exceeds maximum size.' in made.body
    assert [file.field for file, _ in made.left_out] == ["0/file"]
