"""Reading a chat's history page by page, from the oldest message on; each page and its cursor are kept together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from telethon.tl.functions.channels import GetMessagesRequest as GetChannelMessagesRequest
from telethon.tl.functions.messages import GetHistoryRequest, GetMessagesRequest, SearchRequest
from telethon.tl.types import (
    InputChannel,
    InputMessageID,
    InputMessagesFilterEmpty,
    InputPeerChannel,
    InputPeerChat,
    InputPeerSelf,
    InputPeerUser,
    MessageEmpty,
    MessageRange,
    PeerChannel,
    PeerChat,
    PeerUser,
)

from tgvault.api import SourceContext
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.emoji import EmojiFinder
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import Cursor, Peer
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.wire import keep_bytes

__all__ = ["FORMER", "OWN", "SHIFT", "ChatReader", "Window", "input_peer", "tl_peer"]

#: The parts of a chat: the basic group that it once was, and its own messages.
FORMER, OWN = 0, 1
#: What is taken from the ids of a former basic group's messages, as Telegram Desktop does it.
SHIFT = -1_000_000_000
#: Messages in a page; Telegram gives no more.
PAGE = 100


@dataclass(frozen=True, slots=True)
class Window:
    """The times from which and up to which messages are wanted (aware); None is no limit."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """What is read: a part of a chat, as Telegram is asked for it."""

    number: int
    part: int
    peer: Peer
    key: str
    own: bool

    @property
    def shift(self) -> int:
        return SHIFT if self.part == FORMER else 0

    @property
    def account_wide(self) -> bool:
        """Whether the ids are numbers of the account, not of the chat."""
        return self.peer.kind != "channel" and self.part == OWN


class ChatReader:
    """Reads chats; `splits` are the ranges of account-wide ids that Telegram wants to be asked for one by one."""

    def __init__(
        self,
        caller: Caller,
        ledger: Ledger,
        taker: Taker,
        peers: Peers,
        context: SourceContext,
        *,
        splits: Sequence[MessageRange],
        window: Window,
        emoji: EmojiFinder,
    ) -> None:
        self._caller = caller
        self._ledger = ledger
        self._taker = taker
        self._peers = peers
        self._context = context
        self._splits = sorted(splits, key=lambda each: int(each.min_id))
        self._window = window
        self._emoji = emoji

    async def read(self, number: int) -> None:
        """Read everything of a chat that is newer than what was read before."""
        row = self._ledger.chats.get(number)
        if row.former is not None:
            former = Peer("chat", row.former)
            await self._read_part(_Part(number, FORMER, former, row.chat.key, row.own), row.former_top)
        await self._read_part(_Part(number, OWN, row.peer, row.chat.key, row.own), row.top)

    async def again(self, number: int, ids: Sequence[int]) -> None:
        """Ask for messages by their ids: those that were edited, or whose files are wanted now."""
        row = self._ledger.chats.get(number)
        former = [each for each in ids if each < 0]
        if former and row.former is not None:
            await self._again(_Part(number, FORMER, Peer("chat", row.former), row.chat.key, own=False), former)
        own = [each for each in ids if each > 0]
        if own:
            await self._again(_Part(number, OWN, row.peer, row.chat.key, own=False), own)

    async def _again(self, part: _Part, ids: Sequence[int]) -> None:
        request, tl = keep_bytes(_by_id(part.peer, [each - part.shift for each in ids]))
        answer = await self._caller(request)
        self._peers.learn(answer.users, answer.chats)
        there = [each for each in answer.messages if not isinstance(each, MessageEmpty) and _is_of(each, part.peer)]
        gone = {each - part.shift for each in ids} - {int(each.id) for each in there}
        await self._keep(part, there, tl, then=partial(self._note_gone, part, ids, gone))

    def _note_gone(self, part: _Part, ids: Sequence[int], gone: set[int]) -> None:
        self._ledger.messages.add_removed((part.number, each + part.shift) for each in gone)
        self._ledger.messages.done_todo(part.number, ids)

    async def _read_part(self, part: _Part, top: int) -> None:
        known = self._ledger.chats.cursor(part.number, part.part)
        cursor = replace_top(known, top) if known is not None else await self._first(part, top)
        if cursor.last >= cursor.top:
            return
        ranges: Sequence[MessageRange | None] = self._splits if part.peer.kind != "channel" else ()
        for split, within in enumerate(ranges or [None]):
            if split >= cursor.split:
                cursor = await self._read_split(part, replace_split(cursor, split), within)

    async def _read_split(self, part: _Part, cursor: Cursor, within: MessageRange | None) -> Cursor:
        start = max(cursor.last, within.min_id - 1 if within is not None else 0)
        stop = min(cursor.top, within.max_id if within is not None else cursor.top)
        skip = 0
        while start + skip < stop:
            request, tl = keep_bytes(_history(part, start + skip))
            answer = await self._caller(request, within=within)
            fresh = [each for each in answer.messages if each.id > cursor.last and _is_of(each, part.peer)]
            if not answer.messages and not skip:
                break
            if not fresh:
                # A page may show what was seen already; that is no sign of an end. Look further on, twice as far.
                skip = max(PAGE, skip * 2)
                continue
            wanted = [each for each in fresh if self._is_wanted(each)]
            last = max(int(each.id) for each in fresh)
            after = Cursor(last, cursor.split, cursor.top)
            is_whole = not part.own and skip == 0 and len(wanted) == len(fresh)
            covered = (start + 1, last) if is_whole else None
            self._peers.learn(answer.users, answer.chats)
            await self._keep(part, wanted, tl, then=partial(self._advance, part, after, covered))
            if len(wanted) < len(fresh) and self._is_past(fresh):
                return after
            cursor, start, skip = after, last, 0
        return cursor

    async def _keep(self, part: _Part, messages: Sequence[Any], tl: Any, *, then: Any) -> None:
        await self._emoji.learn(messages)
        taken = self._taker.page(
            part.number,
            messages,
            peer=tl_peer(part.peer),
            shift=part.shift,
            account_wide=part.account_wide,
            tl=tl,
            then=then,
        )
        self._context.progress.advance(items=len(taken.ids))

    def _advance(self, part: _Part, cursor: Cursor, covered: tuple[int, int] | None) -> None:
        self._ledger.chats.set_cursor(part.number, part.part, cursor)
        if covered is not None:
            self._ledger.messages.add_covered(part.number, covered[0] + part.shift, covered[1] + part.shift)

    async def _first(self, part: _Part, top: int) -> Cursor:
        """Begin a part: behind the last message before the time from which messages are wanted."""
        if self._window.since is None:
            return Cursor(top=top)
        request = _history(part, 0, before=self._window.since)
        answer = await self._caller(request)
        return Cursor(last=max((int(each.id) for each in answer.messages), default=0), top=top)

    def _is_wanted(self, message: Any) -> bool:
        since, until = self._window.since, self._window.until
        date = getattr(message, "date", None)
        if date is None:
            return True
        return (since is None or date >= since) and (until is None or date < until)

    def _is_past(self, messages: Sequence[Any]) -> bool:
        until = self._window.until
        dates = [each.date for each in messages if getattr(each, "date", None) is not None]
        return until is not None and bool(dates) and max(dates) >= until


def replace_top(cursor: Cursor, top: int) -> Cursor:
    """Give a cursor that knows of newer messages; message ranges are gone through again."""
    if top <= cursor.top:
        return cursor
    return Cursor(cursor.last, 0, top)


def replace_split(cursor: Cursor, split: int) -> Cursor:
    """Give a cursor in that message range."""
    return msgspec.structs.replace(cursor, split=split)


def tl_peer(peer: Peer) -> Any:
    """Give a peer as messages name it."""
    return {"user": PeerUser, "chat": PeerChat, "channel": PeerChannel}[peer.kind](peer.id)


def input_peer(peer: Peer) -> Any:
    """Give a peer as requests name it."""
    if peer.kind == "chat":
        return InputPeerChat(peer.id)
    made = InputPeerUser if peer.kind == "user" else InputPeerChannel
    return made(peer.id, peer.access_hash)


def _history(part: _Part, last: int, *, before: datetime | None = None) -> Any:
    """Ask for the page behind a message; or, with `before`, for the last message before a time."""
    place: dict[str, Any] = {"offset_id": last + 1, "add_offset": -PAGE, "limit": PAGE, "max_id": 0, "min_id": 0}
    if before is not None:
        place |= {"offset_id": 0, "add_offset": 0, "limit": 1}
    peer = input_peer(part.peer)
    if part.own:
        return SearchRequest(
            peer=peer,
            q="",
            filter=InputMessagesFilterEmpty(),
            min_date=None,
            max_date=before,
            from_id=InputPeerSelf(),
            hash=0,
            **place,
        )
    return GetHistoryRequest(peer=peer, offset_date=before, hash=0, **place)


def _by_id(peer: Peer, ids: Sequence[int]) -> Any:
    wanted = [InputMessageID(each) for each in ids]
    if peer.kind == "channel":
        return GetChannelMessagesRequest(InputChannel(peer.id, peer.access_hash), wanted)
    return GetMessagesRequest(wanted)


def _is_of(message: Any, peer: Peer) -> bool:
    """Tell whether a message is of the chat that was asked for; where it names no chat, it is."""
    found = getattr(message, "peer_id", None)
    return found is None or found == tl_peer(peer)
