"""Which volumes are mounted on Linux, by texts that were recorded there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tgvault.api import SinkUnavailableError
from tgvault_plugins.external_disk.linux import linux_volumes, mounts
from tgvault_plugins.external_disk.volumes import Volume

#: Debian 12: the system on LUKS, a FAT stick by udisks, NTFS and exFAT by FUSE, and what every system has.
MOUNTINFO = rb"""24 30 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw
25 30 0:5 / /dev rw,nosuid,relatime shared:2 - devtmpfs udev rw,size=8047240k,nr_inodes=2011810,mode=755
30 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/sda2_crypt rw,errors=remount-ro
301 30 8:17 / /media/ada/BACK\040UP rw,nosuid,nodev,relatime shared:229 - vfat /dev/sdb1 rw,uid=1000,errors=remount-ro
302 30 8:33 / /media/ada/N\134T rw,nosuid,nodev,relatime shared:233 - fuseblk /dev/sdc1 rw,user_id=0,group_id=0
303 30 0:58 / /media/ada/exFAT rw,nosuid,nodev,relatime shared:240 - fuse /dev/sdd1 rw,user_id=0,group_id=0
304 30 7:0 / /mnt/image rw,relatime shared:250 - fuseblk /dev/loop0 rw,user_id=0,group_id=0
305 30 0:61 /@ /mnt/butter rw,relatime shared:251 - btrfs /dev/sde1 rw,space_cache=v2,subvolid=256,subvol=/@
"""


@dataclass
class Recorded:
    """A machine of texts: files, block devices by their paths, and links to these below /dev/disk."""

    files: dict[str, bytes] = field(default_factory=lambda: {"/proc/self/mountinfo": MOUNTINFO})
    devices: dict[str, str] = field(
        default_factory=lambda: {
            "/dev/mapper/sda2_crypt": "253:0",
            "/dev/sdb1": "8:17",
            "/dev/sdc1": "8:33",
            "/dev/sdd1": "8:49",
            "/dev/sde1": "8:65",
            "/dev/loop0": "7:0",
        }
    )
    links: dict[str, str] = field(
        default_factory=lambda: {
            "/dev/disk/by-label/BACK\\x20UP": "/dev/sdb1",
            "/dev/disk/by-label/N\\x5cT": "/dev/sdc1",
            "/dev/disk/by-label/\\xc3\\xa4\\x2fé": "/dev/sdd1",
            "/dev/disk/by-label/image": "/dev/loop0",
            "/dev/disk/by-label/unmounted": "/dev/sdz9",
            "/dev/disk/by-uuid/6BBD-7BBC": "/dev/sdb1",
            "/dev/disk/by-uuid/0CAFB61B3CD461C9": "/dev/sdc1",
            "/dev/disk/by-uuid/a1b2c3d4-0000-4000-8000-000000000001": "/dev/sde1",
        }
    )

    def read(self, file: str) -> bytes:
        return self.files.get(file, b"")

    def names(self, folder: str) -> list[str] | None:
        inside = [link[len(folder) + 1 :].split("/")[0] for link in self.links if link.startswith(folder + "/")]
        return inside or None

    def number(self, file: str) -> str | None:
        return self.devices.get(self.links.get(file, file))


def by_folder(system: Recorded) -> dict[str, Volume]:
    return {str(volume.folder): volume for volume in linux_volumes(system)}


@pytest.mark.parametrize(
    ("folder", "device", "labels", "ids"),
    [
        ("/media/ada/BACK UP", "8:17", {"BACK UP"}, {"6BBD-7BBC"}),
        ("/media/ada/N\\T", "8:33", {"N\\T"}, {"0CAFB61B3CD461C9"}),
        ("/media/ada/exFAT", "8:49", {"ä/é"}, set()),
        ("/mnt/image", "7:0", {"image"}, set()),
        ("/mnt/butter", "8:65", set(), {"a1b2c3d4-0000-4000-8000-000000000001"}),
    ],
    ids=["a FAT stick", "ntfs-3g", "exfat-fuse that is no fuseblk", "a loop device", "btrfs"],
)
def test_a_mounted_disk_is_found_with_its_name_and_id(
    folder: str, device: str, labels: set[str], ids: set[str]
) -> None:
    found = by_folder(Recorded())

    assert found[folder] == Volume(device, Path(folder), frozenset(labels), frozenset(ids))


def test_what_has_neither_name_nor_id_is_left_out() -> None:
    assert len(by_folder(Recorded())) == 5


def test_a_disk_that_lost_its_link_to_another_of_that_name_is_known_by_udevs_database() -> None:
    system = Recorded()
    system.files["/run/udev/data/b7:0"] = (
        b"S:disk/by-label/BACK\\x20UP\nS:disk/by-uuid/77AA-00BB\nS:disk/by-path/x\nE:ID_FS_LABEL=BACK_UP\n"
    )

    found = by_folder(system)["/mnt/image"]

    assert found.labels == {"BACK UP", "image"}
    assert found.ids == {"77AA-00BB"}


def test_a_part_of_a_disk_that_is_mounted_elsewhere_is_not_the_disk() -> None:
    system = Recorded()
    system.files["/proc/self/mountinfo"] = b"9 1 8:17 /tgvault /data rw - vfat /dev/sdb1 rw\n"

    assert by_folder(system) == {}


def test_a_disk_below_another_in_the_same_place_is_not_seen() -> None:
    system = Recorded()
    system.files["/proc/self/mountinfo"] = (
        b"8 1 8:17 / /mnt rw - vfat /dev/sdb1 rw\n9 8 8:33 / /mnt rw - fuseblk /dev/sdc1 rw\n"
    )

    assert by_folder(system)["/mnt"].labels == {"N\\T"}


def test_lines_that_no_kernel_writes_are_passed_over() -> None:
    assert mounts(b"\n1 2 3\n1 2 8:1 / /mnt rw - ext4\n1 2 8:1 / /mnt rw ext4 /dev/sda1\n") == []


def test_without_udev_it_says_so() -> None:
    with pytest.raises(SinkUnavailableError, match="/dev/disk") as caught:
        list(linux_volumes(Recorded(links={})))

    assert caught.value.hint is not None
    assert "`local`" in caught.value.hint
