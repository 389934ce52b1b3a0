"""Which volumes have a drive letter on Windows, with functions that answer as those of kernel32.dll are documented."""

from __future__ import annotations

import ctypes
from pathlib import Path

from tgvault_plugins.external_disk.volumes import Volume
from tgvault_plugins.external_disk.windows import windows_volumes

DRIVES = {"C:\\": ("", 0x3CD461C9), "E:\\": ("BÄCKUP", 0x006B7BBC)}


class Recorded:
    """A machine with C, an empty card reader D, and a stick E."""

    def __init__(self) -> None:
        self.mode = 0x8000
        self.modes: list[int] = []

    def GetLogicalDrives(self) -> int:  # noqa: N802
        return 0b11100

    def GetVolumeInformationW(  # noqa: N802
        self,
        root: ctypes.c_wchar_p,
        label: ctypes.Array[ctypes.c_wchar],
        label_size: ctypes.c_uint32,
        serial: object,
        *others: object,
    ) -> int:
        assert self.mode == 1
        assert label_size.value == len(label)
        if root.value not in DRIVES:
            return 0
        label.value, number = DRIVES[root.value]
        ctypes.cast(serial, ctypes.POINTER(ctypes.c_uint32))[0] = number  # type: ignore[arg-type]
        return 1

    def SetErrorMode(self, mode: ctypes.c_uint32) -> int:  # noqa: N802
        before, self.mode = self.mode, mode.value
        return before


def test_drives_are_found_with_name_and_serial_number() -> None:
    found = list(windows_volumes(Recorded()))

    assert found == [
        Volume("C:\\", Path("C:\\"), frozenset(), frozenset({"3CD4-61C9"})),
        Volume("E:\\", Path("E:\\"), frozenset({"BÄCKUP"}), frozenset({"006B-7BBC"})),
    ]


def test_an_empty_card_reader_opens_no_window_and_the_mode_is_put_back() -> None:
    kernel = Recorded()

    list(windows_volumes(kernel))

    assert kernel.mode == 0x8000
