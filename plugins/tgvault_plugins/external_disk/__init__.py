"""The sink `external-disk`: a vault on a disk that is plugged in now and then, found wherever it is mounted."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, hookimpl
from tgvault_plugins.external_disk.config import ExternalDiskConfig
from tgvault_plugins.external_disk.sink import ExternalDiskSink

__all__ = ["ExternalDiskConfig", "ExternalDiskSink", "tgvault_sinks"]


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sink `external-disk`."""
    return {"external-disk": ExternalDiskSink}
