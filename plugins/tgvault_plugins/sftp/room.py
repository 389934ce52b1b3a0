"""How much room a server has, and whether it is still the same disk."""

from __future__ import annotations

import asyncssh

from tgvault.api import SinkUnavailableError
from tgvault_plugins.sftp.failures import LOST

__all__ = ["Room"]


class Room:
    """The room below a folder. An instance lasts as long as the sink, and remembers the disk that it met first."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._disk = 0

    async def free(self, sftp: asyncssh.SFTPClient) -> int | None:
        """Give the bytes that are free; None where the server does not tell.

        Raises:
            SinkUnavailableError: another disk is there now. One that is unmounted under a running backup leaves its
                folder behind, in which a snapshot would lie without its packs.
        """
        try:
            told = await sftp.statvfs(self._root)
        except LOST:
            raise
        except asyncssh.SFTPError:
            return None
        self._disk = self._disk or told.fsid
        if told.fsid != self._disk:
            raise SinkUnavailableError(
                f"the server's folder `{self._root}` is on another disk than when the run began",
                hint="a disk was mounted or unmounted there; put it back and run again",
            )
        return told.bavail * told.frsize if told.blocks else None
