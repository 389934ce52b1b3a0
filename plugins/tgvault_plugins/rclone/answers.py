"""What rclone answers."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from tgvault.api import SinkUnavailableError

__all__ = ["About", "Entry", "Features", "Listing", "Stat", "understood"]


class Entry(msgspec.Struct, rename="pascal"):
    """A file or a folder; a size of -1 is not known, and times are there only where they were asked for."""

    path: str
    size: int = -1
    is_dir: bool = False
    mod_time: str = ""


class Listing(msgspec.Struct, rename={"entries": "list"}):
    """What is in a folder."""

    entries: tuple[Entry, ...]


class Stat(msgspec.Struct):
    """What lies under a name, if anything does."""

    item: Entry | None


class Features(msgspec.Struct, rename="pascal"):
    """What rclone says that a store, or its own way with it, can do."""

    partial_uploads: bool = False
    bucket_based: bool = False
    duplicate_files: bool = False
    move: bool = False


class About(msgspec.Struct, rename="pascal"):
    """What rclone tells of a store."""

    features: Features
    hashes: tuple[str, ...] | None = None

    @property
    def shows_halves(self) -> bool:
        """Whether half a file may be seen under its name while it is sent, or after that was cut off.

        Buckets do not do that, nor do stores that compare checksums of what they got; where rclone knows that a store
        does, it sends under another name by itself. What is left is WebDAV (wsgidav does), and who builds on it.
        """
        known = self.features.partial_uploads or self.features.bucket_based or self.hashes
        return self.features.move and not known

    @property
    def leaves_halves(self) -> bool:
        """Whether something unfinished may lie there under another name."""
        return self.features.partial_uploads or self.shows_halves


_T = TypeVar("_T", About, Listing, Stat)


def understood(data: bytes, kind: type[_T]) -> _T:
    """Read an answer.

    Raises:
        SinkUnavailableError: it is not what rclone answers.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise SinkUnavailableError(
            "tgvault does not understand what rclone answers", hint="install the newest rclone, and the newest tgvault"
        ) from error
