"""Mounted volumes on Windows: the drive letters, and what `GetVolumeInformationW` says of each."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tgvault_plugins.external_disk.volumes import Volume

__all__ = ["Kernel", "windows_volumes"]

#: MAX_PATH and a zero: what the documentation of GetVolumeInformationW says a name may take.
_LONGEST_NAME = 261

#: SEM_FAILCRITICALERRORS: no window that asks for a disk for each empty card reader.
_NO_WINDOWS = 1


class Kernel(Protocol):
    """The functions of kernel32.dll that are used; `ctypes.WinDLL("kernel32")` is one."""

    def GetLogicalDrives(self) -> int:  # noqa: N802
        """Give the drive letters in use, a bit for each, A first."""

    def GetVolumeInformationW(  # noqa: N802
        self,
        root: ctypes.c_wchar_p,
        label: object,
        label_size: ctypes.c_uint32,
        serial: object,
        component: object,
        flags: object,
        system: object,
        system_size: ctypes.c_uint32,
    ) -> int:
        """Fill in the name and the serial number; 0 where there is no disk in the drive."""

    def SetErrorMode(self, mode: ctypes.c_uint32) -> int:  # noqa: N802
        """Say what becomes of errors that Windows would ask a person about; gives what held before."""


def windows_volumes(kernel: Kernel) -> Iterator[Volume]:
    """List the volumes that have a drive letter."""
    before = kernel.SetErrorMode(ctypes.c_uint32(_NO_WINDOWS))
    try:
        found = [_volume(kernel, letter) for letter in _letters(kernel.GetLogicalDrives())]
    finally:
        kernel.SetErrorMode(ctypes.c_uint32(before))
    return (each for each in found if each is not None)


def _letters(bits: int) -> list[str]:
    return [chr(ord("A") + at) for at in range(26) if bits >> at & 1]


def _volume(kernel: Kernel, letter: str) -> Volume | None:
    root, serial = f"{letter}:\\", ctypes.c_uint32()
    label = ctypes.create_unicode_buffer(_LONGEST_NAME)
    size, none = ctypes.c_uint32(_LONGEST_NAME), ctypes.c_uint32(0)
    if not kernel.GetVolumeInformationW(
        ctypes.c_wchar_p(root), label, size, ctypes.byref(serial), None, None, None, none
    ):
        return None
    number = f"{serial.value >> 16:04X}-{serial.value & 0xFFFF:04X}"
    return Volume(root, Path(root), frozenset({label.value} - {""}), frozenset({number}))
