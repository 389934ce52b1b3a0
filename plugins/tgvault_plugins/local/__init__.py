"""The sink `local`: a vault in a folder of this machine, an external disk or a mounted share."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, hookimpl
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig

__all__ = ["LocalSink", "LocalSinkConfig", "tgvault_sinks"]


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sink `local`."""
    return {"local": LocalSink}
