"""A message fetched and the same message exported by Telegram Desktop are one, and neither is an edit of the other."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import (
    BEN,
    T0,
    at,
    convert,
    document,
    message,
    named,
    photo,
    service,
)
from tests.plugins.takeout.convert.test_rich import MESSAGE as RICH

from samples.json.texts import NOT_INCLUDED, local
from tgvault.archive.comparing import compare
from tgvault.archive.segments import Stored
from tgvault_plugins.takeout.convert.phones import PhoneFormat

_VIDEO = types.DocumentAttributeVideo(5, 640, 480)
_STICKERS = types.InputStickerSetEmpty()
_GEO = types.GeoPoint(-16.3738, 48.2082, 7)
_PLACE = {"latitude": 48.2082, "longitude": -16.3738}


def _file(*attributes: Any, **fields: Any) -> types.MessageMediaDocument:
    return types.MessageMediaDocument(document=document(*attributes, **fields))


def _text(text: str, *entities: Any) -> types.TextWithEntities:
    return types.TextWithEntities(text, list(entities))


def _exported(**fields: Any) -> dict[str, Any]:
    text = fields.pop("text", "")
    runs = text if isinstance(text, list) else [text] if text else []
    entities = [{"type": "plain", "text": each} if isinstance(each, str) else each for each in runs]
    head = {"id": 5, "type": "message", "date": local(T0), "date_unixtime": str(T0)}
    return {**head, "from": "Ben", "from_id": "user7000000002", **fields, "text": text, "text_entities": entities}


_POLL = types.MessageMediaPoll(
    types.Poll(3, _text("Q?"), [types.PollAnswer(_text("a", types.MessageEntityCustomEmoji(0, 1, 5)), b"0")], 0),
    types.PollResults(total_voters=3),
)
_BUTTONS = types.ReplyInlineMarkup(
    [
        types.KeyboardInlineButtonRow(
            [
                types.KeyboardInlineButton("Go", types.InlineButtonTypeCallback(b"\xfb\xff\x01")),
                types.KeyboardInlineButton("Site", types.InlineButtonTypeUrl("https://e.org")),
            ]
        )
    ]
)

#: What was fetched, and what Telegram Desktop wrote of it by hand of its rules.
MEDIA: dict[str, tuple[types.Message, dict[str, Any]]] = {
    "text": (message(text="hi"), _exported(text="hi")),
    "marks": (
        message(text="a😀 b c", entities=[types.MessageEntityBold(4, 1), types.MessageEntityItalic(6, 1)]),
        _exported(text=["a😀 ", {"type": "bold", "text": "b"}, " ", {"type": "italic", "text": "c"}, ""]),
    ),
    "photo": (
        message(text="cap", media=types.MessageMediaPhoto(photo=photo())),
        _exported(photo=NOT_INCLUDED, photo_file_size=120_000, width=1280, height=960, text="cap"),
    ),
    "video": (
        message(media=_file(_VIDEO, named("a.mp4"), mime="video/mp4", thumbs=[types.PhotoSize("m", 3, 2, 1)])),
        _exported(
            file="video_files/a.mp4",
            file_name="a.mp4",
            file_size=4096,
            thumbnail="video_files/a.mp4_thumb.jpg",
            thumbnail_file_size=1,
            media_type="video_file",
            mime_type="video/mp4",
            duration_seconds=5,
            width=640,
            height=480,
        ),
    ),
    "animation": (
        message(media=_file(_VIDEO, types.DocumentAttributeAnimated(), mime="video/mp4")),
        _exported(file="video_files/video_1.mp4", file_size=4096, media_type="animation", mime_type="video/mp4"),
    ),
    "voice": (
        message(media=_file(types.DocumentAttributeAudio(7, voice=True), mime="audio/ogg")),
        _exported(file=NOT_INCLUDED, file_size=4096, media_type="voice_message", duration_seconds=7),
    ),
    "round": (
        message(media=_file(types.DocumentAttributeVideo(5, 384, 384, round_message=True), mime="video/mp4")),
        _exported(file=NOT_INCLUDED, file_size=4096, media_type="video_message", duration_seconds=5),
    ),
    "music": (
        message(media=_file(types.DocumentAttributeAudio(200, title="T", performer="P"), mime="audio/mpeg")),
        _exported(file=NOT_INCLUDED, file_size=4096, media_type="audio_file", performer="P", title="T"),
    ),
    "sticker": (
        message(media=_file(types.DocumentAttributeSticker("🐈", _STICKERS), mime="image/webp")),
        _exported(file="stickers/sticker.webp", file_size=4096, media_type="sticker", sticker_emoji="🐈"),
    ),
    "file": (
        message(media=_file(named("report.tar.gz"), mime="application/gzip")),
        _exported(file="files/report.tar.gz", file_name="report.tar.gz", file_size=4096),
    ),
    "seen once": (
        message(media=types.MessageMediaPhoto(ttl_seconds=30)),
        _exported(
            photo="(File unavailable, please try again later)", photo_file_size=0, self_destruct_period_seconds=30
        ),
    ),
    "contact": (
        message(media=types.MessageMediaContact("447400000000", "Cleo", "", "BEGIN:VCARD", 0)),
        _exported(
            contact_information={"first_name": "Cleo", "last_name": "", "phone_number": "+44 7400 000000"},
            contact_vcard="contacts/contact_1.vcard",
            contact_vcard_file_size=11,
        ),
    ),
    "place": (message(media=types.MessageMediaGeo(_GEO)), _exported(location_information=_PLACE)),
    "live place": (
        message(media=types.MessageMediaGeoLive(types.GeoPointEmpty(), 900)),
        _exported(location_information=None, live_location_period_seconds=900),
    ),
    "venue": (
        message(media=types.MessageMediaVenue(_GEO, "Café", "1 Rue", "", "", "")),
        _exported(place_name="Café", address="1 Rue", location_information=_PLACE),
    ),
    "game": (
        message(via_bot_id=9, media=types.MessageMediaGame(types.Game(1, 2, "g", "G", "D", types.PhotoEmpty(1)))),
        _exported(
            game_title="G", game_description="D", game_link="https://t.me/helperbot?game=g", via_bot="@helperbot"
        ),
    ),
    "invoice": (
        message(media=types.MessageMediaInvoice("T", "D", "EUR", 150, "")),
        _exported(invoice_information='{\n    "title": "T"\n   }'),
    ),
    "poll": (
        message(media=_POLL),
        _exported(
            poll={
                "question": "Q?",
                "closed": False,
                "total_voters": 9,
                "answers": [
                    {
                        "text": [{"type": "custom_emoji", "text": "a", "document_id": "5"}],
                        "voters": 4,
                        "chosen": True,
                    }
                ],
            }
        ),
    ),
    "tasks": (
        message(media=types.MessageMediaToDo(types.TodoList(_text("To do"), [types.TodoItem(1, _text("milk"))]))),
        _exported(
            todo_list={
                "title": "To do",
                "others_can_append": False,
                "others_can_complete": False,
                "answers": [{"text": "milk", "id": 1}],
            }
        ),
    ),
    "giveaway": (
        message(media=types.MessageMediaGiveaway([1], 10, at(T0))),
        _exported(giveaway_information={"quantity": 10, "until_date": local(T0)}),
    ),
    "paid": (
        message(media=types.MessageMediaPaidMedia(50, [types.MessageExtendedMediaPreview()])),
        _exported(paid_stars_amount=50),
    ),
    "web page": (
        message(text="e.org", media=types.MessageMediaWebPage(types.WebPage(1, "https://e.org", "e.org", 0))),
        _exported(text="e.org"),
    ),
    "dice": (message(media=types.MessageMediaDice(4, "🎲")), _exported()),
    "story": (message(media=types.MessageMediaStory(BEN, 3)), _exported()),
    "buttons": (
        message(text="b", reply_markup=_BUTTONS),
        _exported(
            text="b",
            inline_bot_buttons=[
                [
                    {"type": "callback", "text": "Go", "dataBase64": "-_8B", "data": ""},
                    {"type": "url", "text": "Site", "data": "https://e.org"},
                ]
            ],
        ),
    ),
    "reactions": (
        message(text="r", reactions=types.MessageReactions([types.ReactionCount(types.ReactionEmoji("❤"), 1)])),
        _exported(text="r", reactions=[{"type": "emoji", "count": 12, "emoji": "❤"}]),
    ),
    "rich": (message(text="fallback", rich_message=RICH), _exported(text="fallback")),
}

_BRITISH = PhoneFormat.of_countries(
    [
        types.help.Country(
            "GB", "United Kingdom", [types.help.CountryCode("44", prefixes=["7"], patterns=["XXXX XXXXXX"])]
        )
    ]
)


def _stored(body: bytes) -> Stored:
    return Stored(5, body, {})


@pytest.mark.parametrize("name", MEDIA)
@pytest.mark.parametrize("edited", [0, 9])
def test_what_was_fetched_is_no_edit_of_what_was_exported(name: str, edited: int) -> None:
    sent, exported = MEDIA[name]
    if edited:
        exported = exported | {"edited": local(T0 + 9), "edited_unixtime": str(T0 + 9)}
    sent.edit_date = at(T0 + edited) if edited else None

    fetched = convert(sent, raw=True, phone=_BRITISH).body

    for one, other in ((fetched, msgspec.json.encode(exported)), (msgspec.json.encode(exported), fetched)):
        found = compare(_stored(one), _stored(other))
        assert (found.edited, found.same_date, found.edit_order) == (False, True, 0)


def test_what_was_fetched_after_an_edit_is_one() -> None:
    before = _exported(text="hi")

    after = convert(message(text="ho", edit_date=at(T0 + 9))).body

    found = compare(_stored(msgspec.json.encode(before)), _stored(after))
    assert (found.edited, found.edit_order) == (True, -1)


def test_words_of_a_button_are_no_edit_of_the_doubled_key() -> None:
    head = b'{"id":5,"type":"service","date_unixtime":"%d","action":"send_webview_data",' % T0
    exported = head + b'"text":"button says hi","text":"","text_entities":[]}'

    fetched = convert(service(types.MessageActionWebViewDataSent("button says hi"))).body

    assert not compare(_stored(fetched), _stored(exported)).edited
