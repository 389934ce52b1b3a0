"""Reading a chat's history page by page, from the oldest message on; each page and its cursor are kept together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from itertools import takewhile
from typing import Any

import msgspec
from telethon import errors
from telethon.tl.types import MessageEmpty, MessageRange

from tgvault.api import Finding, FindingKind, SourceContext
from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.asking import PAGE, last_before, tl_peer
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import CLOSED, MAX_ID
from tgvault_plugins.takeout.emoji import EmojiFinder
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FORMER, OWN, Cursor, Peer
from tgvault_plugins.takeout.pages import HistoryPages, Page, pages_of
from tgvault_plugins.takeout.parts import ChatPart
from tgvault_plugins.takeout.probing import hidden_up_to, is_there
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.window import Window

__all__ = ["ChatReader"]


#: What findings are told of, and what becomes of it.
_FORMER = "the group that became"
_AGAIN = "it is asked for again by the next run"


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
        #: By chat, the highest id that a channel hides; None where Telegram does not tell.
        self._hidden: dict[int, int | None] = {}

    async def read(self, number: int) -> None:
        """Read everything of a chat that is newer than what was read before."""
        row = self._ledger.chats.get(number)
        if row.former is not None:
            former = ChatPart(number, FORMER, Peer("chat", row.former), row.own)
            await self._try_former(number, self._read_part(former, row.former_top))
        await self._read_part(ChatPart(number, OWN, row.peer, row.own), row.top)
        self._ledger.messages.take_up(number, since=self._window.begin, until=self._window.end, own=row.own)

    async def again(self, number: int, ids: Sequence[int]) -> None:
        """Ask for messages by their ids: those that were edited, or whose files are wanted now.

        Of what is not wanted as the settings are now it is remembered that it has to be asked for.
        """
        row = self._ledger.chats.get(number)
        former = [each for each in ids if each < 0]
        if former and row.former is not None:
            part = ChatPart(number, FORMER, Peer("chat", row.former), row.own)
            await self._try_former(number, self._again(part, former))
        elif former:
            self._tell(
                "what changed in the group that became", number, f"Telegram does not tell which one that was; {_AGAIN}"
            )
        if own := [each for each in ids if each > 0]:
            await self._again(ChatPart(number, OWN, row.peer, row.own), own)

    async def _try_former(self, number: int, work: Awaitable[None]) -> None:
        """Do something with the group that a chat was before; that it is refused says nothing about the chat."""
        try:
            await work
        except CLOSED as error:
            self._tell(_FORMER, number, f"it is closed to you: {word_of(error)}", kind=FindingKind.NOTE)
        except errors.RPCError as error:
            self._tell(_FORMER, number, f"Telegram does not give it: {word_of(error)}; {_AGAIN}")

    async def _again(self, part: ChatPart, ids: Sequence[int]) -> None:
        async for asked, page in pages_of(self._caller, part, ids):
            if page is not None:
                await self._take_again(part, asked, page)
            else:
                self._tell_unread(part, asked)

    async def _take_again(self, part: ChatPart, ids: Sequence[int], page: Page) -> None:
        self._peers.learn(page.users, page.chats)
        known = set(ids)
        there = [
            each
            for each in page.messages
            if not isinstance(each, MessageEmpty) and part.has(each) and each.id + part.shift in known
        ]
        lacking = known - {int(each.id) + part.shift for each in there}
        gone = await self._gone(part, lacking)
        wanted = [each for each in there if self._is_wanted(each, part)]
        put_off = [part.put_off(each) for each in there if not self._is_wanted(each, part)]
        # What may be hidden only stays to be asked for.
        told = known - (lacking - gone)
        then = partial(self._ledger.was_asked, part.number, told, gone=gone, put_off=put_off)
        await self._keep(part, wanted, page.tl, then=then)

    def _tell_unread(self, part: ChatPart, ids: Sequence[int]) -> None:
        """Tell of messages that Telegram has, and that nobody can read here; they stay to be asked for."""
        named = f"message {ids[0] - part.shift}" if len(ids) == 1 else f"{len(ids):,} messages"
        whole = f"{named} of {_FORMER}" if part.part == FORMER else f"{named} of"
        self._tell(whole, part.number, f"this version cannot read it; {_AGAIN}")

    async def _gone(self, part: ChatPart, ids: set[int]) -> set[int]:
        """Give those of the ids that Telegram does not give which are gone for certain."""
        if part.account_wide or not ids:
            return ids
        hidden = await self._ask_what_is_hidden(part, again=True)
        return {each for each in ids if hidden is not None and each > hidden}

    def _is_wanted(self, message: Any, part: ChatPart) -> bool:
        """Tell whether a message is one of those that are read, or was read and is told by this run anyway."""
        is_foreign = part.own and part.is_of_others(message)
        if not (is_foreign or self._window.is_too_old(message) or self._window.is_too_new(message)):
            return True
        return self._ledger.messages.get(part.number, _id(message) + part.shift) is not None

    async def _read_part(self, part: ChatPart, top: int) -> None:
        """Read a part on up to the message `top`, which is the newest one."""
        cursor = await self._begin(part)
        self._hidden.pop(part.number, None)
        ranges: Sequence[MessageRange | None] = self._splits if part.account_wide else ()
        for within in ranges or [None]:
            cursor = await self._read_range(part, cursor, within, top)

    async def _begin(self, part: ChatPart) -> Cursor:
        """Give the place to read on from: where more is wanted now than was before, from the first message wanted."""
        known = self._ledger.chats.cursor(part.number, part.part)
        since = self._window.begin
        if known is not None and known.has_all(own=part.own, since=since):
            return msgspec.structs.replace(known, own=part.own, since=since)
        seen = max(known.seen, known.last) if known is not None else 0
        if self._window.since is None:
            return Cursor(seen=seen, own=part.own)
        last = 0
        with suppress(UnreadableAnswerError):
            answer = await self._caller(last_before(part.peer, self._window.since, own=part.own))
            last = max((int(each.id) for each in answer.messages), default=0)
        return Cursor(last, seen, part.own, since)

    async def _read_range(self, part: ChatPart, cursor: Cursor, within: MessageRange | None, top: int) -> Cursor:
        lowest, highest = (within.min_id, within.max_id) if within is not None else (1, MAX_ID)
        start, stop = max(cursor.last, lowest - 1), min(max(top, cursor.seen), highest)
        skip, pages = 0, HistoryPages(self._caller, part, within)
        while start + skip < stop:
            page = await pages.behind(start + skip)
            if page.unread is not None:
                cursor = self._pass_by(part, cursor, page.unread)
                start, skip = cursor.last, 0
                continue
            if not page.messages and not skip:
                # Where the list of chats tells of a message all the same, nobody knows what is there.
                if top <= start or stop == highest < MAX_ID or part.part == FORMER:
                    return await self._ended(part, cursor, start, stop)
                break
            fresh = sorted((each for each in page.messages if each.id > start and part.has(each)), key=_id)
            if not fresh:
                # A page may show what was seen already; that is no sign of an end. Look further on, twice as far.
                skip = max(PAGE, skip * 2)
                continue
            due = list(takewhile(lambda each: not self._window.is_too_new(each), fresh))
            if due:
                self._peers.learn(page.users, page.chats)
                cursor = await self._take(part, cursor, due, page.tl, behind=None if skip else start)
            if len(due) < len(fresh):
                # What comes now is for a run that wants it.
                return cursor
            start, skip = cursor.last, 0
        if start < top <= stop and not part.own:
            await self._look_for(part, top)
        return cursor

    async def _look_for(self, part: ChatPart, top: int) -> None:
        """Tell it where a history ends before the newest message, unless that was deleted since the chat was listed."""
        if part.part == OWN and top < MAX_ID and await is_there(self._caller, part.peer, top):
            self._tell("the newest messages of", part.number, f"Telegram does not show them in its history; {_AGAIN}")

    async def _take(
        self, part: ChatPart, cursor: Cursor, page: Sequence[Any], tl: Any, *, behind: int | None
    ) -> Cursor:
        """Keep a page, and how far it goes; it has everything behind the id `behind`, if that is known."""
        wanted = [each for each in page if not (self._window.is_too_old(each) or part.is_foreign(each))]
        after = msgspec.structs.replace(cursor, last=_id(page[-1]))
        is_whole = behind is not None and len(wanted) == len(page)
        covered = await self._covered(part, after, behind or 0) if is_whole else None
        then = partial(self._advance, part, after, covered, frozenset(map(_id, page)))
        await self._keep(part, wanted, tl, then=then)
        return after

    def _pass_by(self, part: ChatPart, cursor: Cursor, number: int) -> Cursor:
        """Go on behind a message that cannot be read; from now on it is asked for by its id."""
        after = msgspec.structs.replace(cursor, last=number)
        with self._ledger.transaction():
            self._advance(part, after, None, frozenset())
            self._ledger.messages.add_todo([(part.number, number + part.shift)])
            if part.own:
                # In a chat that is closed nobody asks by ids, so nobody would tell it then.
                self._tell_unread(part, [number + part.shift])
        return after

    async def _ended(self, part: ChatPart, cursor: Cursor, last: int, stop: int) -> Cursor:
        """Take note that there is nothing between the last message and an id."""
        after = msgspec.structs.replace(cursor, last=stop)
        covered = await self._covered(part, after, last)
        with self._ledger.transaction():
            self._advance(part, after, covered, frozenset())
        return after

    async def _covered(self, part: ChatPart, cursor: Cursor, behind: int) -> range | None:
        """Give the ids, up to the cursor, of which it is known that there are no others than were given."""
        if part.own:
            return None
        if part.account_wide:
            return range(behind + 1, cursor.last + 1)
        hidden = await self._ask_what_is_hidden(part, again=behind < cursor.seen)
        return range(max(behind, hidden) + 1, cursor.last + 1) if hidden is not None else None

    async def _ask_what_is_hidden(self, part: ChatPart, *, again: bool) -> int | None:
        """Give the highest id that Telegram hides from the account, asked for once; None if it does not tell.

        What is read `again` may have been hidden since the chat was described.
        """
        row = self._ledger.chats.get(part.number)
        if part.number not in self._hidden and row.available_min_id is not None and not again:
            return row.available_min_id
        if part.number not in self._hidden:
            self._hidden[part.number] = await self._hidden_now(part, again=again)
        return self._hidden[part.number]

    async def _hidden_now(self, part: ChatPart, *, again: bool) -> int | None:
        try:
            return await hidden_up_to(self._caller, self._peers, part.peer)
        except errors.RPCError as error:
            if again:
                self._tell(
                    "what was deleted in", part.number, f"Telegram does not tell what it hides: {word_of(error)}"
                )
            return None

    async def _keep(self, part: ChatPart, messages: Sequence[Any], tl: Any, *, then: Callable[[], None]) -> None:
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

    def _advance(self, part: ChatPart, cursor: Cursor, covered: range | None, page: Collection[int]) -> None:
        self._ledger.chats.set_cursor(part.number, part.part, cursor)
        if not covered:
            return
        first, last = covered[0] + part.shift, covered[-1] + part.shift
        self._ledger.messages.add_covered(part.number, first, last)
        if covered[0] <= cursor.seen:
            # An earlier run may have read what is gone since, and ended before it was told.
            self._ledger.messages.add_lacking(part.number, first, last, page={each + part.shift for each in page})

    def _tell(self, what: str, number: int, detail: str, *, kind: FindingKind = FindingKind.LOST) -> None:
        """Take note of what is lost of a chat, or is not there yet."""
        chat = self._ledger.chats.get(number).chat
        subject = f"{what} chat {chat.title or chat.key}"
        self._ledger.documents.set_findings(subject, [Finding(kind, subject, detail)])


def _id(message: Any) -> int:
    return int(message.id)
