"""Finding the account's chats: those in its lists, archived and pinned ones too, and the channels that it left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec
from telethon import errors
from telethon.tl.functions.channels import GetFullChannelRequest, GetLeftChannelsRequest
from telethon.tl.functions.messages import GetDialogsRequest, GetForumTopicsRequest
from telethon.tl.types import (
    ChannelFull,
    Dialog,
    ForumTopic,
    InputChannel,
    InputPeerChannel,
    InputPeerEmpty,
    MessageRange,
    PeerChannel,
)

from tgvault.api import Finding, FindingKind
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.convert.peers import Peers, bare_peer, raw_peer_id
from tgvault_plugins.takeout.ledger.values import Peer

__all__ = [
    "CLOSED",
    "LEFT",
    "LIST",
    "MAX_ID",
    "Listed",
    "full_channel",
    "list_dialogs",
    "list_left",
    "peer_of",
    "topics_of",
]

PAGE = 100
#: Ids of messages are positive numbers of 31 bits; where the newest is not told, this stands for it.
MAX_ID = (1 << 31) - 1
#: Answers that say that a chat is closed to this account: no failure of ours, and none that passes.
CLOSED = (errors.ChannelPrivateError, errors.ChatForbiddenError, errors.UserBannedInChannelError)
#: What findings are told of.
LIST, LEFT = "the list of chats", "supergroups and channels that you left"
#: The two lists that Telegram keeps: the main one and the archived chats.
_FOLDERS = (0, 1)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A chat in a list of the account: its peer, its `User`, `Chat` or `Channel`, the id of its newest message.

    `pts` is the state of a channel's updates. `left` says that the account is no member any more.
    """

    peer: Any
    entity: Any
    top: int
    pts: int | None = None
    archived: bool = False
    pinned: bool = False
    left: bool = False
    draft: Any = None


def peer_of(listed: Listed) -> Peer:
    """Give what a chat is asked for by."""
    found = bare_peer(listed.peer)
    assert found is not None
    return Peer(found[0].value, found[1], getattr(listed.entity, "access_hash", 0) or 0)


async def list_dialogs(
    caller: Caller,
    peers: Peers,
    splits: Sequence[MessageRange],
    *,
    tell: Callable[[Finding], None],
) -> AsyncIterator[Listed]:
    """List the chats, each once: those of the newest message range first, as Telegram Desktop does it.

    An old chat may be in the list of an old range only. `tell` is told of a list that cannot be read to its end.
    """
    met: set[int] = set()
    for within in sorted(splits, key=lambda each: -int(each.max_id)) or [None]:
        for folder in _FOLDERS:
            async for listed in _folder(caller, peers, folder, within, tell):
                identity = raw_peer_id(listed.peer)
                if identity not in met:
                    met.add(identity)
                    yield listed


async def list_left(caller: Caller, peers: Peers, *, tell: Callable[[Finding], None]) -> AsyncIterator[Listed]:
    """List the channels and supergroups that the account has left, as far as a takeout tells them, each once.

    `tell` is told of a list that cannot be read to its end.
    """
    met: set[int] = set()
    offset = 0
    while True:
        answer = await caller(GetLeftChannelsRequest(offset))
        peers.learn((), answer.chats)
        fresh = {chat.id: chat for chat in answer.chats if chat.id not in met}
        met.update(fresh)
        for chat in fresh.values():
            yield Listed(peer=PeerChannel(chat.id), entity=chat, top=MAX_ID, left=True)
        offset += len(answer.chats)
        count = getattr(answer, "count", offset)
        if not answer.chats or offset >= count:
            return
        if not fresh:
            tell(_cut_off(LEFT, len(met), count))
            return


async def full_channel(caller: Caller, peers: Peers, channel: InputChannel) -> ChannelFull | None:
    """Ask for what only the full description of a group or channel tells; None where it is closed to the account.

    Raises:
        telethon.errors.RPCError: Telegram does not give it for another reason.
    """
    try:
        answer = await caller(GetFullChannelRequest(channel))
    except CLOSED:
        return None
    peers.learn(answer.users, answer.chats)
    return answer.full_chat


