"""What changed, numbered as Telegram numbers it: https://core.telegram.org/api/updates ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Change", "Event", "EventLog"]


class Change(StrEnum):
    """What happened to messages."""

    NEW = "new"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Event:
    """A change of messages of one chat; `pts` is the count after it."""

    pts: int
    change: Change
    peer: int
    ids: tuple[int, ...]


class EventLog:
    """The changes of one box: a channel, or all private chats and basic groups together.

    A message that is new, edited or deleted counts one each.
    """

    def __init__(self, pts: int = 0) -> None:
        #: The count now.
        self.pts = pts
        #: The count at which the log begins; who asks from before that has to be told that it is too long.
        self.first_pts = pts
        self.events: list[Event] = []

    def add(self, change: Change, peer: int, *ids: int) -> None:
        """Note a change."""
        self.pts += len(ids)
        self.events.append(Event(self.pts, change, peer, ids))

    def since(self, pts: int) -> list[Event]:
        """Give what came after a count."""
        return [event for event in self.events if event.pts > pts]

    def forget(self) -> None:
        """Lose the past: every older count becomes too old to tell the difference."""
        self.events.clear()
        self.first_pts = self.pts
