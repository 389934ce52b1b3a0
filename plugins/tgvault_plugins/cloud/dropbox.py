"""The sink `dropbox`: a folder in Dropbox."""

from __future__ import annotations

from tgvault_plugins.cloud.drives import DriveSink, drive_fields
from tgvault_plugins.cloud.provider import DROPBOX

__all__ = ["DropboxSink"]


class DropboxSink(DriveSink):
    """Keeps each object as a file in one folder of Dropbox, with `~` in place of `/` in its name.

    The folder is best that of an app, which sees nothing else.
    """

    provider = DROPBOX
    scheme = "dropbox"
    fields = drive_fields("Dropbox", secret=False, register="dropbox.com/developers/apps (Dropbox: App key)")
