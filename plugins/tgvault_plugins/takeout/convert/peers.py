"""What is known of people, groups and channels: names, kinds, and the right to ask Telegram about them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec
from telethon.tl import types

from tgvault.api import ChatKind

__all__ = ["Peers", "bare_peer", "peer_id_text", "raw_peer_id"]

#: Accounts of Telegram's own whose chats have types of their own.
_REPLIES = 1271266957
_CODES = 489000

_CHAT_BIT = 1 << 48
_CHANNEL_BIT = 2 << 48
#: A row takes some 300 bytes with its name.
_LIMIT = 50_000


class _Sort(StrEnum):
    SELF = "saved_messages"
    REPLIES = "replies"
    CODES = "verification_codes"
    PERSON = "personal_chat"
    BOT = "bot_chat"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    BROADCAST = "channel"
    #: The direct messages of a channel.
    MONOFORUM = "monoforum"


class _Row(msgspec.Struct, frozen=True, gc=False):
    sort: _Sort
    name: str | None
    first: str | None
    username: str | None
    access_hash: int
    #: Of a channel: its chat of direct messages, or the other way round.
    linked: int = 0
    #: Of a channel: whether its direct messages are the account's to answer.
    answers: bool = False


def bare_peer(peer: object) -> tuple[ChatKind, int] | None:
    """Take a peer apart into its kind and its bare id; None if it is none."""
    if isinstance(peer, types.PeerUser):
        return ChatKind.USER, peer.user_id
    if isinstance(peer, types.PeerChannel):
        return ChatKind.CHANNEL, peer.channel_id
    if isinstance(peer, types.PeerChat):
        return ChatKind.CHAT, peer.chat_id
    return None


def peer_id_text(peer: object) -> str | None:
    """Write a peer's id as bodies have it: `user1`, `chat1`, `channel1`."""
    if isinstance(peer, types.PeerUser):
        return f"user{peer.user_id}"
    found = bare_peer(peer)
    return f"{found[0]}{found[1]}" if found is not None else None


def raw_peer_id(peer: object) -> int:
    """Give the 64 bits in which Telegram Desktop keeps a peer: a user's id, and with one bit for other kinds."""
    if isinstance(peer, types.PeerUser):
        return int(peer.user_id)
    if isinstance(peer, types.PeerChannel):
        return _CHANNEL_BIT | int(peer.channel_id)
    return _CHAT_BIT | int(peer.chat_id) if isinstance(peer, types.PeerChat) else 0


