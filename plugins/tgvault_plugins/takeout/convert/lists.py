"""Documents that no export has: the list of chats, folders, sets of stickers and of custom emoji."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import msgspec
from telethon.tl import types

from tgvault_plugins.takeout.convert.documents import AccountDocument, document
from tgvault_plugins.takeout.convert.making import Around
from tgvault_plugins.takeout.convert.peers import Peers, bare_peer, peer_id_text
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, encoded, only, plain

__all__ = ["DialogFacts", "DialogRows", "described", "dialog", "emoji_sets", "folders", "sticker_sets"]


class DialogFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a chat in the list of chats.

    `peer` and `entity` are Telegram's, `draft` is what was written and not sent. `folders` are ids of folders that show
    the chat.
    """

    peer: Any
    entity: Any = None
    archived: bool = False
    pinned: bool = False
    left: bool = False
    folders: tuple[int, ...] = ()
    draft: Any = None


#: Where the full description of a chat (`ChannelFull`) has what it tells besides.
_DESCRIBED = {
    "about": "about",
    "members": "participants_count",
    "linked_chat_id": "linked_chat_id",
    "migrated_from_chat_id": "migrated_from_chat_id",
    "pinned_message_id": "pinned_msg_id",
    "ttl_period": "ttl_period",
}
#: The members of a row in their order.
_ORDER = (
    *("id", "kind", "type", "title", "username", "usernames", "archived", "pinned", "left", "folders"),
    *("about", "members", "created_unixtime", "photo_id", "forum", "linked_chat_id", "migrated_from_chat_id"),
    *("pinned_message_id", "ttl_period", "draft", "topics"),
)


class DialogRows:
    """The document about all chats of the account, written row by row: there may be very many."""

    def __init__(self) -> None:
        self._body = BytesIO()
        self._body.write(b"[")

    def add(self, row: bytes) -> None:
        """Add a row as `dialog` and `described` give it."""
        if self._body.tell() > 1:
            self._body.write(b",")
        self._body.write(row)

    def document(self) -> AccountDocument:
        """Finish it; nothing can be added any more."""
        self._body.write(b"]")
        return AccountDocument("dialogs", self._body.getvalue())


def dialog(facts: DialogFacts, peers: Peers) -> bytes:
    """Tell a chat as far as the list of chats does.

    Raises:
        ValueError: it is with no peer.
    """
    found = bare_peer(facts.peer)
    if found is None:
        raise ValueError("a chat is with a user, a group or a channel")
    kind, number = found
    entity = facts.entity
    told = [
        ("type", peers.chat_type(facts.peer)),
        ("title", peers.name(facts.peer)),
        ("username", peers.username(facts.peer)),
        ("usernames", [each.username for each in getattr(entity, "usernames", None) or ()]),
        ("archived", facts.archived),
        ("pinned", facts.pinned),
        ("left", facts.left),
        ("folders", list(facts.folders)),
        ("members", getattr(entity, "participants_count", None)),
        ("created_unixtime", _time(getattr(entity, "date", None))),
        ("photo_id", getattr(getattr(entity, "photo", None), "photo_id", None)),
        ("forum", getattr(entity, "forum", None)),
        ("draft", _draft(facts.draft)),
    ]
    return encoded({"id": number, "kind": kind.value} | only(told))


def described(row: bytes, full: Any, topics: Sequence[Any]) -> bytes:
    """Add to a row of `dialog` what the full description of the chat tells, and the topics of a forum."""
    told: Fields = msgspec.json.decode(row)
    told |= only((name, getattr(full, field, None)) for name, field in _DESCRIBED.items())
    told |= only([("topics", [_topic(each) for each in topics if isinstance(each, types.ForumTopic)])])
    return encoded({name: told[name] for name in _ORDER if name in told})


def _draft(draft: Any) -> Fields | None:
    if not isinstance(draft, types.DraftMessage):
        return None
    return only(
        [
            ("text", draft.message),
            ("entities", [plain(entity) for entity in draft.entities or ()]),
            ("date_unixtime", _time(draft.date)),
            ("reply_to", plain(draft.reply_to)),
        ]
    )


def _topic(topic: types.ForumTopic) -> Fields:
    return {"id": topic.id, "title": topic.title or ""} | only(
        [
            ("icon_emoji_id", topic.icon_emoji_id),
            ("icon_color", topic.icon_color),
            ("created_unixtime", _time(topic.date)),
            ("from_id", peer_id_text(topic.from_id)),
            ("closed", topic.closed),
            ("pinned", topic.pinned),
            ("hidden", topic.hidden),
        ]
    )


def folders(filters: Iterable[Any], context: Around) -> AccountDocument:
    """Tell the folders of the account; takes the filters of `messages.getDialogFilters`."""
    rows = [_folder(each, context) for each in filters if not isinstance(each, types.DialogFilterDefault)]
    return document("folders", rows)


def _folder(folder: Any, context: Around) -> Fields:
    flags = ("contacts", "non_contacts", "groups", "broadcasts", "bots", "exclude_muted", "exclude_read")
    title = folder.title
    peers = [
        (name, [_named(each, context) for each in getattr(folder, name, None) or ()])
        for name in ("pinned_peers", "include_peers", "exclude_peers")
    ]
    return {"id": folder.id, "title": getattr(title, "text", title) or ""} | only(
        [
            ("emoticon", folder.emoticon),
            ("color", folder.color),
            ("shared", isinstance(folder, types.DialogFilterChatlist)),
            *((name, getattr(folder, name, None)) for name in (*flags, "exclude_archived")),
            *peers,
        ]
    )


def _named(peer: Any, context: Around) -> object:
    """Write an input peer as ids are written, so without the right to read it."""
    match peer:
        case types.InputPeerSelf():
            return f"user{context.self_id}"
        case types.InputPeerUser():
            return f"user{peer.user_id}"
        case types.InputPeerChat():
            return f"chat{peer.chat_id}"
        case types.InputPeerChannel():
            return f"channel{peer.channel_id}"
    return plain(peer)


def sticker_sets(sets: Iterable[Any]) -> AccountDocument:
    """Tell the sets of stickers that the account has; takes `StickerSet` or whole sets of `messages.getStickerSet`."""
    return document("sticker_sets", [_set(each) for each in sets])


def emoji_sets(sets: Iterable[Any]) -> AccountDocument:
    """Tell the sets of custom emoji that the account has."""
    return document("emoji_sets", [_set(each) for each in sets])


def _set(whole: Any) -> Fields:
    found = whole if isinstance(whole, types.StickerSet) else whole.set
    emoji: dict[int, list[str]] = {}
    for pack in getattr(whole, "packs", None) or ():
        for number in pack.documents or ():
            emoji.setdefault(number, []).append(pack.emoticon)
    stickers = [
        {"id": each.id} | only([("emoji", emoji.get(each.id))]) for each in getattr(whole, "documents", None) or ()
    ]
    return {"id": found.id, "title": found.title or "", "short_name": found.short_name or ""} | only(
        [
            ("count", found.count),
            ("official", found.official),
            ("masks", found.masks),
            ("emojis", found.emojis),
            ("archived", found.archived),
            ("installed_unixtime", _time(found.installed_date)),
            ("stickers", stickers),
        ]
    )


def _time(moment: Any) -> str | None:
    return str(unix_of(moment)) if moment is not None else None
