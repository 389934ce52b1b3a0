"""Which volumes are mounted on macOS, by texts in the form of diskutil's."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path

from tgvault_plugins.external_disk.macos import mac_volumes
from tgvault_plugins.external_disk.volumes import Volume

BACKUP = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>DeviceIdentifier</key>
	<string>disk4s1</string>
	<key>DeviceNode</key>
	<string>/dev/disk4s1</string>
	<key>Ejectable</key>
	<true/>
	<key>FilesystemType</key>
	<string>exfat</string>
	<key>FreeSpace</key>
	<integer>1000186310656</integer>
	<key>MountPoint</key>
	<string>/Volumes/BACKUP 1</string>
	<key>VolumeName</key>
	<string>BACKUP</string>
	<key>VolumeUUID</key>
	<string>0FE2C3E8-6A3F-3C6F-9E47-1B4F3B5C7A90</string>
</dict>
</plist>
"""
SYSTEM = {"DeviceIdentifier": "disk3s1s1", "MountPoint": "/", "VolumeName": "Macintosh HD"}


class Recorded:
    def __init__(self, **printed: bytes) -> None:
        self._printed = {name.replace("_", " "): text for name, text in printed.items()}

    def names(self, folder: str) -> list[str] | None:
        assert folder == "/Volumes"
        return list(self._printed) or None

    def run(self, command: Sequence[str]) -> bytes:
        assert command[:3] == ["/usr/sbin/diskutil", "info", "-plist"]
        return self._printed[command[3].removeprefix("/Volumes/")]


def test_a_mounted_disk_is_found_with_its_name_and_id() -> None:
    found = list(mac_volumes(Recorded(BACKUP_1=BACKUP, Macintosh_HD=plistlib.dumps(SYSTEM))))

    assert found == [
        Volume(
            "disk4s1",
            Path("/Volumes/BACKUP 1"),
            frozenset({"BACKUP"}),
            frozenset({"0FE2C3E8-6A3F-3C6F-9E47-1B4F3B5C7A90"}),
        ),
        Volume("disk3s1s1", Path("/"), frozenset({"Macintosh HD"}), frozenset()),
    ]


def test_what_diskutil_does_not_know_or_says_in_another_form_is_left_out() -> None:
    told = {"share": b"", "broken": BACKUP[:200], "binary": b"bplist00\xff", "list": plistlib.dumps(["no", "dict"])}

    assert (
        list(mac_volumes(Recorded(**told, gone=plistlib.dumps({"DeviceIdentifier": "disk9", "MountPoint": ""})))) == []
    )


def test_without_volumes_there_is_nothing() -> None:
    assert list(mac_volumes(Recorded())) == []
