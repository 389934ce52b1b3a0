"""The sinks in clouds: `s3` and the other object stores, `webdav`, and the drives that one signs in to."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, hookimpl
from tgvault_plugins.cloud.azblob import AzblobSink
from tgvault_plugins.cloud.b2 import B2Sink
from tgvault_plugins.cloud.dropbox import DropboxSink
from tgvault_plugins.cloud.gcs import GcsSink
from tgvault_plugins.cloud.gdrive import GdriveSink
from tgvault_plugins.cloud.onedrive import OnedriveSink
from tgvault_plugins.cloud.s3 import S3Sink
from tgvault_plugins.cloud.settings import AzblobConfig, B2Config, DriveConfig, GcsConfig, S3Config, WebdavConfig
from tgvault_plugins.cloud.webdav import WebdavSink

__all__ = [
    "AzblobConfig",
    "AzblobSink",
    "B2Config",
    "B2Sink",
    "DriveConfig",
    "DropboxSink",
    "GcsConfig",
    "GcsSink",
    "GdriveSink",
    "OnedriveSink",
    "S3Config",
    "S3Sink",
    "WebdavConfig",
    "WebdavSink",
    "tgvault_sinks",
]


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sinks that go through opendal."""
    return {
        "azblob": AzblobSink,
        "b2": B2Sink,
        "dropbox": DropboxSink,
        "gcs": GcsSink,
        "gdrive": GdriveSink,
        "onedrive": OnedriveSink,
        "s3": S3Sink,
        "webdav": WebdavSink,
    }
