"""Reading a chat's history page by page, from the oldest message on; each page and its cursor are kept together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from typing import Any

import msgspec
from telethon.tl.types import MessageEmpty, MessageRange

from tgvault.api import SourceContext
from tgvault_plugins.takeout.asking import PAGE, last_before, page_behind, tl_peer, with_ids
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import MAX_ID
from tgvault_plugins.takeout.emoji import EmojiFinder
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FORMER, OWN, Cursor, Peer
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.wire import keep_bytes

__all__ = ["ChatReader", "Window"]

#: What is taken from the ids of a former basic group's messages, as Telegram Desktop does it.
SHIFT = -1_000_000_000


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

    def is_too_old(self, message: Any) -> bool:
        """Tell whether a message was sent before; one without a date was not."""
        return self.since is not None and message.date is not None and message.date < self.since

    def is_too_new(self, message: Any) -> bool:
        """Tell whether a message was sent after; one without a date was not."""
        return self.until is not None and message.date is not None and message.date >= self.until


@dataclass(frozen=True, slots=True)
class _Part:
    """What is read: a part of a chat, as Telegram is asked for it; with `own` only what the account itself wrote."""

    number: int
    part: int
    peer: Peer
    own: bool

    @property
    def shift(self) -> int:
        return SHIFT if self.part == FORMER else 0

    @property
    def account_wide(self) -> bool:
        """Whether the ids are numbers of the account, not of the chat."""
        return self.peer.kind != "channel"


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
            await self._read_part(_Part(number, FORMER, Peer("chat", row.former), row.own), row.former_top)
        await self._read_part(_Part(number, OWN, row.peer, row.own), row.top)

    async def again(self, number: int, ids: Sequence[int]) -> None:
        """Ask for messages by their ids: those that were edited, or whose files are wanted now."""
        row = self._ledger.chats.get(number)
        former = [each for each in ids if each < 0]
        if former and row.former is not None:
            await self._again(_Part(number, FORMER, Peer("chat", row.former), row.own), former)
        own = [each for each in ids if each > 0]
        if own:
            await self._again(_Part(number, OWN, row.peer, row.own), own)

    async def _again(self, part: _Part, ids: Sequence[int]) -> None:
        request, tl = keep_bytes(with_ids(part.peer, [each - part.shift for each in ids]))
        answer = await self._caller(request)
        self._peers.learn(answer.users, answer.chats)
        there = [each for each in answer.messages if not isinstance(each, MessageEmpty) and _is_of(each, part.peer)]
        gone = set(ids) - {int(each.id) + part.shift for each in there}
        wanted = [each for each in there if self._is_wanted(each, part)]
        await self._keep(part, wanted, tl, then=partial(self._ledger.was_asked, part.number, ids, gone=gone))

    def _is_wanted(self, message: Any, part: _Part) -> bool:
        """Tell whether a message is one of those that are read at all; in a channel any may have been asked for."""
        is_foreign = part.own and part.peer.kind != "chat" and not message.out
        return not (is_foreign or self._window.is_too_old(message) or self._window.is_too_new(message))

    async def _read_part(self, part: _Part, top: int) -> None:
        """Read a part on up to the message `top`, which is the newest one."""
        cursor = await self._begin(part)
        ranges: Sequence[MessageRange | None] = self._splits if part.account_wide else ()
        for within in ranges or [None]:
            cursor = await self._read_range(part, cursor, within, top)

    async def _begin(self, part: _Part) -> Cursor:
        """Give the place to read on from: where more is wanted now than was before, from the first message wanted."""
        known = self._ledger.chats.cursor(part.number, part.part)
        since = self._window.begin
        if known is not None and known.has_all(own=part.own, since=since):
            return msgspec.structs.replace(known, own=part.own, since=since)
        seen = max(known.seen, known.last) if known is not None else 0
        if self._window.since is None:
            return Cursor(seen=seen, own=part.own)
        answer = await self._caller(last_before(part.peer, self._window.since, own=part.own))
        last = max((int(each.id) for each in answer.messages), default=0)
        return Cursor(last, seen, part.own, since)

    async def _read_range(self, part: _Part, cursor: Cursor, within: MessageRange | None, top: int) -> Cursor:
        lowest, highest = (within.min_id, within.max_id) if within is not None else (1, MAX_ID)
        start, stop = max(cursor.last, lowest - 1), min(max(top, cursor.seen), highest)
        skip = 0
        while start + skip < stop:
            request, tl = keep_bytes(page_behind(part.peer, start + skip, own=part.own))
            answer = await self._caller(request, within=within)
            if not answer.messages and not skip:
                # Where the list of chats tells of a message all the same, nobody knows what is there.
                is_empty = top <= start or stop == highest < MAX_ID or part.part == FORMER
                return self._ended(part, cursor, start, stop) if is_empty else cursor
            fresh = sorted((each for each in answer.messages if each.id > start and _is_of(each, part.peer)), key=_id)
            if not fresh:
                # A page may show what was seen already; that is no sign of an end. Look further on, twice as far.
                skip = max(PAGE, skip * 2)
                continue
            page = list(takewhile(lambda each: not self._window.is_too_new(each), fresh))
            if page:
                self._peers.learn(answer.users, answer.chats)
                cursor = await self._take(part, cursor, page, tl, behind=None if skip else start)
            if len(page) < len(fresh):
                # What comes now is for a run that wants it.
                return cursor
            start, skip = cursor.last, 0
        return cursor

    async def _take(self, part: _Part, cursor: Cursor, page: Sequence[Any], tl: Any, *, behind: int | None) -> Cursor:
        """Keep a page, and how far it goes; it has everything behind the id `behind`, if that is known."""
        wanted = [each for each in page if not (self._window.is_too_old(each) or _is_foreign(each, part))]
        after = msgspec.structs.replace(cursor, last=_id(page[-1]))
        is_whole = not part.own and len(wanted) == len(page)
        covered = (behind + 1, after.last) if behind is not None and is_whole else None
        await self._keep(part, wanted, tl, then=partial(self._advance, part, after, covered))
        return after

    def _ended(self, part: _Part, cursor: Cursor, last: int, stop: int) -> Cursor:
        """Take note that there is nothing between the last message and an id."""
        after = msgspec.structs.replace(cursor, last=stop)
        with self._ledger.transaction():
            self._advance(part, after, None if part.own else (last + 1, stop))
        return after

    async def _keep(self, part: _Part, messages: Sequence[Any], tl: Any, *, then: Callable[[], None]) -> None:
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


def _is_foreign(message: Any, part: _Part) -> bool:
    """Tell whether it is one of others though one's own were asked for: in private chats Telegram gives all."""
    return part.own and part.peer.kind == "user" and not message.out


def _is_of(message: Any, peer: Peer) -> bool:
    """Tell whether a message is of the chat that was asked for; where it names no chat, it is."""
    found = getattr(message, "peer_id", None)
    return found is None or found == tl_peer(peer)


def _id(message: Any) -> int:
    return int(message.id)
