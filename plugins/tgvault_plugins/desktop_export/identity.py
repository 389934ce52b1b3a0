"""Which chat a chat is: its kind, its bare id and the key of both, in every era of Telegram Desktop's ids."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from tgvault.api import ChatKey, ChatKind, chat_key
from tgvault_plugins.desktop_export.heads import Head
from tgvault_plugins.desktop_export.view import View

__all__ = ["Era", "Identity", "Namer", "bare_id", "era_of"]

_KINDS = {
    "saved_messages": ChatKind.USER,
    "replies": ChatKind.USER,
    "verification_codes": ChatKind.USER,
    "personal_chat": ChatKind.USER,
    "bot_chat": ChatKind.USER,
    "private_group": ChatKind.CHAT,
    "private_supergroup": ChatKind.CHANNEL,
    "public_supergroup": ChatKind.CHANNEL,
    "private_channel": ChatKind.CHANNEL,
    "public_channel": ChatKind.CHANNEL,
}
_EVIDENCE = re.compile(rb'"(?:date_unixtime"\s{0,8}:|(?:from_id|actor_id)"\s{0,8}:\s{0,8}["0-9])')
#: A file whose first so many bytes tell nothing is taken for a new one.
_LOOK = 1 << 26
#: Bytes of a chat's messages in which its own id is looked for, should its type not tell its kind.
_LOOK_CHAT = 1 << 18


class Era(StrEnum):
    """How ids of chats are written."""

    #: From 2.7.2 on: the bare id.
    BARE = "bare"
    #: Up to 2.7.1: with bits for the kind, 1 << 32 for users and 2 << 32 for groups and channels.
    SHIFTED = "shifted"


def era_of(view: View) -> Era:
    """Decide from what the messages say: numbers as senders mean shifted ids, text or Unix times mean bare ones.

    The size of an id tells nothing: users' ids of today pass 1 << 32.
    """
    found = view.search(_EVIDENCE, 0, min(view.size, _LOOK), 64)
    return Era.SHIFTED if found and found[1][-1:].isdigit() else Era.BARE


def bare_id(number: int, era: Era) -> int:
    """Take the kind's bits off an id."""
    kind = number >> 32
    return number - (kind << 32) if era is Era.SHIFTED and kind in {1, 2} else number


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a chat in an archive; `id` is bare."""

    key: ChatKey
    kind: ChatKind
    id: int | None


class Namer:
    """Names the chats of one file. Those without an id are counted by title."""

    def __init__(self, era: Era) -> None:
        self._era = era
        self._titles: Counter[str] = Counter()

    def name(self, head: Head, *, seen: bytes) -> Identity:
        """Name the chat with this head; `seen` is some of its messages, for a type that is unknown or missing."""
        number = None if head.id is None else bare_id(head.id, self._era)
        kind = _KINDS.get(head.type or "")
        if kind is None and head.id is not None and number is not None:
            kind = self._guessed(head.id, number, seen)
        if kind is not None and number is not None:
            return Identity(chat_key(kind, number), kind, number)
        title = head.name or ""
        self._titles[title] += 1
        return Identity(ChatKey(f"{ChatKind.WEAK}:{self._titles[title]}:{title}"), ChatKind.WEAK, number)

    def _guessed(self, written: int, number: int, seen: bytes) -> ChatKind | None:
        if self._era is Era.SHIFTED:
            return ChatKind.USER if written >> 32 == 1 else None
        for kind in (ChatKind.USER, ChatKind.CHAT, ChatKind.CHANNEL):
            if b'"%b%d"' % (kind.value.encode(), number) in seen:
                return kind
        return None
