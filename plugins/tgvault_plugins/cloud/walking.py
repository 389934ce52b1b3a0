"""Going through the folders of a store that lists one folder at a time."""

from __future__ import annotations

from collections.abc import Iterator

from tgvault_plugins.cloud.listing import Listed, Lister

__all__ = ["walk"]

#: Folders that a name may lie in, one in the other.
_LEVELS = 2


def walk(lister: Lister, folder: str, prefix: str, *, levels: int = _LEVELS) -> Iterator[Listed]:
    """List the files in the folder (`""` is the root) and those below that may hold a path that starts with prefix."""
    # A folder is read to its end before the next one is asked for, or there would be two lists at a time.
    for entry in list(lister.list(folder or "/", recursive=False)):
        if entry.path.strip("/") == folder.strip("/"):
            continue  # a folder lists itself as well
        if entry.is_file:
            yield entry
        elif levels and _shares_beginning(entry.path, prefix):
            yield from walk(lister, entry.path, prefix, levels=levels - 1)


def _shares_beginning(folder: str, prefix: str) -> bool:
    return folder.startswith(prefix) or prefix.startswith(folder)
