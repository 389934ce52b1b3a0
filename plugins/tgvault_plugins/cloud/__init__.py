"""The sinks in clouds: `s3` and the other object stores, `webdav`, and the drives that one signs in to."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, hookimpl
from tgvault_plugins.cloud.s3 import S3Sink
from tgvault_plugins.cloud.settings import S3Config, WebdavConfig
from tgvault_plugins.cloud.webdav import WebdavSink

__all__ = ["S3Config", "S3Sink", "WebdavConfig", "WebdavSink", "tgvault_sinks"]


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sinks that go through opendal."""
    return {"s3": S3Sink, "webdav": WebdavSink}
