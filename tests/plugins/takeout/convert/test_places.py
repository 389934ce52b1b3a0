from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import convert, document, message, photo, refusing, told

from tgvault_plugins.takeout.files import FileKind


def _media(media: Any, **how: Any) -> dict[str, Any]:
    return told(message(media=media), **how)


_GEO = types.GeoPoint(-16.3738, 48.2082, 7)


def test_a_place_has_six_decimals() -> None:
    made = convert(message(media=types.MessageMediaGeo(_GEO)))

    assert b'"location_information":{"latitude":48.208200,"longitude":-16.373800}' in made.body


def test_a_place_that_is_not_told_is_null() -> None:
    assert _media(types.MessageMediaGeo(types.GeoPointEmpty())) == {"location_information": None}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_place_that_is_none_is_null(number: float) -> None:
    found = _media(types.MessageMediaGeo(types.GeoPoint(1.0, number, 7)))

    assert found == {"location_information": {"latitude": None, "longitude": 1.0}}


def test_a_live_place_tells_how_long() -> None:
    found = _media(types.MessageMediaGeoLive(types.GeoPointEmpty(), 900, heading=5, proximity_notification_radius=50))

    assert found == {
        "location_information": None,
        "live_location_period_seconds": 900,
        "api": {"place": {"heading": 5, "proximity_notification_radius": 50}},
    }


def test_a_venue_has_a_name() -> None:
    found = _media(types.MessageMediaVenue(_GEO, "Café", "1 Rue", "foursquare", "v1", "food"))

    assert list(found) == ["place_name", "address", "location_information", "api"]
    assert found["api"] == {"place": {"provider": "foursquare", "venue_id": "v1", "venue_type": "food"}}


def test_a_venue_without_a_place_has_a_name_only() -> None:
    assert _media(types.MessageMediaVenue(types.GeoPointEmpty(), "Café", "", "", "", "")) == {"place_name": "Café"}


_CONTACT = types.MessageMediaContact("447400000000", "Cleo", "", "BEGIN:VCARD\nEND:VCARD", 7)


def test_a_card_is_a_file_that_came_along() -> None:
    found = _media(_CONTACT)

    assert found == {
        "contact_information": {"first_name": "Cleo", "last_name": "", "phone_number": "+447400000000"},
        "contact_vcard": "{chat}/contacts/contact_5.vcard",
        "contact_vcard_file_size": 21,
        "api": {"contact": {"user_id": 7}},
    }
    [file] = convert(message(media=_CONTACT)).files
    assert (file.content, file.kind, file.id, file.size) == (b"BEGIN:VCARD\nEND:VCARD", FileKind.CONTACTS, 0, 21)


def test_equal_cards_have_equal_names() -> None:
    one, other = (convert(message(number, media=_CONTACT)).files[0] for number in (5, 6))

    assert (one.name, one.path != other.path) == (other.name, True)


def test_a_card_can_be_left_out() -> None:
    found = _media(_CONTACT, decide=refusing("not included"))

    assert found["contact_vcard"] == "(File not included. Change data exporting settings to download.)"
    assert found["contact_vcard_file_size"] == 21


def test_a_person_without_a_card_has_a_name_and_a_number() -> None:
    found = _media(types.MessageMediaContact("", "", "", "", 0))

    assert found == {"contact_information": {"first_name": "", "last_name": "", "phone_number": ""}}


def test_a_card_of_broken_letters_is_a_file_all_the_same() -> None:
    [file] = convert(message(media=types.MessageMediaContact("1", "A", "B", "\ud800", 0))).files

    assert file.content == b"?"


_GAME = types.MessageMediaGame(types.Game(3, 4, "g", "G", "D", photo(), document()))


@pytest.mark.parametrize("how", [{"via_bot_id": 9}, {"from_id": types.PeerUser(9)}, {"fwd_from": "bot"}])
def test_a_game_links_to_its_bot(how: dict[str, Any]) -> None:
    if "fwd_from" in how:
        how = {"fwd_from": types.MessageFwdHeader(None, from_id=types.PeerUser(9))}
    found = told(message(media=_GAME, **how))

    assert [found[name] for name in ("game_title", "game_description", "game_link")] == [
        "G",
        "D",
        "https://t.me/helperbot?game=g",
    ]


def test_a_game_of_nobody_known_has_no_link_and_its_pictures_are_noted() -> None:
    found = _media(_GAME)

    assert "game_link" not in found
    assert found["api"]["game"]["photo"] == "{chat}/photos/photo_77.jpg"
    assert found["api"]["game"]["document"]["file"] == "{chat}/files/file_88"
    assert [file.field for file in convert(message(media=_GAME)).files] == ["api/game/photo", "api/game/document/file"]


def test_a_bill_is_a_text_that_holds_json() -> None:
    found = _media(types.MessageMediaInvoice("T", "D", "EUR", 150, "", receipt_msg_id=9))

    assert msgspec.json.decode(found["invoice_information"]) == {
        "title": "T",
        "description": "D",
        "amount": 150,
        "currency": "EUR",
        "receipt_message_id": 9,
    }
    assert "api" not in found


def test_media_that_a_bill_hides_are_noted() -> None:
    shown = types.MessageExtendedMedia(types.MessageMediaPhoto(photo=photo()))
    hidden = types.MessageExtendedMediaPreview(w=640, h=480)

    found = _media(types.MessageMediaInvoice("T", "D", "EUR", 150, "s", extended_media=shown))["api"]["invoice"]
    assert (found["start_param"], found["media"]["photo"]) == ("s", "{chat}/photos/photo_77.jpg")
    found = _media(types.MessageMediaInvoice("T", "D", "EUR", 150, "", extended_media=hidden))["api"]["invoice"]
    assert found["preview"]["w"] == 640
