"""Finding the export that a path means, and telling when it was made."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from tgvault.api import HostilePathError, UnreadableExportError, UnrecognisedExportError
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.root import Root
from tgvault_plugins.desktop_export.zipped import ZipRoot

__all__ = ["RESULT", "Place", "matches", "observed", "place_of"]

RESULT = "result.json"
_DATE = re.compile(r"_(\d{4}-\d{2}-\d{2})(?: \(\d+\))?\Z", re.ASCII)
_MAGIC = re.compile(r"[*?\[]")
#: What may stand at the start of a JSON file, white space and byte order marks taken off.
_JSON_STARTS = (b"{", b"\0{")
#: How far apart a folder's date, which is local, and the time of its main file may be to mean the same day.
_SAME_DAY = timedelta(hours=36)


class Place(NamedTuple):
    """A folder or zip, and the name of the JSON file in it that is meant."""

    root: Root
    name: str


def matches(path: str) -> list[Path]:
    """The paths that a path means: itself, or what it matches when it is a pattern."""
    whole = Path(path).expanduser()
    if whole.exists() or not _MAGIC.search(path):
        return [whole]
    base = Path(whole.anchor)
    return sorted(base.glob(str(whole.relative_to(base))))


def place_of(path: Path) -> Place:
    """Open the folder, the zip or the file at a path; what it is, its content tells.

    Raises:
        UnrecognisedExportError: there is nothing, or nothing that could be an export.
        UnreadableExportError: a zip cannot be read.
    """
    if path.is_dir():
        return Place(FolderRoot(path), RESULT)
    try:
        with path.open("rb") as file:
            start = file.read(1 << 12)
    except FileNotFoundError as exc:
        raise UnrecognisedExportError(
            f"`{path}` does not exist", hint="name the folder that Telegram Desktop wrote the export to"
        ) from exc
    if start.startswith(b"PK"):
        return Place(ZipRoot(path), RESULT)
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        start = start.removeprefix(mark)
    named = path.suffix.lower() == ".json" or start.lstrip().startswith(_JSON_STARTS)
    return Place(FolderRoot(path.parent), path.name if named else RESULT)


def observed(place: Place) -> datetime | None:
    """When the export was made, in UTC: by the date in its folder's name and the time of its main file.

    A folder's name survives copying, a file's time is exact. So the time counts when it is of the day in the name,
    otherwise the day's noon.
    """
    at = _modified(place)
    found = _DATE.search(place.root.folder_name)
    try:
        noon = datetime.combine(datetime.fromisoformat(found[1]), time(12), UTC) if found else None
    except ValueError:
        noon = None
    if noon is None:
        return at
    return at if at is not None and abs(at - noon) <= _SAME_DAY else noon


def _modified(place: Place) -> datetime | None:
    for name in (place.name, "export_results.html", "messages.html"):
        try:
            return datetime.fromtimestamp(place.root.modified(name), UTC)
        except (FileNotFoundError, HostilePathError, UnreadableExportError):
            continue
    return None
