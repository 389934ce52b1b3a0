from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.alltlobjects import LAYER
from tests.plugins.takeout.convert.support import (
    ANA,
    BEN,
    CHANNEL,
    GROUP,
    T0,
    at,
    body,
    convert,
    document,
    message,
    named,
    photo,
    service,
    told,
)

from tgvault.api import FindingKind

_BUTTON = types.KeyboardInlineButton("B", types.InlineButtonTypeBuy())
_EVERYTHING = {
    "fwd_from": types.MessageFwdHeader(at(T0), from_id=CHANNEL, saved_from_peer=BEN, saved_from_msg_id=3),
    "reply_to": types.MessageReplyHeader(reply_to_msg_id=4, reply_to_peer_id=CHANNEL),
    "via_bot_id": 9,
    "post_author": "chief",
    "edit_date": at(T0 + 9),
    "reactions": types.MessageReactions([types.ReactionCount(types.ReactionEmoji("❤"), 1)]),
    "reply_markup": types.ReplyInlineMarkup([types.KeyboardInlineButtonRow([_BUTTON])]),
}


def test_fields_stand_in_the_order_of_telegram_desktop() -> None:
    found = body(message(text="cap", media=types.MessageMediaPhoto(photo=photo()), **_EVERYTHING))

    order = (
        "id type date date_unixtime edited edited_unixtime from from_id author forwarded_from forwarded_from_id"
        " saved_from reply_to_message_id reply_to_peer_id via_bot photo photo_file_size width height text"
        " text_entities inline_bot_buttons reactions api"
    )
    assert " ".join(found) == order
    assert (found["edited"], found["edited_unixtime"]) == ("2024-11-14T09:12:53", str(T0 + 9))
    assert found["via_bot"] == "@helperbot"


def test_the_numbers_of_a_message_stand_beside_its_body() -> None:
    made = convert(message(7, edit_date=at(T0 + 9)))

    assert (made.id, made.date, made.edited) == (7, T0, T0 + 9)


def test_a_message_that_was_never_edited_says_nothing_of_it() -> None:
    made = convert(message(edit_date=at(0)))

    assert made.edited == 0
    assert b"edited" not in made.body


@pytest.mark.parametrize(
    ("peer", "sender", "name", "number"),
    [
        (BEN, None, "Ben 伊藤", "user7000000002"),
        (CHANNEL, None, "News ✨", "channel1987654321"),
        (GROUP, ANA, "Ana Kovač", "user100000001"),
        (GROUP, types.PeerUser(100000009), None, "user100000009"),
        (GROUP, types.PeerChat(12), None, "chat12"),
        (None, None, "Ben 伊藤", "user7000000002"),
    ],
)
def test_a_message_without_a_sender_is_of_its_chat(peer: Any, sender: Any, name: str | None, number: str) -> None:
    found = body(message(peer_id=peer, from_id=sender))

    assert (found["from"], found["from_id"]) == (name, number)


def test_a_bot_without_a_name_is_not_told() -> None:
    assert told(message(via_bot_id=10)) == {"api": {"via_bot_id": 10}}


def test_what_an_export_leaves_out_is_noted() -> None:
    found = told(
        message(
            out=True,
            mentioned=True,
            silent=True,
            post=True,
            pinned=True,
            noforwards=True,
            edit_hide=True,
            views=0,
            forwards=3,
            ttl_period=60,
            effect=1 << 62,
            grouped_id=-5,
            saved_peer_id=CHANNEL,
            replies=types.MessageReplies(2, 9, comments=True, channel_id=4),
            factcheck=types.FactCheck(1, country="AT"),
            restriction_reason=[types.RestrictionReason("ios", "porn", "no")],
            media_unread=True,
        )
    )

    assert found == {
        "api": {
            "out": True,
            "pinned": True,
            "silent": True,
            "post": True,
            "noforwards": True,
            "mentioned": True,
            "edit_hide": True,
            "views": 0,
            "forwards": 3,
            "ttl_period": 60,
            "effect": 1 << 62,
            "album_id": -5,
            "replies": {"count": 2, "comments": True, "channel_id": 4},
            "saved_peer_id": "channel1987654321",
            "factcheck": {"_": "FactCheck", "hash": 1, "country": "AT"},
            "restriction_reason": [{"_": "RestrictionReason", "platform": "ios", "reason": "porn", "text": "no"}],
        }
    }


def test_the_bytes_that_came_are_kept_with_their_layer() -> None:
    found = body(message(text="hi"), raw=True, tl=b"as it came")["api"]

    assert (b64decode(found["raw"]), found["layer"]) == (b"as it came", LAYER)
    assert list(found)[-2:] == ["raw", "layer"]


