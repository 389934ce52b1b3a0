"""Places on Earth, cards of people, games and bills: media that are no files."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.attached import nested_fields, photo_and_document
from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.values import Fields, decimal, encoded, only, plain
from tgvault_plugins.takeout.files import FileKind, RemoteFile

__all__ = ["contact_fields", "game_fields", "invoice_fields", "live_fields", "place_fields", "point", "venue_fields"]

_LINKS = "https://t.me/"


def point(geo: Any) -> Fields | None:
    """Give `latitude` and `longitude`; None where Telegram does not tell them."""
    if not isinstance(geo, types.GeoPoint):
        return None
    return {"latitude": decimal(geo.lat), "longitude": decimal(geo.long)}


def place_fields(media: types.MessageMediaGeo, making: Making) -> Fields:
    """Give `location_information`, null where the place is not told."""
    _note_place(media.geo, making)
    return {"location_information": point(media.geo)}


def live_fields(media: types.MessageMediaGeoLive, making: Making) -> Fields:
    """Give a place that was told for a while."""
    _note_place(
        media.geo, making, heading=media.heading, proximity_notification_radius=media.proximity_notification_radius
    )
    found: Fields = {"location_information": point(media.geo)}
    return found | ({"live_location_period_seconds": media.period} if media.period else {})


def venue_fields(media: types.MessageMediaVenue, making: Making) -> Fields:
    """Give a place that has a name."""
    _note_place(media.geo, making, provider=media.provider, venue_id=media.venue_id, venue_type=media.venue_type)
    return only([("place_name", media.title), ("address", media.address), ("location_information", point(media.geo))])


def _note_place(geo: Any, making: Making, **more: object) -> None:
    found = only([("accuracy_radius", getattr(geo, "accuracy_radius", None)), *more.items()])
    if found:
        making.api["place"] = found


def contact_fields(media: types.MessageMediaContact, making: Making, *, number: int) -> Fields:
    """Give a card; `number` is the id of the message in which it came."""
    found: Fields = {
        "contact_information": {
            "first_name": media.first_name or "",
            "last_name": media.last_name or "",
            "phone_number": making.around.phone(media.phone_number or ""),
        }
    }
    if media.user_id:
        making.api["contact"] = {"user_id": media.user_id}
    if not media.vcard:
        return found
    card = media.vcard.encode(errors="replace")
    file = RemoteFile(
        field="contact_vcard",
        path=f"{making.mark}contacts/contact_{number}.vcard",
        kind=FileKind.CONTACTS,
        name=f"vcard_{blake2b(card, digest_size=16).hexdigest()}",
        size=len(card),
        content=card,
    )
    return found | {"contact_vcard": making.place(file, {}), "contact_vcard_file_size": len(card)}


def game_fields(media: types.MessageMediaGame, making: Making, *, bot: Any) -> Fields:
    """Give a game; `bot` is the peer whose it is, for the link to it."""
    game, peers = media.game, making.around.peers
    making.api["game"] = {"id": game.id, "short_name": game.short_name} | photo_and_document(
        game, making, at="api/game/"
    )
    username = peers.username(bot) if game.short_name and peers.chat_type(bot) == "bot_chat" else None
    link = f"{_LINKS}{username}?game={game.short_name}" if username else None
    return only([("game_title", game.title), ("game_description", game.description), ("game_link", link)])


def invoice_fields(media: types.MessageMediaInvoice, making: Making) -> Fields:
    """Give `invoice_information`: a text that holds JSON, as Telegram Desktop writes it."""
    told: Fields = {
        "title": media.title or "",
        "description": media.description or "",
        "amount": media.total_amount,
        "currency": media.currency or "",
    }
    if media.receipt_msg_id:
        told["receipt_message_id"] = media.receipt_msg_id
    _note_invoice(media, making)
    return {"invoice_information": encoded(told).decode()}


def _note_invoice(media: types.MessageMediaInvoice, making: Making) -> None:
    found = only([("test", media.test), ("picture", plain(media.photo)), ("start_param", media.start_param)])
    extended = media.extended_media
    if isinstance(extended, types.MessageExtendedMedia):
        found["media"] = nested_fields(extended.media, making, at="api/invoice/media/")
    elif extended is not None:
        found["preview"] = plain(extended)
    if found:
        making.api["invoice"] = found
