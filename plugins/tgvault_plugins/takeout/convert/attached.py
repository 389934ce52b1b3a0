"""Photos and documents as they are attached to messages, stories, polls and posts that cost something."""

from __future__ import annotations

from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.media import document_fields, photo_fields
from tgvault_plugins.takeout.convert.traits import traits_of
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["attached_fields", "nested_fields", "photo_and_document"]


def attached_fields(media: Any, making: Making, *, at: str = "") -> Fields | None:
    """Give the fields of an attached photo or document; None if it is another medium.

    `at` is where in the body the object stands that gets them: empty for the body itself, whose `api` takes then what
    an export has no fields for; else that stands in the same object.
    """
    if isinstance(media, types.MessageMediaPhoto):
        found = photo_fields(media.photo, making, at=at, expired=bool(media.ttl_seconds))
        beyond, told = _photo_beyond(media, making, at or "api/"), found
    elif isinstance(media, types.MessageMediaDocument):
        expired = bool(media.ttl_seconds)
        told = document_fields(media.document, making, at=at, expired=expired, thumb_expired=expired and not making.out)
        beyond = _document_beyond(media, making, at or "api/")
    else:
        return None
    if media.spoiler:
        told["media_spoiler"] = True
    if media.ttl_seconds:
        told["self_destruct_period_seconds"] = media.ttl_seconds
    if at:
        return told | beyond
    making.api.update(beyond)
    return told


def nested_fields(media: Any, making: Making, *, at: str) -> object:
    """Give an attached medium as an object inside the body; one that is no file with all that it says."""
    found = attached_fields(media, making, at=at)
    return found if found is not None else plain(media)


def photo_and_document(thing: Any, making: Making, *, at: str) -> Fields:
    """Give the photo of something in its own fields, and its document as an object `document`, where it has them."""
    found: Fields = {}
    if isinstance(thing.photo, types.Photo):
        found |= photo_fields(thing.photo, making, at=at)
    if isinstance(thing.document, types.Document):
        found["document"] = document_fields(thing.document, making, at=f"{at}document/")
    return found


def _photo_beyond(media: types.MessageMediaPhoto, making: Making, at: str) -> Fields:
    if not isinstance(media.video, types.Document):
        return {}
    place = f"{at}live_photo/"
    return {"live_photo": document_fields(media.video, making, at=place, expired=bool(media.ttl_seconds))}


def _document_beyond(media: types.MessageMediaDocument, making: Making, at: str) -> Fields:
    found: Fields = {}
    if isinstance(media.video_cover, types.Photo):
        found["video_cover"] = photo_fields(media.video_cover, making, at=f"{at}video_cover/")
    if media.video_timestamp:
        found["video_timestamp"] = media.video_timestamp
    others = [_quality(each) for each in media.alt_documents or () if isinstance(each, types.Document)]
    return found | ({"other_qualities": others} if others else {})


def _quality(document: types.Document) -> Fields:
    traits = traits_of(document)
    return only(
        [
            ("id", document.id),
            ("dc", document.dc_id),
            ("bytes", document.size),
            ("mime_type", traits.mime),
            ("width", traits.width),
            ("height", traits.height),
        ]
    )