class Peers:
    """Remembers those of whom Telegram's answers told, up to a number; the ones met longest ago go first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._rows: OrderedDict[int, _Row] = OrderedDict()

    def learn(self, users: Iterable[object], chats: Iterable[object]) -> None:
        """Take the users and chats that came with an answer."""
        for user in users:
            if isinstance(user, types.User):
                self._keep(int(user.id), _user_row(user), short=bool(user.min))
        for chat in chats:
            if (row := _chat_row(chat)) is not None:
                peer, found = row
                self._keep(raw_peer_id(peer), found, short=bool(getattr(chat, "min", False)))

    def name(self, peer: object) -> str | None:
        """Give the name that Telegram Desktop shows: first and last, or a title. None for deleted and unknown ones."""
        row = self._row(peer)
        return row.name if row is not None else None

    def first_name(self, peer: object) -> str | None:
        """Give the name that a chat has in an export: of a person the first name only."""
        row = self._row(peer)
        return row.first if row is not None else None

    def username(self, peer: object) -> str | None:
        """Give the name without `@` by which anybody can find them, if they have one."""
        row = self._row(peer)
        return row.username if row is not None else None

    def chat_type(self, peer: object) -> str | None:
        """Give the type that an export gives to the chat with them; None if nothing is known of them.

        A name that was bought counts as one that makes a group public; Telegram Desktop looks only at the first one.
        """
        row = self._row(peer)
        if row is None:
            return None
        public = row.username is not None
        match row.sort:
            case _Sort.GROUP:
                return "private_group"
            case _Sort.SUPERGROUP:
                return "public_supergroup" if public else "private_supergroup"
            case _Sort.BROADCAST:
                return "public_channel" if public else "private_channel"
            case _Sort.MONOFORUM:
                return self._monoforum_type(row)
        return row.sort.value

    def input_peer(self, peer: object) -> Any:
        """Give what requests to Telegram take; None for unknown ones, and where the right to ask is not known."""
        found, row = bare_peer(peer), self._row(peer)
        if found is None or (row is None and found[0] is not ChatKind.CHAT):
            return None
        kind, number = found
        if kind is ChatKind.CHAT:
            return types.InputPeerChat(number)
        assert row is not None
        if not row.access_hash:
            return types.InputPeerSelf() if row.sort is _Sort.SELF else None
        make = types.InputPeerUser if kind is ChatKind.USER else types.InputPeerChannel
        return make(number, row.access_hash)

    def _row(self, peer: object) -> _Row | None:
        number = peer.user_id if isinstance(peer, types.PeerUser) else raw_peer_id(peer)
        row = self._rows.get(number)
        if row is not None:
            self._rows.move_to_end(number)
        return row

    def _keep(self, number: int, row: _Row, *, short: bool) -> None:
        # A short description has no right to ask, and lacks what its viewer is not to see.
        if not short or number not in self._rows:
            self._rows[number] = row
        self._rows.move_to_end(number)
        if len(self._rows) > self._limit:
            self._rows.popitem(last=False)

    def _monoforum_type(self, row: _Row) -> str:
        owner = self._rows.get(_CHANNEL_BIT | row.linked)
        if owner is None or not owner.answers:
            return _Sort.PERSON.value
        return "public_supergroup" if owner.username is not None else "private_supergroup"


def _user_row(user: types.User) -> _Row:
    first, last = user.first_name or "", user.last_name or ""
    name = f"{first} {last}" if first and last else first or last
    return _Row(
        _user_sort(user), name or None, first or None, _username(user), 0 if user.min else int(user.access_hash or 0)
    )


def _user_sort(user: types.User) -> _Sort:
    if user.is_self:
        return _Sort.SELF
    if user.id in {_REPLIES, _CODES}:
        return _Sort.REPLIES if user.id == _REPLIES else _Sort.CODES
    return _Sort.BOT if user.bot or user.bot_info_version is not None else _Sort.PERSON


def _username(whose: Any) -> str | None:
    if whose.username:
        return str(whose.username)
    return next((str(each.username) for each in whose.usernames or () if each.active), None)


def _chat_row(chat: object) -> tuple[object, _Row] | None:
    if isinstance(chat, types.Channel):
        return types.PeerChannel(chat.id), _channel_row(chat)
    if isinstance(chat, types.ChannelForbidden):
        title, sort = chat.title or None, _channel_sort(chat)
        return types.PeerChannel(chat.id), _Row(sort, title, title, None, int(chat.access_hash or 0))
    if isinstance(chat, types.Community | types.CommunityForbidden):
        title = chat.title or None
        return types.PeerChannel(chat.id), _Row(_Sort.SUPERGROUP, title, title, None, int(chat.access_hash or 0))
    if isinstance(chat, types.Chat | types.ChatForbidden):
        title = chat.title or None
        return types.PeerChat(chat.id), _Row(_Sort.GROUP, title, title, None, 0)
    return None


def _channel_row(chat: types.Channel) -> _Row:
    title, rights = chat.title or None, chat.admin_rights
    answers = bool(chat.broadcast and (chat.creator or (rights is not None and rights.manage_direct_messages)))
    right = 0 if chat.min else int(chat.access_hash or 0)
    linked = int(chat.linked_monoforum_id or 0)
    return _Row(_channel_sort(chat), title, title, _username(chat), right, linked, answers)


def _channel_sort(chat: Any) -> _Sort:
    if chat.monoforum:
        return _Sort.MONOFORUM
    return _Sort.BROADCAST if chat.broadcast else _Sort.SUPERGROUP
