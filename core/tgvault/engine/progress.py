"""What the engine tells of its progress, and to whom."""

from __future__ import annotations

from typing import Protocol

__all__ = ["NullProgress", "Progress"]


class Progress(Protocol):
    """Is told how a run is going.

    The engine calls it from the main process and one thread only, as often as it likes: an implementation decides
    what to show and how often, and no call may take long. Phases do not nest; a new one ends the one before.
    """

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        """Begin a part of the run: `reading`, `packing`. total_bytes is None where the end is not known."""

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        """Tell of further work done in this phase: bytes, and messages, files or objects."""

    def note(self, text: str) -> None:
        """Tell something worth knowing now, one line; it may quote hostile text."""

    def title(self, name: str) -> None:
        """Give the phase that is going on another name; it counts on."""

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell that nothing goes on for so many seconds; called about once a second, and with 0 at the end."""

    def done(self) -> None:
        """End the last phase; called also after an error, and harmless when called again."""


class NullProgress:
    """Shows nothing."""

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        """Ignore it."""

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def title(self, name: str) -> None:
        """Ignore it."""

    def waiting(self, seconds: float, reason: str) -> None:
        """Ignore it."""

    def done(self) -> None:
        """Ignore it."""
