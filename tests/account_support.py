"""What tests of the takeout source share."""

from __future__ import annotations

__all__ = ["Drawer"]


class Drawer:
    """Secrets that live as long as the object, and how often they were written."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.written = 0

    def get(self, name: str) -> bytes | None:
        return self.values.get(name)

    def set(self, name: str, value: bytes) -> None:
        self.values[name] = value
        self.written += 1

    def delete(self, name: str) -> None:
        self.values.pop(name, None)
