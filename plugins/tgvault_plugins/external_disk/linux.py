"""Mounted volumes on Linux: what udev knows of disks, and what the kernel knows of mounts.

Formats: proc_pid_mountinfo(5); the links below /dev/disk are named by udev, bytes that do not suit it as `\\xNN`; its
database lists, as `S:` lines, all links that a device asked for, also those that another device of the same name got.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tgvault.api import SinkUnavailableError
from tgvault_plugins.external_disk.volumes import Volume

__all__ = ["LinuxSystem", "Mount", "linux_volumes", "mounts"]

_BY_LABEL = "disk/by-label"
_BY_ID = "disk/by-uuid"


class LinuxSystem(Protocol):
    """What is asked of the machine."""

    def read(self, file: str) -> bytes:
        """Read a file; empty where there is none."""

    def names(self, folder: str) -> list[str] | None:
        """List a folder; None where there is none."""

    def number(self, file: str) -> str | None:
        """Give the number of a block device, or of the one that a link leads to, as `8:17`; None of anything else."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of mountinfo: the device's number, the part of it that is mounted, where, and type and source."""

    number: str
    root: str
    folder: str
    kind: str
    source: str


def linux_volumes(system: LinuxSystem) -> Iterator[Volume]:
    """List the volumes that are mounted here and have a name or an id.

    Raises:
        SinkUnavailableError: there is no udev, so nothing has a name.
    """
    links = _links(system)
    for mount in mounts(system.read("/proc/self/mountinfo")):
        # btrfs has parts with roots of their own; of anything else a part of it mounted elsewhere is not the disk.
        if mount.root != "/" and mount.kind != "btrfs":
            continue
        # The source goes first: of btrfs and of some FUSE file systems the mount's own number is no device's.
        number = system.number(mount.source) or mount.number
        known = links.get(number, set()) | _claimed(system.read(f"/run/udev/data/b{number}"))
        if known:
            yield Volume(number, Path(mount.folder), _named(_BY_LABEL, known), _named(_BY_ID, known))


def mounts(mountinfo: bytes) -> list[Mount]:
    """Read mountinfo; of mounts in the same place only the one on top counts."""
    by_folder: dict[str, Mount] = {}
    for line in mountinfo.splitlines():
        before, dash, after = line.partition(b" - ")
        fields, told = before.split(b" "), after.split(b" ")
        if dash and len(fields) > 4 and len(told) > 1:
            number, root, folder = (_text(each) for each in fields[2:5])
            by_folder[folder] = Mount(number, root, folder, *(_text(each) for each in told[:2]))
    return list(by_folder.values())


def _links(system: LinuxSystem) -> Mapping[str, set[str]]:
    if system.names("/dev/disk") is None:
        raise SinkUnavailableError(
            "there is no `/dev/disk`, so disks cannot be told by name",
            hint="run tgvault where udev runs, or use a sink of type `local` with the folder on the disk",
        )
    found: dict[str, set[str]] = {}
    for folder in (_BY_LABEL, _BY_ID):
        for name in system.names(f"/dev/{folder}") or ():
            if number := system.number(f"/dev/{folder}/{name}"):
                found.setdefault(number, set()).add(f"{folder}/{name}")
    return found


def _claimed(entry: bytes) -> set[str]:
    lines = (os.fsdecode(line) for line in entry.splitlines())
    return {line[2:] for line in lines if line.startswith("S:disk/by-")}


def _named(folder: str, links: set[str]) -> frozenset[str]:
    names = (each.removeprefix(folder + "/") for each in links if each.startswith(folder + "/"))
    return frozenset(_hexadecimal(os.fsencode(name)) for name in names)


def _hexadecimal(name: bytes) -> str:
    return os.fsdecode(re.sub(rb"\\x([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]), name))


def _text(field: bytes) -> str:
    # The kernel writes space, tab, newline and backslash as three octal digits.
    return os.fsdecode(re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes([int(found[1], 8)]), field))
