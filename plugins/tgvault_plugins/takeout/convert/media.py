"""Photos and documents: their fields, and the files that these speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.traits import Traits, traits_of
from tgvault_plugins.takeout.convert.values import Fields
from tgvault_plugins.takeout.files import FileKind, RemoteFile

__all__ = ["PictureSize", "document_fields", "emoji_file", "largest", "photo_fields", "place_document", "place_photo"]


class PictureSize(msgspec.Struct, frozen=True):
    """One size of a picture: its letter at Telegram, pixels, bytes, and the `content` where it came along."""

    letter: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    content: bytes | None = None


def largest(sizes: Iterable[Any] | None) -> PictureSize | None:
    """Give the size with the most pixels. Those that are only a blurred hint or an outline are none."""
    best: PictureSize | None = None
    for each in sizes or ():
        found = _size(each)
        if found is not None and found.width * found.height > (best.width * best.height if best else 0):
            best = found
    return best


def _size(size: Any) -> PictureSize | None:
    if isinstance(size, types.PhotoSize):
        return PictureSize(size.type, size.w, size.h, size.size)
    if isinstance(size, types.PhotoSizeProgressive) and size.sizes:
        return PictureSize(size.type, size.w, size.h, size.sizes[-1])
    if isinstance(size, types.PhotoCachedSize):
        return PictureSize(size.type, size.w, size.h, len(size.bytes), size.bytes)
    return None


def photo_fields(photo: Any, making: Making, *, at: str = "", expired: bool = False) -> Fields:
    """Give the fields of a photo; `at` is where in the body the object stands that gets them.

    The file of one that was to be seen once is `expired`; its size is told as 0 then.
    """
    size = largest(photo.sizes) if isinstance(photo, types.Photo) else None
    path = place_photo(photo, making, field=f"{at}photo", size=size, expired=expired)
    known = size or PictureSize()
    found: Fields = {"photo": path, "photo_file_size": 0 if expired else known.size}
    if known.width and known.height:
        found |= {"width": known.width, "height": known.height}
    return found


def place_photo(
    photo: Any,
    making: Making,
    *,
    field: str,
    size: PictureSize | None,
    expired: bool = False,
    path: str | None = None,
    kind: FileKind = FileKind.PHOTOS,
) -> str:
    """Give what stands in a field for a photo's file; its usual place is `photos/`."""
    if size is None or not isinstance(photo, types.Photo):
        return making.leave(_missing(field, kind, getattr(photo, "id", 0)), "unavailable", {})
    file = _sized(
        photo, size, making.mark + (path or f"photos/photo_{photo.id}.jpg"), field=field, kind=kind, is_photo=True
    )
    facts = _facts(photo, size.size, size.letter)
    return making.leave(file, "unavailable", facts) if expired else making.place(file, facts)


def document_fields(
    document: Any,
    making: Making,
    *,
    at: str = "",
    expired: bool = False,
    thumb_expired: bool = False,
    folder: str = "",
) -> Fields:
    """Give the fields of a document up to `height`; `at` is where in the body the object stands that gets them.

    `folder`, with a slash at its end, is where the usual folders of files are, if that is not the body's own place.
    """
    if not isinstance(document, types.Document):
        missing = _missing(f"{at}file", FileKind.FILES, getattr(document, "id", 0))
        return {"file": making.leave(missing, "unavailable", {}), "file_size": 0}
    traits = traits_of(document)
    path = making.mark + folder + traits.path(document.id)
    file = _whole(document, path, field=f"{at}file", kind=traits.kind)
    facts = _facts(document, document.size)
    found: Fields = {
        "file": making.leave(file, "unavailable", facts) if expired else making.place(file, facts),
        "file_name": traits.name,
        "file_size": 0 if expired else document.size,
    }
    found |= _thumbnail(document, making, f"{path}_thumb.jpg", at=at, expired=thumb_expired)
    found |= _told(traits)
    return {name: value for name, value in found.items() if value != ""}