async def topics_of(
    caller: Caller, peers: Peers, channel: InputChannel, *, title: str, tell: Callable[[Finding], None]
) -> list[Any]:
    """List the topics of a forum; none where it is closed to the account.

    `tell` is told of a list that cannot be read to its end.

    Raises:
        telethon.errors.RPCError: Telegram does not give them for another reason.
    """
    found: dict[int, Any] = {}
    place: dict[str, Any] = {"offset_date": None, "offset_id": 0, "offset_topic": 0}
    peer = InputPeerChannel(channel.channel_id, channel.access_hash)
    while True:
        try:
            answer = await caller(GetForumTopicsRequest(peer=peer, limit=PAGE, q=None, **place))
        except CLOSED:
            break
        peers.learn(answer.users, answer.chats)
        fresh = {each.id: each for each in answer.topics if each.id not in found}
        found |= fresh
        if not answer.topics or len(found) >= answer.count:
            break
        last = next((each for each in reversed(fresh.values()) if isinstance(each, ForumTopic)), None)
        if last is None:
            tell(_cut_off(f"the topics of {title}", len(found), answer.count))
            break
        place = {"offset_date": last.date, "offset_id": last.top_message, "offset_topic": last.id}
    return list(found.values())


async def _folder(
    caller: Caller, peers: Peers, folder: int, within: MessageRange | None, tell: Callable[[Finding], None]
) -> AsyncIterator[Listed]:
    """List a folder: everything, and where pinned chats fill a page, once more without them.

    Telegram puts pinned chats before all others and goes on by time, so that behind a pinned one those are missing
    which are newer.
    """
    is_crowded = is_full = False
    async for page in _pages(caller, peers, folder, within, tell, with_pinned=True):
        is_crowded = is_crowded or is_full
        is_full = all(each.pinned for each in page)
        for each in page:
            yield each
    if is_crowded:
        async for page in _pages(caller, peers, folder, within, tell, with_pinned=False):
            for each in page:
                yield each


async def _pages(
    caller: Caller,
    peers: Peers,
    folder: int,
    within: MessageRange | None,
    tell: Callable[[Finding], None],
    *,
    with_pinned: bool,
) -> AsyncIterator[Sequence[Listed]]:
    place: dict[str, Any] = {"offset_date": None, "offset_id": 0, "offset_peer": InputPeerEmpty()}
    met: set[int] = set()
    while True:
        request = GetDialogsRequest(limit=PAGE, hash=0, exclude_pinned=not with_pinned, folder_id=folder, **place)
        answer = await caller(request, within=within)
        peers.learn(answer.users, answer.chats)
        dialogs = [each for each in answer.dialogs if isinstance(each, Dialog)]
        fresh = {raw_peer_id(each.peer): each for each in dialogs}
        fresh = {number: each for number, each in fresh.items() if number not in met}
        met.update(fresh)
        yield _listed(answer, list(fresh.values()), folder)
        count = getattr(answer, "count", 0)
        if not dialogs or len(met) >= count:
            return
        following = _behind(answer, dialogs, peers)
        # Behind a page that has nothing new comes nothing new, wherever Telegram says that it goes on.
        if not fresh or following is None or following == place:
            tell(_cut_off(LIST, len(met), count))
            return
        place = following


def _cut_off(what: str, listed: int, count: int) -> Finding:
    reason = f"Telegram does not tell how it goes on: {listed:,} of {count:,} were listed"
    return Finding(FindingKind.LOST, what, reason)


def _listed(answer: Any, dialogs: Sequence[Dialog], folder: int) -> list[Listed]:
    entities = _entities(answer)
    return [
        Listed(
            peer=each.peer,
            entity=entities.get((type(each.peer), _bare(each.peer))),
            top=each.top_message,
            pts=each.pts,
            archived=folder == 1,
            pinned=bool(each.pinned),
            draft=each.draft,
        )
        for each in dialogs
    ]


def _behind(answer: Any, dialogs: Sequence[Any], peers: Peers) -> dict[str, Any] | None:
    """Say where the next page begins: behind the last chat whose newest message is told; a pinned one if all are."""
    dates = {(type(each.peer_id), _bare(each.peer_id), each.id): each.date for each in _dated(answer.messages)}
    found: dict[bool, dict[str, Any]] = {}
    for each in dialogs:
        date = dates.get((type(each.peer), _bare(each.peer), each.top_message))
        peer = peers.input_peer(each.peer)
        if date is not None and peer is not None:
            found[bool(each.pinned)] = {"offset_date": date, "offset_id": each.top_message, "offset_peer": peer}
    return found.get(False, found.get(True))


def _dated(messages: Sequence[Any]) -> list[Any]:
    return [each for each in messages if getattr(each, "date", None) is not None and each.peer_id is not None]


def _entities(answer: Any) -> dict[tuple[type, int], Any]:
    from telethon.utils import get_peer

    return {(type(peer), _bare(peer)): each for each in (*answer.users, *answer.chats) for peer in (get_peer(each),)}


def _bare(peer: Any) -> int:
    number: int = next(iter(vars(peer).values()))
    return number
