"""Names for files, made of ids and of what their senders called them."""

from __future__ import annotations

import re

__all__ = ["extension_for", "file_name"]

#: Bytes of a name. Most file systems take 255; restores add suffixes, and archives on some of them count letters twice.
_LONGEST = 120
_LONGEST_EXTENSION = 24

#: What separates folders or is special to a file system somewhere (Microsoft: Naming Files, Paths, and Namespaces).
_SPECIAL = frozenset('/\\:*?"<>|')
#: Joins the parts of emoji; not printable by itself.
_JOINER = "\u200d"

_EXTENSIONS = {
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/vnd.android.package-archive": ".apk",
    "application/x-tgsticker": ".tgs",
    "application/x-tgwallpattern": ".tgv",
    "application/zip": ".zip",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/m4a": ".m4a",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/wav": ".wav",
    "audio/x-flac": ".flac",
    "audio/x-wav": ".wav",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/mpeg": ".mpeg",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
}
_PLAIN = re.compile(r"[a-z0-9]{1,16}")


def extension_for(mime_type: str, *, default: str) -> str:
    """Give the usual extension, with its dot, of files of a type."""
    return _EXTENSIONS.get(mime_type.casefold(), default)


def file_name(original: str, *, number: int, default: str, extension: str) -> str:
    """Make a name of what the sender called the file and of its id, which stands before the first dot.

    Without a name from the sender it is `default` and `extension`. Whatever the sender wrote, the result is one name
    that every usual file system takes.
    """
    tidy = _tidied(original)
    if not tidy:
        return f"{default}_{number}{extension}"
    stem, dot, ending = tidy.partition(".")
    ending = _fitting(ending, dot)
    stem = stem.strip(" ") or default
    room = _LONGEST - len(f"_{number}{ending}".encode())
    return f"{_cut(stem, room).rstrip(' .') or default}_{number}{ending}"


def _tidied(name: str) -> str:
    kept = "".join(char if _is_kept(char) else "_" for char in name)
    return kept.strip(" ").rstrip(". ")


def _is_kept(char: str) -> bool:
    # Marks that turn the direction of writing are not printable; they would hide the extension.
    return (char.isprintable() or char == _JOINER) and char not in _SPECIAL


def _fitting(ending: str, dot: str) -> str:
    """Keep all that follows the first dot if it is short, else the last extension if that is one."""
    whole = dot + ending
    if len(whole.encode()) <= _LONGEST_EXTENSION:
        return whole
    last = ending.rpartition(".")[2]
    return f".{last}" if _PLAIN.fullmatch(last.casefold()) else ""


def _cut(text: str, room: int) -> str:
    return text.encode()[: max(room, 0)].decode(errors="ignore")
