"""Disks for tests: a folder that passes for one, and exFAT and NTFS by FUSE on loop devices, which take root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tgvault_plugins.external_disk.linux import linux_volumes
from tgvault_plugins.external_disk.system import Machine
from tgvault_plugins.external_disk.volumes import FindVolumes, Volume

__all__ = ["LoopDisk", "linked_volumes", "loop_disk", "plain_volume"]

#: Where Debian keeps what makes and mounts file systems; not in the path of everybody.
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))

_MAKE = {"exfat": ("mkfs.exfat", "-L"), "ntfs": ("mkfs.ntfs", "-Q", "-F", "-q", "-L")}
_MOUNT = {"exfat": "mount.exfat-fuse", "ntfs": "ntfs-3g"}


def plain_volume(folder: Path) -> list[Volume]:
    """One disk of the name BACKUP, mounted at the folder."""
    return [Volume("8:17", folder, frozenset({"BACKUP"}), frozenset({"6BBD-7BBC"}))]


class _Udev(Machine):
    """This machine, with links to disks in a folder of the test's own: containers have none."""

    def __init__(self, links: Path) -> None:
        self._links = str(links)

    def names(self, folder: str) -> list[str] | None:
        return super().names(folder.replace("/dev/disk", self._links))

    def number(self, file: str) -> str | None:
        return super().number(file.replace("/dev/disk", self._links))

    def read(self, file: str) -> bytes:
        return b"" if file.startswith("/run/udev") else super().read(file)


def linked_volumes(links: Path) -> list[Volume]:
    """List what is mounted, by the links to disks in that folder."""
    return list(linux_volumes(_Udev(links)))


@dataclass
class LoopDisk:
    """A disk that can be plugged in and pulled out."""

    kind: str
    label: str
    image: Path
    folder: Path
    links: Path
    device: str = ""

    @property
    def volumes(self) -> FindVolumes:
        """List what is mounted; can be sent to other processes."""
        return partial(linked_volumes, self.links)

    @property
    def id(self) -> str:
        """The id of its file system, as Linux tells it."""
        return tool("blkid", "--output", "value", "--match-tag", "UUID", str(self.image)).strip()

    def plug_in(self, folder: Path | None = None) -> None:
        """Attach the image to a loop device, give it the links that udev would, and mount it."""
        self.folder = folder or self.folder
        self.folder.mkdir(exist_ok=True)
        self.device = tool("losetup", "--find", "--show", str(self.image)).strip()
        for kind, name in (("by-label", self.label.replace(" ", "\\x20")), ("by-uuid", self.id)):
            (self.links / kind).mkdir(parents=True, exist_ok=True)
            (self.links / kind / name).symlink_to(self.device)
        tool(_MOUNT[self.kind], self.device, str(self.folder))

    def pull_out(self) -> None:
        """Unmount it, whoever is using it, and take it away."""
        tool("umount", "--lazy", str(self.folder))
        for link in self.links.glob("*/*"):
            link.unlink()
        # Detached as soon as the driver lets go of it.
        tool("losetup", "--detach", self.device)
        self.device = ""


@contextmanager
def loop_disk(kind: str, folder: Path, *, label: str = "MY DISK", size: int = 256 << 20) -> Iterator[LoopDisk]:
    """Make a file system of that kind in an image file, plugged in while the block runs."""
    disk = LoopDisk(kind, label, folder / "image", folder / "mounted", folder / "dev-disk")
    with disk.image.open("wb") as file:
        file.truncate(size)
    tool(*_MAKE[kind], label, str(disk.image))
    disk.plug_in()
    try:
        yield disk
    finally:
        if disk.device:
            disk.pull_out()


def tool(name: str, *arguments: str) -> str:
    """Run a program of the system; what it says when it fails is told."""
    found = shutil.which(name, path=_PATH)
    assert found, f"there is no `{name}`; scripts/setup tests installs it"
    ended = subprocess.run([found, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode == 0, f"{name} failed (it takes root and loop devices): {ended.stderr}"
    return ended.stdout
