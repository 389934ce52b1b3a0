"""What Telegram says of a message beyond what Telegram Desktop exports."""

from __future__ import annotations

from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["note_message"]

#: Flags that are noted under their own names when they are set.
_FLAGS = (
    "out",
    "pinned",
    "silent",
    "post",
    "noforwards",
    "mentioned",
    "edit_hide",
    "invert_media",
    "from_scheduled",
    "offline",
    "legacy",
)
#: Numbers and words, noted under their own names when they are there.
_VALUES = (
    "views",
    "forwards",
    "ttl_period",
    "via_bot_id",
    "via_business_bot_id",
    "effect",
    "from_boosts_applied",
    "from_rank",
    "paid_message_stars",
    "schedule_repeat_period",
)
#: Rare objects, noted with all that they say.
_OBJECTS = ("factcheck", "restriction_reason", "suggested_post")
_PEERS = ("saved_peer_id", "guestchat_via_from")


def note_message(message: Any, making: Making) -> None:
    """Note flags, counters and ids of a message."""
    api, fields = making.api, message.__dict__
    for name in _FLAGS:
        if fields.get(name):
            api[name] = True
    for name in _VALUES:
        if (value := fields.get(name)) is not None:
            api[name] = value
    if message.grouped_id is not None:
        api["album_id"] = message.grouped_id
    if message.replies is not None:
        api["replies"] = _replies(message.replies)
    for name in _PEERS:
        if (value := fields.get(name)) is not None:
            api[name] = peer_id_text(value)
    for name in _OBJECTS:
        if value := fields.get(name):
            api[name] = [plain(each) for each in value] if isinstance(value, list) else plain(value)


def _replies(replies: types.MessageReplies) -> Fields:
    return only([("count", replies.replies), ("comments", replies.comments), ("channel_id", replies.channel_id)])
