"""Keeping a recovery kit: a text file, and beside it the page to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tgvault.errors import UsageError
from tgvault.keys.kit import Kit, parse_kit
from tgvault.keys.kit_page import kit_page
from tgvault.keys.kit_text import kit_text
from tgvault.keys.private_file import check_free, read_private, write_private

__all__ = ["KitFiles", "kit_files", "read_kit", "write_kit", "write_page"]


@dataclass(frozen=True, slots=True)
class KitFiles:
    """Where the two forms of a kit lie."""

    text: Path
    page: Path

    def check_free(self) -> None:
        """Make sure that both can be written without touching another file.

        Raises:
            UsageError: they cannot.
        """
        check_free(self.text)
        check_free(self.page)


def kit_files(path: Path) -> KitFiles:
    """Name the files of a kit that somebody wants at that path: `KIT.txt` and `KIT.html`."""
    text = path.with_suffix(".txt") if path.suffix.lower() in {".html", ".htm"} else path
    return KitFiles(text, text.with_suffix(".html"))


def write_kit(kit: Kit, path: Path) -> KitFiles:
    """Write both forms, each readable by its owner only (0600), or none.

    Raises:
        UsageError: one of them is there already, or the folder does not take them.
    """
    files = kit_files(path)
    files.check_free()
    write_private(files.text, kit_text(kit, file=files.text.name))
    try:
        write_page(kit, files)
    except UsageError:
        files.text.unlink()
        raise
    return files


def write_page(kit: Kit, files: KitFiles) -> None:
    """Write the page alone (0600).

    Raises:
        UsageError: it is there already, or the folder does not take it.
    """
    write_private(files.page, kit_page(kit, file=files.text.name))


def read_kit(path: Path) -> Kit:
    """Read the text form of a kit.

    Raises:
        NoIdentityError: there is no such file, or it cannot be read.
        BadKeyError: it is no kit, or has a mistake.
    """
    return parse_kit(read_private(path).text)
