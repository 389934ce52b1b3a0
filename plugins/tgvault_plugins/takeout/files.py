"""Files at Telegram that bodies speak of: which they are, what they are called, where they lie."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from tgvault.api import LASTING_STAMP
from tgvault_plugins.takeout.veiled import Veiled

__all__ = ["FileKind", "RemoteFile", "stamp_of"]


class FileKind(StrEnum):
    """Sorts of files that can be chosen one by one; the words stand in `vault.toml`."""

    PHOTOS = "photos"
    VIDEOS = "videos"
    VOICE = "voice messages"
    ROUND = "video messages"
    MUSIC = "music"
    ANIMATIONS = "animations"
    STICKERS = "stickers"
    FILES = "files"
    THUMBNAILS = "thumbnails"
    EMOJI = "custom emoji"
    CONTACTS = "contact cards"
    PROFILE_PHOTOS = "profile photos"
    STORIES = "stories"


class RemoteFile(Veiled, frozen=True, kw_only=True):
    """A file that a body speaks of.

    `field` is where the body speaks of it, as in `MediaRef`; `path` is what stands there. `name` is the file's own name
    in the run, made of id and size letter, the same wherever the file is met. `letter` is the size letter of a photo
    or thumbnail, empty for a whole document. `size` is in bytes. `content` is set for what came with the message
    itself, such as a contact's card; it needs no download and has neither id nor dc.
    """

    VEILED: ClassVar[frozenset[str]] = frozenset({"access_hash", "reference", "content"})

    field: str
    path: str
    kind: FileKind
    name: str
    size: int
    id: int = 0
    dc: int = 0
    letter: str = ""
    is_photo: bool = False
    #: Together with id the right to read it; the reference is good for some hours only.
    access_hash: int = 0
    reference: bytes = b""
    content: bytes | None = None


def stamp_of(file: RemoteFile) -> bytes:
    """Name a file's content for ever: ids of photos and documents are never given to anything else.

    Empty for what came with a message and has no id.
    """
    return LASTING_STAMP + b"telegram:" + file.name.encode() if file.content is None and file.id else b""
