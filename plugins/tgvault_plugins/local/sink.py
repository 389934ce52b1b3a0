"""The sink `local` and its configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from tgvault.api import FolderSink

__all__ = ["LocalSink", "LocalSinkConfig"]


class LocalSinkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[sink]` table of type `local`.

    `path` is the folder. On an external disk, name a folder on the disk, not the place where the disk is mounted: a
    backup then stops when the disk is not there.
    """

    path: Annotated[Path, msgspec.Meta(description="the folder that the vault lies in")]


class LocalSink(FolderSink):
    """Keeps each object as a file of its name, readable by its owner only.

    Safe for several processes and machines at once. A file stands under its name whole or not at all, and is on the
    disk when `put` returns.
    """

    config: ClassVar[type[msgspec.Struct]] = LocalSinkConfig

    def __init__(self, config: LocalSinkConfig) -> None:
        super().__init__(config.path)
