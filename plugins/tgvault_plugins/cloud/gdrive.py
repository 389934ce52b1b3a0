"""The sink `gdrive`: a folder in Google Drive."""

from __future__ import annotations

from tgvault.api import MissingObjectError, ObjectName
from tgvault_plugins.cloud.drives import DriveSink, drive_fields
from tgvault_plugins.cloud.listing import Listed
from tgvault_plugins.cloud.provider import GOOGLE

__all__ = ["GdriveSink"]

#: Files of one name that are deleted; more than two processes at once have hardly made.
_MOST_TWINS = 8


class GdriveSink(DriveSink):
    """Keeps each object as a file in one folder of Google Drive, with `~` in place of `/` in its name."""

    provider = GOOGLE
    scheme = "gdrive"
    fields = drive_fields("Google", secret=True, register="console.cloud.google.com, APIs & Services, Credentials")

    def file_name(self, entry: Listed) -> str:
        """Tell a file's own name, which may have slashes."""
        return entry.path.removeprefix(self.folder)

    def delete(self, name: ObjectName) -> None:
        """Delete an object, and its twins: two processes that store the same at once make two files of one name."""
        for _ in range(_MOST_TWINS):
            # opendal keeps in mind which file it was, and that it is gone; a twin is another one.
            self.store.forget()
            try:
                self.store.size(self.path(name))
            except MissingObjectError:
                return
            super().delete(name)
