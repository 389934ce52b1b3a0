"""Documents of pictures: those of the account's profile, and its stories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from telethon.tl import types

from tgvault.api import BEYOND
from tgvault_plugins.takeout.convert.documents import AccountDocument, document, making_of
from tgvault_plugins.takeout.convert.making import Around, Making
from tgvault_plugins.takeout.convert.media import largest, place_document, place_photo
from tgvault_plugins.takeout.convert.names import extension_for
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.traits import traits_of
from tgvault_plugins.takeout.convert.values import Fields, only, plain
from tgvault_plugins.takeout.files import FileKind, RemoteFile

__all__ = ["profile_pictures", "stories"]


def profile_pictures(photos: Iterable[Any], context: Around) -> AccountDocument:
    """Tell the pictures of the profile, newest first; takes those of `photos.getUserPhotos`."""
    making = making_of(context, "Photo")
    rows = [_picture(photo, making, place) for place, photo in enumerate(photos)]
    return document("profile_pictures", rows, making)


def _picture(photo: Any, making: Making, place: int) -> Fields:
    size = largest(getattr(photo, "sizes", None))
    path = f"profile_pictures/photo_{photo.id}.jpg"
    told = place_photo(photo, making, field=f"{place}/photo", size=size, path=path, kind=FileKind.PROFILE_PHOTOS)
    beyond: Fields = {"id": photo.id}
    if isinstance(photo, types.Photo):
        beyond |= {"dc": photo.dc_id} | _pixels(size) | _moving(photo, making, place)
    return {**_dated("date", getattr(photo, "date", None), making), "photo": told, BEYOND: beyond}


def _pixels(size: Any) -> Fields:
    if size is None:
        return {}
    return {"size_letter": size.letter, "bytes": size.size, "width": size.width, "height": size.height}


def _moving(photo: types.Photo, making: Making, place: int) -> Fields:
    """Give the film of a picture that moves."""
    films = [each for each in photo.video_sizes or () if isinstance(each, types.VideoSize)]
    if not films:
        return {}
    film = max(films, key=lambda each: (each.w * each.h, each.size))
    file = RemoteFile(
        field=f"{place}/{BEYOND}/video",
        path=f"profile_pictures/photo_{photo.id}.mp4",
        kind=FileKind.PROFILE_PHOTOS,
        name=f"photo_{photo.id}_{''.join(filter(str.isalnum, film.type))}",
        size=film.size,
        id=photo.id,
        dc=photo.dc_id,
        letter=film.type,
        is_photo=True,
        access_hash=photo.access_hash,
        reference=photo.file_reference,
    )
    return {"video": making.place(file, {}), "video_file_size": film.size}


def stories(items: Iterable[Any], context: Around) -> AccountDocument:
    """Tell the account's stories; takes those of `stories.getStoriesArchive`. Deleted ones are left out."""
    making = making_of(context, "Photo")
    told = [item for item in items if isinstance(item, types.StoryItem)]
    return document("stories", [_story(item, making, place) for place, item in enumerate(told)], making)


def _story(story: types.StoryItem, making: Making, place: int) -> Fields:
    media, facts = _story_media(story, making, f"{place}/media")
    flags = ("public", "close_friends", "contacts", "selected_contacts", "noforwards", "edited")
    beyond = only(
        [
            ("id", story.id),
            ("caption", story.caption),
            ("entities", [plain(entity) for entity in story.entities or ()]),
            *((name, getattr(story, name)) for name in flags),
            ("forward", _forward(story.fwd_from)),
            ("areas", [plain(area) for area in story.media_areas or ()]),
            ("views", story.views.views_count if story.views is not None else None),
            ("reactions", story.views.reactions_count if story.views is not None else None),
            ("albums", story.albums),
        ]
    )
    return {
        **_dated("date", story.date, making),
        **_dated("expires", story.expire_date, making),
        "pinned": bool(story.pinned),
        "media": media,
        BEYOND: beyond | facts,
    }


def _story_media(story: types.StoryItem, making: Making, field: str) -> tuple[str, Fields]:
    media = story.media
    if isinstance(media, types.MessageMediaDocument) and isinstance(media.document, types.Document):
        traits = traits_of(media.document)
        path = f"stories/story_{story.id}{extension_for(traits.mime, default='.mp4')}"
        told = place_document(media.document, making, field=field, path=path, kind=FileKind.STORIES)
        facts = only([("duration_seconds", traits.duration), ("width", traits.width), ("height", traits.height)])
        return told, {"media": making.media.get(field), **facts}
    photo = getattr(media, "photo", None)
    size = largest(getattr(photo, "sizes", None))
    told = place_photo(
        photo, making, field=field, size=size, path=f"stories/story_{story.id}.jpg", kind=FileKind.STORIES
    )
    if not isinstance(photo, types.Photo):
        return told, {"media": plain(media)}
    return told, {"media": making.media.get(field), **({"width": size.width, "height": size.height} if size else {})}


def _forward(header: Any) -> Fields | None:
    if header is None:
        return None
    named = [("from_id", peer_id_text(header.from_)), ("from", header.from_name), ("story_id", header.story_id)]
    return only(named)


def _dated(name: str, moment: Any, making: Making) -> Fields:
    return making.around.times.both(name, moment) if unix_of(moment) else {}
