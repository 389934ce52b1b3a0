from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.lists import Line
from tgvault.archive.segments import (
    Content,
    Media,
    message_line,
    notes_on_media,
    parse_segment,
    parse_stored,
    positional,
    without_notes,
)
from tgvault.errors import CorruptObjectError

HEX = "ab" * 32

MEDIA = st.builds(
    Media,
    path=st.none() | st.text(max_size=8),
    size=st.none() | st.integers(0, 2**40),
    blob=st.none() | st.just(HEX),
    pieces=st.none() | st.just(HEX),
    missing=st.none() | st.just("too big"),
    filled=st.booleans(),
)
NOTES = st.dictionaries(st.sampled_from(["photo", "file", "thumbnail", "text_entities/3/document_id"]), MEDIA)
TEXTS = st.text(max_size=20)


def body(number: int, text: str = "", **fields: object) -> bytes:
    return json.dumps({"id": number, "text": text, **fields}, separators=(",", ":")).encode()


@given(st.dictionaries(st.integers(-(2**63), 2**63 - 1), st.tuples(TEXTS, NOTES), max_size=8))
def test_messages_and_notes_come_back_from_a_segment(messages: dict[int, tuple[str, dict[str, Media]]]) -> None:
    lines = [message_line(number, body(number, text), media) for number, (text, media) in messages.items()]

    found = list(parse_segment(b"".join(line.data for line in lines)))

    assert found == lines
    for line, (number, (text, media)) in zip(found, messages.items(), strict=True):
        stored = parse_stored(line)
        assert (stored.id, stored.body, stored.media) == (number, body(number, text), media)


@given(st.dictionaries(st.integers(0, 99), st.tuples(TEXTS, NOTES), max_size=8))
def test_bodies_and_notes_can_be_had_apart(messages: dict[int, tuple[str, dict[str, Media]]]) -> None:
    content = b"".join(message_line(key, body(key, text), media).data for key, (text, media) in messages.items())

    bodies, notes = without_notes(content)

    assert bodies == b"".join(body(key, text) + b"\n" for key, (text, _) in messages.items())
    assert notes == [*notes_on_media(content)] == [media for _, media in messages.values() if media]


def test_a_message_without_media_is_its_body_and_a_line_feed() -> None:
    assert message_line(5, b'{"id":5}', {}) == Line(5, b'{"id":5}\n')


def test_a_note_is_written_as_the_format_says() -> None:
    line = message_line(5, b'{"id":5}', {"photo": Media("{chat}/a.jpg", 9, HEX)})

    note = line.data.split(b"\n")[1]
    assert note == b'["media",{"photo":{"path":"{chat}/a.jpg","size":9,"blob":"%s"}}]' % HEX.encode()


def test_notes_of_a_later_version_are_passed_over_and_kept() -> None:
    content = b'{"id":5}\n["reactions",7]\n["media",{"photo":{"path":"a","later":[1]}}]\n{"id":6}\n'

    first, second = parse_segment(content)

    assert first.data + second.data == content
    assert parse_stored(first).media == {"photo": Media("a")}


def test_lines_of_a_chat_without_ids_are_counted() -> None:
    content = b'{"text":"a"}\n["media",{}]\n{"text":"b"}\n'

    assert [line.key for line in positional(content)] == [0, 1]
    assert [line.key for line in parse_segment(content, first=7)] == [7, 8]


def test_an_empty_segment_has_no_messages() -> None:
    assert list(parse_segment(b"")) == []
    assert list(positional(b"")) == []


@pytest.mark.parametrize(
    "content", [b'{"text":"no id"}\n', b'{"id":"5"}\n', b"nonsense\n", b'{"id":1e30}\n', b'{"id":1\n']
)
def test_a_line_that_is_no_message_is_reported(content: bytes) -> None:
    with pytest.raises(CorruptObjectError):
        list(parse_segment(content + b"\n"))


def test_a_note_that_cannot_be_read_is_reported() -> None:
    (line,) = parse_segment(b'{"id":5}\n["media",{"photo":5}]\n')

    with pytest.raises(CorruptObjectError, match="a note on"):
        parse_stored(line)


@pytest.mark.parametrize(
    ("media", "content"),
    [
        (Media("a", 3, HEX), Content(3, HEX)),
        (Media("a", 3, pieces=HEX), Content(3, None, HEX)),
        (Media("a", 0, HEX), Content(0, HEX)),
        (Media("a", missing="too big"), None),
        (Media("a", 3), None),
        (Media("a", blob=HEX), None),
    ],
)
def test_content_is_there_when_size_and_blob_are(media: Media, content: Content | None) -> None:
    assert media.content == content