def test_without_the_bytes_that_came_they_are_written_anew() -> None:
    sent = message(text="hi")

    assert b64decode(body(sent, raw=True)["api"]["raw"]) == bytes(sent)


def test_what_does_not_fit_on_the_wire_has_no_bytes_and_that_is_told() -> None:
    made = convert(message(text="hi", effect=1 << 70), raw=True)

    assert b"raw" not in made.body
    assert [(each.kind, each.subject) for each in made.findings] == [
        (FindingKind.NOTE, "message without its original bytes (error)")
    ]


def test_no_right_to_read_files_stands_in_a_body() -> None:
    file = document(named("a"), thumbs=[types.PhotoSize("m", 3, 2, 1)])
    hash_, reference = 0x1122334455667788, b"secret-reference"
    for each in (file, picture := photo()):
        each.access_hash, each.file_reference = hash_, reference
    page = types.WebPage(4, "u", "u", 0, photo=picture, document=file)
    gift = types.MessageActionStarGift(types.StarGift(1, file, 15, 10))

    for sent in (
        message(media=types.MessageMediaDocument(document=file)),
        message(media=types.MessageMediaWebPage(page)),
        service(gift),
    ):
        found = convert(sent).body
        assert str(hash_).encode() not in found
        assert b"c2VjcmV0" not in found
        assert b"access_hash" not in found


def test_a_placeholder_is_a_message_of_1970_by_nobody() -> None:
    made = convert(types.MessageEmpty(12, None))

    assert msgspec.json.decode(made.body) == {
        "id": 12,
        "type": "message",
        "date": "1970-01-01T01:00:00",
        "date_unixtime": "0",
        "text": "",
        "text_entities": [],
    }
    assert (made.date, made.id) == (0, 12)


def test_what_the_server_holds_back_has_an_id_and_the_rest_is_noted() -> None:
    found = body(message(text="cap", media=types.MessageMediaUnsupported()), shift=-1_000_000_000)

    assert list(found.items())[:2] == [("id", -999_999_995), ("type", "unsupported")]
    assert list(found) == ["id", "type", "api"]
    assert found["api"]["unsupported"]["text"] == "cap"


def test_a_card_in_a_group_of_old_has_the_number_of_its_message() -> None:
    card = types.MessageMediaContact("1", "A", "B", "BEGIN", 0)

    assert (
        told(message(media=card), shift=-1_000_000_000)["contact_vcard"] == "{chat}/contacts/contact_-999999995.vcard"
    )


def test_halves_of_characters_are_replaced() -> None:
    found = body(message(text="a\ud800b", post_author="\udfff"))

    assert (found["text"], found["author"]) == ("a\ufffdb", "\ufffd")


def test_a_message_that_is_not_as_the_schema_says_keeps_its_text_and_is_told() -> None:
    made = convert(message(text="hello", entities=[datetime]), misshapen=True)

    found = msgspec.json.decode(made.body)
    assert (found["text"], found["api"]["message"]["message"]) == ("hello", "hello")
    assert made.findings[0].kind is FindingKind.UNKNOWN_TYPE


def test_a_message_that_cannot_even_be_listed_keeps_its_text() -> None:
    made = convert(message(text="hello", entities=5), misshapen=True)

    assert msgspec.json.decode(made.body)["text"] == "hello"


def test_a_text_as_deep_as_no_app_writes_it_ends_nothing() -> None:
    deep: Any = types.TextPlain("x")
    for _ in range(5000):
        deep = types.TextBold(deep)
    blocks = [types.PageBlockParagraph(deep)]
    sent = message(text="hello", rich_message=types.RichMessage(blocks, [], []))

    made = convert(sent, misshapen=True)
    assert msgspec.json.decode(made.body)["text"] == "hello"


