"""Which names may be followed into an export, and which of its folders belong to it."""

from __future__ import annotations

import re

from tgvault.api import HostilePathError

__all__ = ["ALL_FOLDERS", "MEDIA_FOLDERS", "NOT_PLAIN", "PAGE", "PAGE_FOLDERS", "encodes", "parts", "shown"]

#: Folders that Telegram Desktop makes beside `result.json` (telegram-formats: file names in the media folders).
MEDIA_FOLDERS = (
    "animations",
    "chats",
    "contacts",
    "files",
    "lists",
    "photos",
    "profile_music",
    "profile_pictures",
    "round_video_messages",
    "stickers",
    "stories",
    "video_files",
    "voice_messages",
)
#: Folders that only stand beside HTML pages.
PAGE_FOLDERS = ("css", "images", "js")
ALL_FOLDERS = (*MEDIA_FOLDERS, *PAGE_FOLDERS)
#: The pages that lie beside those folders.
PAGE = re.compile(r"(?:messages\d*|export_results)\.html")

#: Why links, pipes and the like are left alone.
NOT_PLAIN = "a link or no plain file, not read"

_DRIVE = re.compile(r"[A-Za-z]:")


def parts(name: str) -> list[str]:
    """Split a relative POSIX path into the names to walk through.

    Raises:
        HostilePathError: the path is absolute, leads upwards, or cannot be one of Telegram Desktop's.
    """
    if not name or name[0] == "/" or "\0" in name or "\\" in name or _DRIVE.match(name):
        raise _refused(name)
    found = [part for part in name.split("/") if part not in {"", "."}]
    if not found or ".." in found or not encodes(name):
        raise _refused(name)
    return found


def shown(name: str, limit: int = 200) -> str:
    """Make a hostile name fit for a message: on one line, without control characters, not too long."""
    text = name if len(name) <= limit else name[:limit] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def encodes(name: str) -> bool:
    """Whether the name can be written as UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(name: str) -> HostilePathError:
    return HostilePathError(
        f"path `{shown(name)}` leads out of the export",
        hint="the export was changed after Telegram Desktop wrote it; the file was not read",
    )
