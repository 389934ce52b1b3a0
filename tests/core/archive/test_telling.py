from __future__ import annotations

import json

import msgspec
import pytest

from tgvault.archive.entries import Gone, Past, Version
from tgvault.archive.segments import Content, Media, Stored
from tgvault.archive.telling import OWN_KEY, place_all, tell, tell_gone
from tgvault.errors import CorruptObjectError

A, B = Content(1, blob="aa"), Content(2, blob="bb")
GONE = Gone("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")


class Places:
    """Takes files, gives those a number whose path is taken, and refuses one."""

    def __init__(self, *, refused: str = "") -> None:
        self.files: dict[str, Content] = {}
        self._refused = refused

    def __call__(self, path: str, content: Content) -> str | None:
        if path == self._refused:
            return None
        if self.files.setdefault(path, content) == content:
            return path
        stem, _, ending = path.rpartition(".")
        return self(f"{stem} (2).{ending}", content)


def a_version(seen: str, body: bytes, media: dict[str, Media] | None = None) -> Version:
    return Version(seen, msgspec.Raw(body), media or {})


def told(
    body: bytes, media: dict[str, Media] | None = None, past: Past | None = None, place: Places | None = None
) -> bytes:
    return tell(Stored(5, body, media or {}), past, folder="chats/chat_3/", place=place or Places())


def test_a_message_of_which_nothing_more_is_known_stays_as_it_is() -> None:
    assert told(b'{"id":5,"text":"{chat}{chat}/x","n":1.500000}') == b'{"id":5,"text":"{chat}/x","n":1.500000}'


def test_its_files_lie_in_the_folder_of_the_chat() -> None:
    place = Places()

    body = told(
        b'{"id":5,"photo":"{chat}/photos/a.jpg"}', {"photo": Media("{chat}/photos/a.jpg", 1, "aa")}, place=place
    )

    assert body == b'{"id":5,"photo":"chats/chat_3/photos/a.jpg"}'
    assert place.files == {"chats/chat_3/photos/a.jpg": A}


def test_a_file_that_is_not_there_is_not_placed() -> None:
    place = Places()

    told(b'{"photo":"{chat}/a.jpg"}', {"photo": Media("{chat}/a.jpg", missing="not in the source")}, place=place)

    assert place.files == {}


def test_a_file_that_gets_another_name_gets_it_in_the_body_and_nowhere_else() -> None:
    place = Places()
    place("chats/chat_3/a.jpg", A)
    body = b'{"file":"{chat}/a.jpg","file_name":"a.jpg","text":"chats/chat_3/a.jpg"}'

    after = told(body, {"file": Media("{chat}/a.jpg", 2, "bb")}, place=place)

    assert after == b'{"file":"chats/chat_3/a (2).jpg","file_name":"a.jpg","text":"chats/chat_3/a.jpg"}'


def test_a_file_that_cannot_be_placed_leaves_the_body_alone() -> None:
    place = Places(refused="chats/chat_3/a.jpg")
    body = b'{"photo":"(File not included.)"}'

    after = json.loads(told(body, {"photo": Media("{chat}/a.jpg", 1, "aa", filled=True)}, place=place))

    assert after["photo"] == "(File not included.)"


def test_a_file_from_another_export_stands_in_the_body_and_is_told() -> None:
    body = b'{"id":5,"photo":"(File not included. Change data exporting settings to download.)","text":""}'

    after = told(body, {"photo": Media("{chat}/photos/a.jpg", 1, "aa", filled=True)})

    assert after == b'{"id":5,"photo":"chats/chat_3/photos/a.jpg","text":"","tgvault":{"filled":["photo"]}}'


def test_earlier_texts_are_told_with_their_files_and_when_they_were_last_seen() -> None:
    place = Places()
    media = {"photo": Media("{chat}/a.jpg", 2, "bb")}
    versions = (a_version("2026-01-01T00:00:00Z", b'{"id":5,"photo":"{chat}/a.jpg","text":"x"}', media),)
    place("chats/chat_3/a.jpg", A)

    after = json.loads(told(b'{"id":5,"text":"y"}', past=Past(5, None, versions), place=place))

    earlier = {"seen": "2026-01-01T00:00:00Z", "body": {"id": 5, "photo": "chats/chat_3/a (2).jpg", "text": "x"}}
    assert after == {"id": 5, "text": "y", OWN_KEY: {"earlier": [earlier]}}


def test_a_message_that_is_gone_says_its_last_text_and_that_it_is_gone() -> None:
    versions = (
        a_version("2026-01-01T00:00:00Z", b'{"id":5,"text":"x"}'),
        a_version("2026-01-02T00:00:00Z", b'{"id":5,"text":"y"}'),
    )

    after = json.loads(tell_gone(Past(5, GONE, versions), folder="", place=Places()))

    assert after["text"] == "y"
    assert after[OWN_KEY]["gone"] == {"seen": GONE.seen, "missed": GONE.missed}
    assert [each["body"]["text"] for each in after[OWN_KEY]["earlier"]] == ["x"]


def test_a_gone_message_without_a_text_is_damage() -> None:
    with pytest.raises(CorruptObjectError, match="message 5"):
        tell_gone(Past(5, GONE, ()), folder="", place=Places())


def test_a_message_without_a_member_can_be_marked() -> None:
    after = tell_gone(Past(5, GONE, (a_version("2026-01-01T00:00:00Z", b"{}"),)), folder="", place=Places())

    assert json.loads(after)[OWN_KEY]["gone"]["seen"] == GONE.seen


def test_what_an_earlier_restore_said_stays_as_it_is() -> None:
    body = b'{"id":5,"tgvault":{"gone":{"seen":"a","missed":"b"}}}'

    assert told(body) == body


def test_what_an_earlier_restore_said_and_what_is_known_now_stand_in_one_key() -> None:
    body = b'{"id":5,"tgvault":{"filled":["photo"]},"text":"y"}'
    versions = (a_version("2026-01-01T00:00:00Z", b'{"id":5,"text":"x"}'),)

    after = told(body, past=Past(5, None, versions))

    assert after.count(b'"tgvault"') == 1
    own = json.loads(after)[OWN_KEY]
    assert own["imported"] == {"filled": ["photo"]}
    assert own["earlier"][0]["body"]["text"] == "x"


def test_our_key_deeper_in_a_message_is_not_ours() -> None:
    after = json.loads(told(b'{"id":5,"x":{"tgvault":1}}', past=Past(5, GONE, ())))

    assert after["x"] == {"tgvault": 1}
    assert "imported" not in after[OWN_KEY]


def test_paths_of_a_document_are_those_of_the_source() -> None:
    place = Places()
    media = {"0/photo": Media("{chat}/a.jpg", 1, "aa"), "1/photo": Media("a.jpg", 2, "bb")}
    place("a.jpg", A)

    body = place_all(b'[{"photo":"{chat}/a.jpg"},{"photo":"a.jpg"}]', media, folder=None, place=place)

    assert body == b'[{"photo":"{chat}/a.jpg"},{"photo":"a (2).jpg"}]'
    assert place.files == {"a.jpg": A, "{chat}/a.jpg": A, "a (2).jpg": B}
