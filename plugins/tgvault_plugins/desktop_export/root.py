"""Confined, read-only access to an export: a folder or a zip, behind one Protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from tgvault.api import MediaFile, OpenedMedia
from tgvault_plugins.desktop_export.paths import ALL_FOLDERS, MEDIA_FOLDERS, PAGE

__all__ = ["Root", "Window", "listing"]


class Window(Protocol):
    """Random access to the bytes of one file without holding them in memory."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start up to stop, fewer only at the end of the file.

        Raises:
            SourceChangedError: the file became shorter.
            UnreadableExportError: a zip member is damaged or not what the zip's directory says.
        """

    def close(self) -> None:
        """Let go of the file."""


class Root(Protocol):
    """The top folder of an export. Names are relative POSIX paths; nothing outside can be reached."""

    #: What the user named, for messages.
    location: Path
    #: Name of the export's folder, for the date in it.
    folder_name: str
    #: Things met while walking that are not read (links, pipes, undecodable names), and why.
    refused: dict[str, str]

    def open(self, name: str) -> OpenedMedia:
        """Open a plain file.

        Raises:
            FileNotFoundError: there is none.
            HostilePathError: the name is absolute, leads upwards or through a link, or to something that is no plain
                file.
        """

    def read(self, name: str, limit: int) -> bytes:
        """Read a file whole; raises as `open` does, and UnreadableExportError when it is longer than limit."""

    def window(self, name: str) -> Window:
        """Open a large file for random access; raises as `open` does."""

    def names(self, folder: str = "") -> list[str]:
        """Names of the plain files directly in a folder, sorted; empty when there is no such folder."""

    def walk(self, folders: Iterable[str]) -> Iterator[MediaFile]:
        """Yield the plain files below these folders of the top folder, sorted, never through a link."""

    def stat(self, name: str) -> MediaFile:
        """Size and stamp of a file without reading it; raises as `open` does."""

    def modified(self, name: str) -> float:
        """When the file was last changed, in seconds of Unix time; raises as `open` does."""

    def close(self) -> None:
        """Let go of all files."""


def listing(root: Root) -> Iterator[MediaFile]:
    """List what belongs to the export besides `result.json`.

    Only folders that Telegram Desktop makes are walked, so that a `result.json` among a person's downloads never
    sweeps up the rest. Pages, and the folders that only pages use, are listed when there are pages.
    """
    pages = [name for name in root.names() if PAGE.fullmatch(name)]
    yield from root.walk(ALL_FOLDERS if pages else MEDIA_FOLDERS)
    for page in pages:
        yield root.stat(page)
