"""The times of which messages are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tgvault_plugins.takeout.config import TakeoutConfig

__all__ = ["Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """The times from which and up to which messages are wanted (aware); None is no limit."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, config: TakeoutConfig) -> Window:
        """Read it out of the settings."""
        first, last = config.period()
        return cls(*(None if each is None else datetime.fromtimestamp(each, UTC) for each in (first, last)))

    @property
    def begin(self) -> int:
        """The first of these times in seconds since 1970; 0 for none."""
        return int(self.since.timestamp()) if self.since is not None else 0

    @property
    def end(self) -> int | None:
        """The second of these times in seconds since 1970."""
        return int(self.until.timestamp()) if self.until is not None else None

    def is_too_old(self, message: Any) -> bool:
        """Tell whether a message was sent before; one without a date was not."""
        return self.since is not None and message.date is not None and message.date < self.since

    def is_too_new(self, message: Any) -> bool:
        """Tell whether a message was sent after; one without a date was not."""
        return self.until is not None and message.date is not None and message.date >= self.until
