"""The sink `sftp`: a vault in a folder of a server that one logs in to by SSH."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, hookimpl
from tgvault_plugins.sftp.config import SftpConfig
from tgvault_plugins.sftp.sink import SftpSink

__all__ = ["SftpConfig", "SftpSink", "tgvault_sinks"]


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sink `sftp`."""
    return {"sftp": SftpSink}
