"""Pages of messages as Telegram gives them; where one cannot be read, smaller ones, down to the message that it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from telethon.tl.types import MessageRange

from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.asking import PAGE, page_behind, with_ids
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.dialogs import MAX_ID
from tgvault_plugins.takeout.parts import ChatPart
from tgvault_plugins.takeout.wire import keep_bytes

__all__ = ["HistoryPages", "Page", "pages_of"]

#: Messages that cannot be read after which a chat is given up for this run: each of them takes twenty requests.
MOST = 20


class Page:
    """An answer with messages, what tells the bytes of each, and whom they speak of.

    Or, in place of all that, the id of a message that cannot be read.
    """

    def __init__(
        self, answer: Any = None, tl: Callable[[Any], bytes | None] = lambda each: None, *, unread: int | None = None
    ) -> None:
        self.messages: Sequence[Any] = answer.messages if answer is not None else ()
        self.users: Sequence[Any] = answer.users if answer is not None else ()
        self.chats: Sequence[Any] = answer.chats if answer is not None else ()
        self.tl = tl
        self.unread = unread


class HistoryPages:
    """Asks for pages of a part of a chat; `within` confines it to a range of messages."""

    def __init__(self, caller: Caller, part: ChatPart, within: MessageRange | None) -> None:
        self._caller = caller
        self._part = part
        self._within = within
        #: Among so many messages is one that cannot be read; 0 as long as none is known of.
        self._among = 0
        self._met = 0

    async def behind(self, last: int) -> Page:
        """Give the page of messages behind an id, or what cannot be read there.

        Raises:
            telethon.errors.RPCError: Telegram refuses it, or none of its answers can be read.
        """
        while True:
            limit = max(1, self._among // 2) if self._among else PAGE
            page = await self._ask(last, limit=limit)
            if page is not None:
                self._among = max(0, self._among - limit)
                return page
            if not self._among and await self._ask(last, limit=1, up_to=last) is None:
                # There is nothing in that page: it is not for a message that nothing can be read.
                raise self._failure(last)
            if limit == 1:
                self._among = 0
                return await self._found(last)
            self._among = limit

    async def _found(self, last: int) -> Page:
        """Find the first message behind an id, which cannot be read: pages that end before it are empty.

        What can be read by now is given.
        """
        self._met += 1
        bound = self._within.max_id if self._within is not None else MAX_ID
        empty, step = last, 1
        unread: int | None = None
        while self._met <= MOST and empty < bound:
            if unread == empty + 1:
                return Page(unread=unread)
            # Mostly it is the next id, or near.
            middle = min(empty + step, bound) if unread is None else (empty + unread) // 2
            page = await self._ask(last, limit=1, up_to=middle)
            if page is None:
                unread = middle
            elif any(each.id > last for each in page.messages):
                return page
            else:
                empty, step = middle, step * 2
        raise self._failure(last)

    async def _ask(self, last: int, *, limit: int, up_to: int | None = None) -> Page | None:
        """Give a page; None if it cannot be read."""
        request, tl = keep_bytes(page_behind(self._part.peer, last, own=self._part.own, limit=limit, up_to=up_to))
        try:
            return Page(await self._caller(request, within=self._within), tl)
        except UnreadableAnswerError:
            return None

    def _failure(self, last: int) -> UnreadableAnswerError:
        return UnreadableAnswerError(page_behind(self._part.peer, last, own=self._part.own))


async def pages_of(
    caller: Caller, part: ChatPart, ids: Sequence[int]
) -> AsyncIterator[tuple[Sequence[int], Page | None]]:
    """Ask for messages of a part by their ids in the chat; gives with each page what was asked for, and without one
    what cannot be read.

    Raises:
        telethon.errors.RPCError: Telegram refuses it, or none of its answers can be read.
    """
    left, met = [ids], 0
    while left:
        asked = left.pop()
        page = await _with_ids(caller, part, asked)
        is_split = page is None and len(asked) > 1 and met < MOST
        if not is_split:
            met += page is None
            yield asked, page
            continue
        if asked is ids:
            # What is nowhere: if not even that can be read, it is not for a message.
            await caller(with_ids(part.peer, [MAX_ID]))
        half = len(asked) // 2
        left += [asked[half:], asked[:half]]


async def _with_ids(caller: Caller, part: ChatPart, ids: Sequence[int]) -> Page | None:
    request, tl = keep_bytes(with_ids(part.peer, [each - part.shift for each in ids]))
    try:
        return Page(await caller(request), tl)
    except UnreadableAnswerError:
        return None
