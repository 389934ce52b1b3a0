"""The sink `rclone`: a vault in any of the stores that rclone knows, which are more than seventy."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, hookimpl
from tgvault_plugins.rclone.config import RcloneConfig
from tgvault_plugins.rclone.sink import RcloneSink

__all__ = ["RcloneConfig", "RcloneSink", "tgvault_sinks"]


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sink `rclone`."""
    return {"rclone": RcloneSink}
