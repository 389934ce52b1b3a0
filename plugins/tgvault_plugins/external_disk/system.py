"""The machine that tgvault runs on: the effects by which mounted volumes are found."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from stat import S_ISBLK

from tgvault.api import SinkUnavailableError
from tgvault_plugins.external_disk.volumes import Volume

__all__ = ["Machine", "mounted_volumes"]

#: Seconds that a command may take. A disk that spins up takes about ten.
_PATIENCE = 60


class Machine:
    """Reads files and runs commands. `LinuxSystem` and `MacSystem` say what each method gives."""

    def read(self, file: str) -> bytes:
        """Read a file; empty where there is none, or none that may be read."""
        try:
            return Path(file).read_bytes()
        except OSError:
            return b""

    def names(self, folder: str) -> list[str] | None:
        """List a folder; None where there is none."""
        try:
            return os.listdir(folder)  # noqa: PTH208 - names are wanted, not paths
        except OSError:
            return None

    def number(self, file: str) -> str | None:
        """Give the number of a block device, or of the one that a link leads to; None of anything else."""
        try:
            status = Path(file).stat() if file.startswith("/") else None
        except OSError:
            return None
        if status is None or not S_ISBLK(status.st_mode):
            return None
        return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"

    def run(self, command: Sequence[str]) -> bytes:
        """Give what the command printed; empty where it failed.

        Raises:
            SinkUnavailableError: it is not there, or does not come to an end.
        """
        try:
            ended = subprocess.run(  # noqa: S603 - the command is ours
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SinkUnavailableError(
                f"`{command[0]}` does not tell which disks there are", hint="check that it answers in a terminal"
            ) from error
        return ended.stdout if ended.returncode == 0 else b""


def mounted_volumes() -> Iterable[Volume]:
    """List the volumes that are mounted on this machine at the moment."""
    if sys.platform == "win32":
        import ctypes

        from tgvault_plugins.external_disk.windows import windows_volumes

        return windows_volumes(ctypes.WinDLL("kernel32"))
    if sys.platform == "darwin":
        from tgvault_plugins.external_disk.macos import mac_volumes

        return mac_volumes(Machine())
    from tgvault_plugins.external_disk.linux import linux_volumes

    return linux_volumes(Machine())