_IDS = st.integers(-(1 << 63), (1 << 63) - 1)
_INTS = st.integers(-(1 << 31), (1 << 31) - 1)
_TEXTS = st.text(max_size=12)
_DATES = _INTS.map(lambda each: datetime.fromtimestamp(each, UTC))
_PEERS = st.one_of(
    _IDS.map(types.PeerUser), _IDS.map(types.PeerChat), _IDS.map(types.PeerChannel), st.sampled_from([ANA, BEN])
)
_SIZES = st.lists(
    st.one_of(
        st.builds(types.PhotoSize, _TEXTS, _INTS, _INTS, _INTS),
        st.builds(types.PhotoSizeProgressive, _TEXTS, _INTS, _INTS, st.lists(_INTS, max_size=2)),
        st.builds(types.PhotoCachedSize, _TEXTS, _INTS, _INTS, st.binary(max_size=4)),
        st.builds(types.PhotoStrippedSize, _TEXTS, st.binary(max_size=4)),
    ),
    max_size=3,
)
_ATTRIBUTES = st.lists(
    st.one_of(
        st.builds(types.DocumentAttributeFilename, _TEXTS),
        st.builds(types.DocumentAttributeVideo, st.floats(), _INTS, _INTS, round_message=st.booleans()),
        st.builds(types.DocumentAttributeAudio, _INTS, voice=st.booleans(), title=st.none() | _TEXTS),
        st.just(types.DocumentAttributeAnimated()),
        st.just(types.DocumentAttributeHasStickers()),
        st.builds(types.DocumentAttributeSticker, _TEXTS, st.just(types.InputStickerSetEmpty())),
    ),
    max_size=4,
)
_PHOTOS = st.none() | st.builds(types.Photo, _IDS, _IDS, st.binary(max_size=3), _DATES, _SIZES, _INTS)
_FILES = st.none() | st.builds(
    types.Document,
    _IDS,
    _IDS,
    st.binary(max_size=3),
    _DATES,
    _TEXTS,
    _IDS,
    _INTS,
    _ATTRIBUTES,
    thumbs=st.none() | _SIZES,
)
_PLACES = st.just(types.GeoPointEmpty()) | st.builds(types.GeoPoint, st.floats(), st.floats(), _IDS)
_MEDIA = st.one_of(
    st.none(),
    st.builds(types.MessageMediaPhoto, photo=_PHOTOS, ttl_seconds=st.none() | _INTS, spoiler=st.none() | st.just(True)),
    st.builds(types.MessageMediaDocument, document=_FILES, ttl_seconds=st.none() | _INTS, video_cover=_PHOTOS),
    st.builds(types.MessageMediaContact, _TEXTS, _TEXTS, _TEXTS, _TEXTS, _IDS),
    st.builds(types.MessageMediaGeo, _PLACES),
    st.builds(types.MessageMediaVenue, _PLACES, _TEXTS, _TEXTS, _TEXTS, _TEXTS, _TEXTS),
    st.builds(types.MessageMediaInvoice, _TEXTS, _TEXTS, _TEXTS, _IDS, _TEXTS),
    st.builds(types.MessageMediaDice, _INTS, _TEXTS),
    st.builds(types.MessageMediaGiveaway, st.lists(_IDS, max_size=2), _INTS, _DATES),
)
_MARKS = st.none() | st.lists(
    st.one_of(
        st.builds(types.MessageEntityBold, _INTS, _INTS),
        st.builds(types.MessageEntityCustomEmoji, st.integers(0, 9), st.integers(0, 9), _IDS),
        st.builds(types.MessageEntityTextUrl, st.integers(0, 9), st.integers(0, 9), _TEXTS),
        st.builds(types.MessageEntityMentionName, st.integers(0, 9), st.integers(0, 9), _IDS),
    ),
    max_size=3,
)
_MESSAGES = st.builds(
    types.Message,
    _INTS,
    _PEERS,
    date=_DATES,
    message=_TEXTS,
    from_id=st.none() | _PEERS,
    fwd_from=st.none()
    | st.builds(types.MessageFwdHeader, _DATES, from_id=st.none() | _PEERS, from_name=st.none() | _TEXTS),
    reply_to=st.none() | st.builds(types.MessageReplyHeader, reply_to_msg_id=st.none() | _INTS),
    media=_MEDIA,
    entities=_MARKS,
    edit_date=st.none() | _DATES,
    views=st.none() | _INTS,
    grouped_id=st.none() | _IDS,
    post_author=st.none() | _TEXTS,
)


@settings(max_examples=200, deadline=None)
@given(sent=_MESSAGES, shift=st.sampled_from([0, -1_000_000_000]), raw=st.booleans())
def test_whatever_comes_becomes_one_line_of_json_that_begins_with_its_id(
    sent: types.Message, shift: int, raw: bool
) -> None:
    made = convert(sent, shift=shift, raw=raw)

    found = msgspec.json.decode(made.body)
    assert b"\n" not in made.body
    assert made.body.startswith(b'{"id":%d,' % (sent.id + shift))
    assert next(iter(found)) == "id"
    assert found["id"] == made.id == sent.id + shift
    for file in made.files:
        place: Any = found
        for part in file.field.split("/"):
            place = place[int(part) if isinstance(place, list) else part]
        assert place == file.path
        assert file.path.removeprefix("{chat}/").count("/") == 1


def test_a_message_read_off_the_wire_is_converted_as_it_was_sent() -> None:
    sent = message(text="a😀b", media=types.MessageMediaPhoto(photo=photo()), **_EVERYTHING)
    sent.entities = [types.MessageEntityBold(1, 2)]

    read = BinaryReader(bytes(sent)).tgread_object()

    assert convert(read, raw=True).body == convert(sent, raw=True, tl=bytes(sent)).body