def place_document(document: types.Document, making: Making, *, field: str, path: str, kind: FileKind) -> str:
    """Give what stands in a field for a document's file."""
    file = _whole(document, making.mark + path, field=field, kind=kind)
    return making.place(file, _facts(document, document.size))


def emoji_file(number: int, making: Making, place: str | None) -> str:
    """Give what stands for a custom emoji: its path where its file is known and wanted, else its id.

    `place` is where in the body it stands; None where only ids are written. One that Telegram refused, or that the
    settings leave out, is left out; one that Telegram does not have is no file at all.
    """
    if place is None:
        return str(number)
    document = making.around.emoji.get(number)
    if isinstance(document, types.Document):
        file = _whole(document, making.mark + traits_of(document).path(number), field=place, kind=FileKind.EMOJI)
    else:
        file = _unknown_emoji(number, place)
    reason = making.around.decide(file)
    if reason is None and isinstance(document, types.Document):
        return making.place(file, _facts(document, file.size))
    if reason is not None or isinstance(document, types.DocumentEmpty):
        # The id stays: it says which one it is.
        making.left_out.append((file, reason or "unavailable"))
    return str(number)


def _unknown_emoji(number: int, place: str) -> RemoteFile:
    """Name a custom emoji as it will be once Telegram gives it, so that it can be asked for until then."""
    name = f"document_{number}"
    return RemoteFile(field=place, path=f"custom emoji {number}", kind=FileKind.EMOJI, name=name, size=0, id=number)


def _told(traits: Traits) -> Fields:
    found: Fields = {}
    if traits.media_type is not None:
        found["media_type"] = traits.media_type
    if traits.sticker:
        found["sticker_emoji"] = traits.emoji
    elif traits.media_type == "audio_file":
        found |= {"performer": traits.performer, "title": traits.title}
    found["mime_type"] = traits.mime
    if traits.duration:
        found["duration_seconds"] = traits.duration
    if traits.width and traits.height:
        found |= {"width": traits.width, "height": traits.height}
    return found


def _thumbnail(document: types.Document, making: Making, path: str, *, at: str, expired: bool) -> Fields:
    size = largest(document.thumbs)
    if size is None:
        return {}
    file = _sized(document, size, path, field=f"{at}thumbnail", kind=FileKind.THUMBNAILS)
    facts = _facts(document, size.size, size.letter)
    told = making.leave(file, "unavailable", facts) if expired else making.place(file, facts)
    return {"thumbnail": told, "thumbnail_file_size": 0 if expired else size.size}


def _facts(owner: Any, size: int, letter: str = "") -> Fields:
    facts: Fields = {"id": owner.id, "dc": owner.dc_id}
    if letter:
        facts["size_letter"] = letter
    return facts | {"bytes": size}


def _missing(field: str, kind: FileKind, number: int) -> RemoteFile:
    return RemoteFile(field=field, path="", kind=kind, name="", size=0, id=number)


def _whole(document: types.Document, path: str, *, field: str, kind: FileKind) -> RemoteFile:
    return RemoteFile(
        field=field,
        path=path,
        kind=kind,
        name=f"document_{document.id}",
        size=document.size,
        id=document.id,
        dc=document.dc_id,
        access_hash=document.access_hash,
        reference=document.file_reference,
    )


def _sized(
    owner: Any, size: PictureSize, path: str, *, field: str, kind: FileKind, is_photo: bool = False
) -> RemoteFile:
    letter = "".join(filter(str.isalnum, size.letter))
    name = f"{'photo' if is_photo else 'document'}_{owner.id}_{letter}"
    if size.content is not None:
        return RemoteFile(field=field, path=path, kind=kind, name=name, size=size.size, content=size.content)
    return RemoteFile(
        field=field,
        path=path,
        kind=kind,
        name=name,
        size=size.size,
        id=owner.id,
        dc=owner.dc_id,
        letter=size.letter,
        is_photo=is_photo,
        access_hash=owner.access_hash,
        reference=owner.file_reference,
    )
