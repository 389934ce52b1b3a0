"""The settings of the sink `external-disk`."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["ExternalDiskConfig"]


class ExternalDiskConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[sink]` table of type `external-disk`; it has one of `label` and `volume`."""

    label: Annotated[
        str | None, msgspec.Meta(description="the name that you gave the disk, as file managers show it: `BACKUP`")
    ] = None
    volume: Annotated[
        str | None,
        msgspec.Meta(
            description="the id of the disk's file system, where two disks have the same name: `6BBD-7BBC`."
            " `lsblk -f` tells it on Linux, `diskutil info` on macOS (Volume UUID), `vol E:` on Windows"
        ),
    ] = None
    path: Annotated[str, msgspec.Meta(description="the folder on the disk that the vault lies in")] = "tgvault"

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        if (self.label is None) == (self.volume is None):
            raise ValueError("expected one of `label` and `volume`")
        if not (self.label or self.volume or "").strip():
            raise ValueError("expected a name or an id that is not empty")
        parts = self.path.replace("\\", "/").split("/")
        # Never the disk itself: where it is mounted there is a folder when it is not, on another disk.
        if {"", ".", ".."} & set(parts) or ":" in self.path or "\0" in self.path:
            raise ValueError("expected `path` to be a folder on the disk, such as `tgvault`, without `..`")

    @property
    def name(self) -> str:
        """What to call the disk in front of a person."""
        return self.label or self.volume or ""
