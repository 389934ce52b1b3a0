"""What a document's attributes say: what sort of file it is, its name, its size as a picture, its length."""

from __future__ import annotations

from typing import Any

import msgspec
from telethon.tl import types

from tgvault_plugins.takeout.convert.names import extension_for, file_name
from tgvault_plugins.takeout.files import FileKind

__all__ = ["Traits", "traits_of"]


class Traits(msgspec.Struct):
    """The sorts are not exclusive: an animation is a video as well, a sticker may be one."""

    mime: str = ""
    name: str = ""
    emoji: str = ""
    performer: str = ""
    title: str = ""
    width: int = 0
    height: int = 0
    #: Whole seconds.
    duration: int = 0
    animated: bool = False
    sticker: bool = False
    video: bool = False
    round: bool = False
    voice: bool = False
    audio: bool = False

    @property
    def media_type(self) -> str | None:
        """The word that an export has for it; None for an ordinary file."""
        for holds, word in (
            (self.sticker, "sticker"),
            (self.round, "video_message"),
            (self.voice, "voice_message"),
            (self.animated, "animation"),
            (self.video, "video_file"),
            (self.audio, "audio_file"),
        ):
            if holds:
                return word
        return None

    @property
    def kind(self) -> FileKind:
        """The sort by which files are chosen."""
        return _KINDS[self.media_type]

    def path(self, number: int) -> str:
        """Where a file of that id goes in the folder of its chat; the same for each run."""
        folder, default, extension = _PLACES[self.media_type]
        ending = extension_for(self.mime, default=extension)
        if self.sticker and ending == ".tgs":
            default = "AnimatedSticker"
        # Stickers are called alike by everybody; their names say nothing.
        original = "" if self.sticker else self.name
        return f"{folder}/{file_name(original, number=number, default=default, extension=ending)}"


_KINDS = {
    "sticker": FileKind.STICKERS,
    "video_message": FileKind.ROUND,
    "voice_message": FileKind.VOICE,
    "animation": FileKind.ANIMATIONS,
    "video_file": FileKind.VIDEOS,
    "audio_file": FileKind.MUSIC,
    None: FileKind.FILES,
}
#: Folder, name and extension of files whose sender gave no name, and whose type is not known either.
_PLACES = {
    "sticker": ("stickers", "sticker", ".webp"),
    "video_message": ("round_video_messages", "file", ".mp4"),
    "voice_message": ("voice_messages", "audio", ".ogg"),
    "animation": ("animations", "animation", ".mp4"),
    "video_file": ("video_files", "video", ".mp4"),
    "audio_file": ("files", "audio", ".mp3"),
    None: ("files", "file", ""),
}


def traits_of(document: types.Document) -> Traits:
    """Read a document's attributes; of several of one sort the last counts, as in Telegram Desktop."""
    found = Traits(mime=document.mime_type or "")
    for attribute in document.attributes or ():
        _read(attribute, found)
    return found


def _read(attribute: Any, found: Traits) -> None:
    match attribute:
        case types.DocumentAttributeFilename():
            found.name = attribute.file_name or ""
        case types.DocumentAttributeImageSize():
            found.width, found.height = attribute.w, attribute.h
        case types.DocumentAttributeVideo():
            _read_video(attribute, found)
        case types.DocumentAttributeAudio():
            _read_audio(attribute, found)
        case types.DocumentAttributeSticker() | types.DocumentAttributeCustomEmoji():
            found.sticker, found.emoji = True, attribute.alt or ""
        case types.DocumentAttributeAnimated():
            found.animated = True


def _read_video(attribute: types.DocumentAttributeVideo, found: Traits) -> None:
    if attribute.round_message:
        found.round = True
    else:
        found.video = True
    found.width, found.height = attribute.w, attribute.h
    found.duration = _whole(attribute.duration)


def _read_audio(attribute: types.DocumentAttributeAudio, found: Traits) -> None:
    if attribute.voice:
        found.voice = True
    else:
        found.audio = True
    found.performer = attribute.performer or found.performer
    found.title = attribute.title or found.title
    found.duration = _whole(attribute.duration)


def _whole(seconds: float) -> int:
    # What is no number compares false with everything.
    return int(seconds) if abs(seconds) < 1 << 62 else 0
