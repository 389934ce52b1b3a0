"""What a message says of other ones: whose it was before, what it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["forward_fields", "note_reply", "reply_fields", "topic_of"]


def forward_fields(header: types.MessageFwdHeader, making: Making) -> Fields:
    """Give `forwarded_from`, `forwarded_from_id` and `saved_from`, and note the rest."""
    peers = making.around.peers
    found: Fields = {}
    if (origin := peer_id_text(header.from_id)) is not None:
        found |= {"forwarded_from": peers.name(header.from_id), "forwarded_from_id": origin}
    elif header.from_name:
        found["forwarded_from"] = header.from_name
    if peer_id_text(header.saved_from_peer) is not None:
        found["saved_from"] = peers.name(header.saved_from_peer)
    making.api["forward"] = _beyond(header)
    return found


def _beyond(header: types.MessageFwdHeader) -> Fields:
    return only(
        [
            ("from_id", peer_id_text(header.from_id)),
            ("name", header.from_name),
            ("date_unixtime", _time(header.date)),
            ("channel_post", header.channel_post),
            ("post_author", header.post_author),
            ("saved_from_id", peer_id_text(header.saved_from_peer)),
            ("saved_from_message_id", header.saved_from_msg_id),
            ("saved_sender_id", peer_id_text(header.saved_from_id)),
            ("saved_sender", header.saved_from_name),
            ("saved_date_unixtime", _time(header.saved_date)),
            ("saved_out", header.saved_out),
            ("imported", header.imported),
            ("psa_type", header.psa_type),
        ]
    )


def reply_fields(header: Any, making: Making, *, own: str | None = None, label: str = "reply_to_message_id") -> Fields:
    """Give the message that is answered, under `label`, and the peer whose it is, if that is another one than `own`."""
    if not isinstance(header, types.MessageReplyHeader) or not header.reply_to_msg_id:
        return {}
    peer = peer_id_text(header.reply_to_peer_id)
    # Ids of another chat stay as they are.
    found: Fields = {label: header.reply_to_msg_id + (making.shift if peer is None else 0)}
    if peer is not None and peer != own:
        found["reply_to_peer_id"] = peer
    return found


def note_reply(header: Any, making: Making) -> None:
    """Note what an export does not tell of an answer: the quoted words, the topic, a story."""
    if isinstance(header, types.MessageReplyStoryHeader):
        making.api["reply"] = {"story": {"peer_id": peer_id_text(header.peer), "id": header.story_id}}
    elif isinstance(header, types.MessageReplyHeader):
        if (topic := topic_of(header)) is not None:
            making.api["topic_id"] = topic
        if beyond := _reply_beyond(header):
            making.api["reply"] = beyond
    elif header is not None:
        making.api["reply"] = making.unknown("reply", header)


def topic_of(header: types.MessageReplyHeader) -> int | None:
    """Give the topic of a forum in which the answer is; None outside of topics and in the general one."""
    if not header.forum_topic:
        return None
    topic = header.reply_to_top_id or header.reply_to_msg_id
    return int(topic) if topic else None


def _reply_beyond(header: types.MessageReplyHeader) -> Fields:
    return only(
        [
            ("top_id", header.reply_to_top_id),
            ("quote", header.quote_text),
            ("quote_offset", header.quote_offset),
            ("quote_entities", [plain(entity) for entity in header.quote_entities or ()]),
            ("manual_quote", header.quote),
            ("from", _beyond(header.reply_from) if isinstance(header.reply_from, types.MessageFwdHeader) else None),
            ("todo_item_id", header.todo_item_id),
            ("poll_option", plain(header.poll_option)),
        ]
    )


def _time(moment: datetime | None) -> str | None:
    return str(unix_of(moment)) if moment is not None else None
