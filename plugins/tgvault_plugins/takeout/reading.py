"""Reading a file out of the parts that were fetched of it."""

from __future__ import annotations

import io

from tgvault_plugins.takeout.ledger.ledger import Ledger

__all__ = ["PartReader"]


class PartReader(io.RawIOBase):
    """Reads forwards; one part at a time is in memory."""

    def __init__(self, ledger: Ledger, name: str, size: int) -> None:
        self._ledger = ledger
        self._name = name
        self._size = size
        self._at = 0
        self._part = memoryview(b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Read up to as much as fits; fewer bytes than there are left where a part ends."""
        room = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if not self._part and self._at < self._size:
            self._part = memoryview(self._ledger.files.part(self._name, self._at) or b"")
        taken = min(len(room), len(self._part))
        room[:taken] = self._part[:taken]
        self._part = self._part[taken:]
        self._at += taken
        return taken
