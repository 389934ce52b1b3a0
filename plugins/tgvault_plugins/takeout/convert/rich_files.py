"""Photos and documents that the blocks of a rich message name by their ids."""

from __future__ import annotations

import msgspec
from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.media import document_fields, largest, place_photo
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["Media"]

#: The words of rich messages for why there is no file.
_SKIPPED = {"not included": "file_type", "too big": "file_size"}


class Media:
    """The files of one rich message. Where there is none, a field with another name says why."""

    def __init__(self, message: types.RichMessage, making: Making) -> None:
        self.making = making
        self._photos = {each.id: each for each in message.photos or ()}
        self._documents = {each.id: each for each in message.documents or ()}

    def photo(self, number: int, at: str, *, key: str = "photo", pixels: str = "") -> Fields:
        """Give the id, the path and the size of a photo whose path stands in `key` of the object at `at`.

        `pixels` stands before the names of the fields of its width and height.
        """
        found: Fields = {f"{key}_id": str(number)}
        photo = self._photos.get(number)
        if not isinstance(photo, types.Photo):
            return found | {f"{key}_skip_reason": "unavailable"}
        size, before = largest(photo.sizes), len(self.making.left_out)
        found |= self._told({key: place_photo(photo, self.making, field=f"{at}/{key}", size=size)}, at, since=before)
        found[f"{key}_file_size"] = size.size if size is not None else 0
        if size is not None:
            found |= {f"{pixels}width": size.width, f"{pixels}height": size.height}
        return found

    def document(self, number: int, at: str, *, with_pixels: bool = True) -> Fields:
        """Give the id of a document and all fields that a document has in a message."""
        found: Fields = {"document_id": str(number)}
        document = self._documents.get(number)
        if not isinstance(document, types.Document):
            return found | {"file_skip_reason": "unavailable"}
        before = len(self.making.left_out)
        told = document_fields(document, self.making, at=f"{at}/")
        if not with_pixels:
            told = {name: value for name, value in told.items() if name not in {"width", "height"}}
        return found | self._told(told, at, since=before)

    def _told(self, fields: Fields, at: str, *, since: int) -> Fields:
        """Replace the sentences that stand for files by the words that rich messages have for that.

        `since` is how many files had been left out before those of these fields: a message may speak of thousands.
        """
        reasons: dict[str, str] = {}
        for place, (file, reason) in enumerate(self.making.left_out[since:], start=since):
            folder, _, key = file.field.rpartition("/")
            if folder == at and key in fields:
                reasons[key] = reason
                moved = msgspec.structs.replace(file, field=f"{file.field}_skip_reason")
                self.making.left_out[place] = (moved, reason)
        return {
            f"{name}_skip_reason" if name in reasons else name: (
                _SKIPPED.get(reasons[name], "unavailable") if name in reasons else value
            )
            for name, value in fields.items()
        }
