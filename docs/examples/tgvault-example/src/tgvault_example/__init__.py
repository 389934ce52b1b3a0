"""A sink and a transform for tgvault."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Sink, Transform, hookimpl
from tgvault_example.drop_service import DropService
from tgvault_example.folder_log import FolderLog

__all__ = ["TGVAULT_API", "tgvault_sinks", "tgvault_transforms"]

#: The version of tgvault's plugin API that this is written for.
TGVAULT_API = (1, 0)


@hookimpl
def tgvault_sinks() -> Mapping[str, type[Sink]]:
    """Bring the sink `folder-log`."""
    return {"folder-log": FolderLog}


@hookimpl
def tgvault_transforms() -> Mapping[str, type[Transform]]:
    """Bring the transform `drop-service`."""
    return {"drop-service": DropService}
