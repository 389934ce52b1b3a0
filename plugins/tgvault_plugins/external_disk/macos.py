"""Mounted volumes on macOS: the folders in /Volumes, and what `diskutil` says of each."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol
from xml.parsers.expat import ExpatError

from tgvault_plugins.external_disk.volumes import Volume

__all__ = ["MacSystem", "mac_volumes"]

_PLACE = "/Volumes"


class MacSystem(Protocol):
    """What is asked of the machine."""

    def names(self, folder: str) -> list[str] | None:
        """List a folder; None where there is none."""

    def run(self, command: Sequence[str]) -> bytes:
        """Give what the command printed; empty where it failed."""


def mac_volumes(system: MacSystem) -> Iterator[Volume]:
    """List the volumes that are mounted in /Volumes; of shares of the network diskutil knows nothing."""
    for name in sorted(system.names(_PLACE) or ()):
        told = _told(system.run(["/usr/sbin/diskutil", "info", "-plist", f"{_PLACE}/{name}"]))
        device, folder = told.get("DeviceIdentifier"), told.get("MountPoint")
        if device and folder:
            yield Volume(device, Path(folder), _set(told.get("VolumeName")), _set(told.get("VolumeUUID")))


def _told(printed: bytes) -> dict[str, str]:
    try:
        read: object = plistlib.loads(printed)
    except (ExpatError, plistlib.InvalidFileException, ValueError):
        return {}
    return {key: value for key, value in read.items() if isinstance(value, str)} if isinstance(read, dict) else {}


def _set(text: str | None) -> frozenset[str]:
    return frozenset({text} if text else ())
