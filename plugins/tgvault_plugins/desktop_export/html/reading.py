"""What the readers of a message's parts share: the message being put together, its files, and what was not known."""

from __future__ import annotations

from typing import NamedTuple

from tgvault.api import HostilePathError, MediaRef
from tgvault_plugins.desktop_export.html.body import Body, Entity, Html
from tgvault_plugins.desktop_export.html.names import folded, located
from tgvault_plugins.desktop_export.html.tags import Element
from tgvault_plugins.desktop_export.html.text import read_text
from tgvault_plugins.desktop_export.html.times import Wall

__all__ = ["ABSENCES", "UNAVAILABLE", "Absence", "Reading"]


class Absence(NamedTuple):
    """Why a file is not there: in a word, and in the words that the JSON exporter writes instead of the path."""

    reason: str
    words: str


UNAVAILABLE = Absence("unavailable", "(File unavailable, please try again later)")

#: Of a custom emoji the JSON exporter says it in shorter words.
_UNAVAILABLE_EMOJI = Absence("unavailable", "(unavailable)")

#: By what a page says beside the file.
ABSENCES = {
    "Not included, change data exporting settings to download.": Absence(
        "not included", "(File not included. Change data exporting settings to download.)"
    ),
    "Exceeds maximum size, change data exporting settings to download.": Absence(
        "too big", "(File exceeds maximum size. Change data exporting settings to download.)"
    ),
    "Unavailable, please try again later.": UNAVAILABLE,
}


class Reading:
    """A message while it is read.

    `folder` is that of the page, with a slash at its end, empty for the top folder; the chat's files lie in it.
    `refused` are links that lead out of the export, `unknown` the names of what this version does not know.
    `forwarded` tells whether it was forwarded, also where it shares its origin with the message before it.
    """

    __slots__ = ("body", "folder", "forwarded", "forwarded_wall", "html", "media", "refused", "unknown", "wall")

    def __init__(self, number: int, kind: str, *, folder: str) -> None:
        self.html = Html()
        self.body = Body(number, kind)
        self.folder = folder
        self.media: list[MediaRef] = []
        self.refused: list[str] = []
        self.unknown: list[str] = []
        self.forwarded = False
        self.wall: Wall | None = None
        self.forwarded_wall: Wall | None = None

    def file(self, field: str, link: str) -> str:
        """Note that a member of the body names a file; tell what stands there."""
        try:
            name = located(link, folder=self.folder)
        except HostilePathError:
            # A web address where a file is expected is refused as well.
            self.refused.append(link)
            self.media.append(MediaRef(field, None, "refused"))
            return link
        self.media.append(MediaRef(field, name))
        return folded(name, folder=self.folder)

    def absent(self, field: str, absence: Absence) -> str:
        """Note that the page says why a file is not there; tell what stands instead of its path."""
        self.media.append(MediaRef(field, None, absence.reason))
        return absence.words

    def further_file(self, link: str) -> None:
        """Note a file for which the schema has no member."""
        self.html.files.append(self.file(f"html/files/{len(self.html.files)}", link))

    def emoji(self, field: str, link: str | None) -> str:
        """Note the file of a custom emoji; link is None where that could not be had."""
        field = f"{field}/document_id"
        return self.absent(field, _UNAVAILABLE_EMOJI) if link is None else self.file(field, link)

    def text(self, element: Element, field: str) -> list[Entity]:
        """Read a text whose entities stand at `field`, a JSON pointer without the first slash."""
        return read_text(
            element,
            emoji=lambda place, link: self.emoji(f"{field}/{place}", link),
            unknown=self.unknown.append,
        )
