"""What all service messages have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.links import reply_fields
from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["Act"]


@dataclass(frozen=True, slots=True)
class Act:
    """One service message: by whom (`sender`), where (`chat`, as in `reply_to_peer_id`), in answer to what."""

    making: Making
    sender: Any
    chat: str | None
    reply_to: Any

    def actor(self) -> Fields:
        """Give who did it."""
        number = peer_id_text(self.sender)
        return {} if number is None else {"actor": self.making.around.peers.name(self.sender), "actor_id": number}

    def by(self, action: str, fields: Fields | None = None) -> Fields:
        """Give an action that somebody did."""
        return self.actor() | {"action": action} | (fields or {})

    def message(self, label: str = "message_id") -> Fields:
        """Give the message that it is about, if that is still there."""
        return reply_fields(self.reply_to, self.making, own=self.chat, label=label)

    def user(self, number: int) -> str | None:
        """Give a user's name."""
        return self.making.around.peers.name(types.PeerUser(number))

    def members(self, numbers: Iterable[int]) -> Fields:
        """Give users by name; deleted and unknown ones are null."""
        return {"members": [self.user(number) for number in numbers or ()]}
