"""A window on bytes at hand."""

from __future__ import annotations

__all__ = ["Bytes"]


class Bytes:
    """A window on bytes at hand."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start up to stop."""
        return self.data[start:stop]

    def close(self) -> None:
        """Nothing to let go of."""
