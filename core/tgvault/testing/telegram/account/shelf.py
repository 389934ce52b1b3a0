"""The files of an account: what Telegram says of them, and their bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias

from telethon.tl import types

from tgvault.testing.telegram.account.content import Content
from tgvault.testing.telegram.account.numbers import number
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl

__all__ = ["PHOTO_SIDES", "FileKey", "Shelf"]

#: `photo` or `document`, id, letter of the size or thumbnail (empty for a document itself).
FileKey: TypeAlias = tuple[str, int, str]

#: Longest side of a photo's sizes by their letters: https://core.telegram.org/api/files#image-thumbnail-types .
PHOTO_SIDES = {"s": 100, "m": 320, "x": 800, "y": 1280, "w": 2560, "a": 160, "b": 320, "c": 640}
#: How the bytes of a file of a type begin, so that what looks at them finds what it expects.
_HEADS = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "video/mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    "video/webm": b"\x1aE\xdf\xa3",
    "audio/ogg": b"OggS\x00\x02",
    "audio/mpeg": b"ID3\x04\x00\x00",
    "application/pdf": b"%PDF-1.4\n",
    "application/x-tgsticker": b"\x1f\x8b\x08\x00",
}
#: A stripped thumbnail: 1, height, width, and the inside of a tiny JPEG.
_STRIPPED = b"\x01\x28\x1e" + bytes(range(64))


class Shelf:
    """Makes photos and documents, and gives their bytes to who has the access hash and a fresh reference."""

    def __init__(self) -> None:
        self._contents: dict[FileKey, Content] = {}
        self._papers: dict[tuple[str, int], Tl] = {}
        self._ages: dict[tuple[str, int], int] = {}
        self._default_age = self._age = 0
        #: Asked for files that are not kept here, as those of a large account, which are computed.
        self.finder: Callable[[FileKey], Content | None] = lambda key: None

    def photo(
        self,
        *,
        file_id: int,
        dc: int,
        date: datetime,
        letters: str = "smxy",
        size: int = 60_000,
        progressive: bool = False,
        stripped: bool = True,
        video: int | None = None,
    ) -> types.Photo:
        """Make a photo; its largest size has `size` bytes, each smaller one a third of the next.

        `progressive` makes the largest a `photoSizeProgressive`; `video` adds an animated version of so many bytes.
        """
        sizes: list[Tl] = [types.PhotoStrippedSize("i", _STRIPPED)] if stripped else []
        for place, letter in enumerate(letters):
            last = place == len(letters) - 1
            given = max(200, size // 3 ** (len(letters) - 1 - place))
            sizes.append(_photo_size(letter, given, progressive=progressive and last))
            self._keep(("photo", file_id, letter), given, dc, "image/jpeg")
        moving = None if video is None else [types.VideoSize("u", 640, 640, video, video_start_ts=0.5)]
        if video is not None:
            self._keep(("photo", file_id, "u"), video, dc, "video/mp4")
        photo = types.Photo(file_id, self.access_hash("photo", file_id), b"", date, sizes, dc, video_sizes=moving)
        return self._file("photo", photo)

    def document(
        self,
        mime_type: str,
        size: int,
        *attributes: Tl,
        file_id: int,
        dc: int,
        date: datetime,
        thumb: int | None = None,
    ) -> types.Document:
        """Make a document; `thumb` is the size of its thumbnail, of which there is none without."""
        self._keep(("document", file_id, ""), size, dc, mime_type)
        thumbs: list[Tl] | None = None
        if thumb is not None:
            thumbs = [types.PhotoStrippedSize("i", _STRIPPED), types.PhotoSize("m", 320, 240, thumb)]
            self._keep(("document", file_id, "m"), thumb, dc, "image/jpeg")
        document = types.Document(
            file_id,
            self.access_hash("document", file_id),
            b"",
            date,
            mime_type,
            size,
            dc,
            list(attributes),
            thumbs=thumbs,
        )
        return self._file("document", document)

    def content(self, kind: str, file_id: int, letter: str = "") -> Content | None:
        """Give the bytes of a file, or of a size or thumbnail of it; None if there is none such."""
        key = (kind, file_id, letter)
        return self._contents.get(key) or self.finder(key)

    def paper(self, kind: str, file_id: int) -> Tl | None:
        """Give the `Photo` or `Document` with an id; None if it is not kept here."""
        return self._papers.get((kind, file_id))

    @staticmethod
    def access_hash(kind: str, file_id: int) -> int:
        """Give the number that proves that a client was told of the file."""
        return number("file", kind, file_id)

    def reference(self, kind: str, file_id: int) -> bytes:
        """Give the reference that is good now: https://core.telegram.org/api/file_reference ."""
        age = self._ages.get((kind, file_id), self._default_age)
        return struct.pack("<BIQ", 1, age, number("reference", kind, file_id, age))

    def age(self, files: Iterable[tuple[str, int]] | None = None) -> None:
        """Let the references of some files, or of all, expire; who fetches their origin gets fresh ones."""
        self._age += 1
        if files is None:
            self._ages.clear()
            self._default_age = self._age
        else:
            self._ages.update(dict.fromkeys(files, self._age))
        for key, paper in self._papers.items():
            paper.file_reference = self.reference(*key)

    def check(self, kind: str, file_id: int, *, access_hash: int, reference: bytes) -> None:
        """See that a client may have a file.

        Raises:
            Refusal: as Telegram refuses.
        """
        if access_hash != self.access_hash(kind, file_id):
            raise Refusal("FILE_ID_INVALID" if kind == "document" else "LOCATION_INVALID")
        if not reference:
            raise Refusal("FILE_REFERENCE_EMPTY")
        if len(reference) != struct.calcsize("<BIQ"):
            raise Refusal("FILE_REFERENCE_INVALID")
        if reference != self.reference(kind, file_id):
            raise Refusal("FILE_REFERENCE_EXPIRED")

    def _keep(self, key: FileKey, size: int, dc: int, mime_type: str) -> None:
        self._contents[key] = Content(number("content", *key, bits=31), size, dc, _HEADS.get(mime_type, b""))

    def _file(self, kind: str, paper: Tl) -> Tl:
        paper.file_reference = self.reference(kind, paper.id)
        self._papers[kind, paper.id] = paper
        return paper


def _photo_size(letter: str, size: int, *, progressive: bool) -> Tl:
    width = PHOTO_SIDES[letter]
    if progressive:
        return types.PhotoSizeProgressive(letter, width, width * 3 // 4, [size // 4, size // 2, size])
    return types.PhotoSize(letter, width, width * 3 // 4, size)
