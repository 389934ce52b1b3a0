"""The sink `onedrive`: a folder in OneDrive."""

from __future__ import annotations

from tgvault_plugins.cloud.drives import DriveSink, drive_fields
from tgvault_plugins.cloud.provider import MICROSOFT

__all__ = ["OnedriveSink"]

#: A name that no object has.
_FIRST = ".tgvault-folder"


class OnedriveSink(DriveSink):
    """Keeps each object as a file in one folder of OneDrive, with `~` in place of `/` in its name.

    What is larger than 4 MB opendal sends in parts; the file is there when the last one is.
    """

    provider = MICROSOFT
    scheme = "onedrive"
    fields = drive_fields("Microsoft", secret=False, register="entra.microsoft.com, App registrations")

    def make_place(self) -> None:
        """Make the folder by storing a file in it: opendal 0.47 asks for a first folder at an address that is none."""
        self.store.write(self.folder + _FIRST, b"made by tgvault\n")
        self.store.delete(self.folder + _FIRST)
