"""Reckoning what a run would fetch, from a few requests for each chat; nothing is fetched and nothing remembered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from telethon import errors
from telethon.tl import types
from telethon.tl.functions.messages import (
    GetDialogFiltersRequest,
    GetSearchCountersRequest,
    SearchGlobalRequest,
)
from telethon.tl.functions.updates import GetStateRequest

from tgvault.api import Chat, ChatEstimate, Estimate, Finding
from tgvault_plugins.takeout.asking import PAGE, input_peer, last_before, page_behind
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.choices import Category, ChatType
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import list_dialogs, peer_of
from tgvault_plugins.takeout.exporting import refuse_bot
from tgvault_plugins.takeout.files import FileKind
from tgvault_plugins.takeout.folders import folders_of
from tgvault_plugins.takeout.ledger.ledger import BOT, Ledger
from tgvault_plugins.takeout.ledger.values import OWN, Peer
from tgvault_plugins.takeout.selecting import ChatChoice
from tgvault_plugins.takeout.window import Window

__all__ = ["Estimator"]

#: The sorts of files that Telegram counts, and what it counts them by.
_FILTERS: Sequence[tuple[FileKind, type]] = (
    (FileKind.PHOTOS, types.InputMessagesFilterPhotos),
    (FileKind.VIDEOS, types.InputMessagesFilterVideo),
    (FileKind.VOICE, types.InputMessagesFilterVoice),
    (FileKind.ROUND, types.InputMessagesFilterRoundVideo),
    (FileKind.MUSIC, types.InputMessagesFilterMusic),
    (FileKind.ANIMATIONS, types.InputMessagesFilterGif),
    (FileKind.FILES, types.InputMessagesFilterDocument),
)
#: Files of each sort that are looked at to learn how large they are.
_SAMPLE = 100

#: Bytes that a message takes in the local state until it is in the vault, with its raw form.
_BYTES_PER_MESSAGE = 1500
#: Bytes of files that may be there at once: what workers have not packed yet.
_UNDER_WAY = 512 << 20
#: Seconds for a page of messages or the beginning of a file, and bytes a second. Telegram serves about so much to a
#: home connection; how it will be today nobody knows.
_SECONDS_PER_REQUEST = 0.2
_BYTES_PER_SECOND = 8_000_000

_NOTES = (
    "stickers, thumbnails, custom emoji, profile photos and stories are not counted",
    "nor is what was written in channels that you left, below posts, or in groups before they became supergroups",
)


#: What chats are called that an export gives no name to.
_TITLES: dict[str, str] = {
    ChatType.SAVED: "Saved Messages",
    ChatType.REPLIES: "Replies",
    ChatType.CODES: "Verification Codes",
}


class _Count(msgspec.Struct, frozen=True):
    messages: int
    files: dict[FileKind, int]


class _Part(NamedTuple):
    """What is counted: a chat up to its newest message, or one's own messages in it."""

    peer: Peer
    top: int
    own: bool


class Estimator:
    """Asks as an app does, not as a takeout: that would begin one, and have Telegram send its warning about it."""

    def __init__(self, caller: Caller, ledger: Ledger, config: TakeoutConfig, *, self_id: int, is_bot: bool) -> None:
        self._caller = caller
        self._ledger = ledger
        self._config = config
        self._self_id = self_id
        self._is_bot = is_bot
        self._window = Window.of(config)
        self._choice = ChatChoice(config)
        self._peers = Peers()
        self._problems: list[Finding] = []

    async def estimate(self, *, free: int) -> Estimate:
        """Reckon; `free` is the room in bytes where the local state lies.

        Raises:
            SourceRefusedError: a backup with these settings would be refused.
        """
        self._caller.takeout = None
        if self._is_bot:
            return await self._of_bot(free)
        sizes = await self._mean_sizes()
        chats = [await self._chat(part, chat, sizes) for part, chat in await self._listed()]
        messages, files, size = (sum(getattr(each, name) for each in chats) for name in ("messages", "files", "bytes"))
        requests = len(chats) + messages / 100 + files
        return Estimate(
            chats=tuple(chats),
            disk=messages * _BYTES_PER_MESSAGE + min(size, _UNDER_WAY),
            free=free,
            seconds=requests * _SECONDS_PER_REQUEST + size / _BYTES_PER_SECOND,
            notes=(*(f"{each.subject}: {each.detail}" for each in self._findings()), *_idle(chats), *_NOTES),
        )

    def _findings(self) -> list[Finding]:
        return [*self._problems, *self._choice.findings()]

    async def _of_bot(self, free: int) -> Estimate:
        """Reckon for a bot: there are no lists that it could ask for, and as many ids as it has not asked for yet."""
        refuse_bot(self._config)
        state = await self._caller.plain(GetStateRequest())
        ids = max(0, state.pts - (self._ledger.number(BOT) or 0))
        return Estimate(
            chats=(),
            disk=ids * _BYTES_PER_MESSAGE,
            free=free,
            seconds=ids / PAGE * _SECONDS_PER_REQUEST,
            notes=(f"Telegram does not tell a bot what there is; it would ask for {ids:,} messages by their ids",),
        )

    async def _listed(self) -> list[tuple[_Part, Chat]]:
        if not self._config.reads(Category.CHATS):
            return []
        answer = await self._caller(GetDialogFiltersRequest())
        filters = list(getattr(answer, "filters", answer))
        found = []
        async for listed in list_dialogs(self._caller, self._peers, (), tell=self._problems.append):
            chat = chat_record(self._peers, listed.peer)
            username = self._peers.username(listed.peer)
            folders = folders_of(listed, filters, self_id=self._self_id)
            names = [username] if username else []
            if self._choice.takes(chat, usernames=names, folders=folders, left=False):
                own = self._config.own_only and chat.type != ChatType.SAVED
                found.append((_Part(peer_of(listed), listed.top, own), chat))
        return found

    async def _chat(self, part: _Part, chat: Chat, sizes: dict[FileKind, float]) -> ChatEstimate:
        counted = await self._count(part, chat)
        files = {kind: number for kind, number in counted.files.items() if self._config.fetches(kind)}
        return ChatEstimate(
            title=chat.title or _TITLES.get(chat.type or "", chat.key),
            type=chat.type or "",
            messages=counted.messages,
            files=sum(files.values()),
            bytes=round(sum(number * sizes.get(kind, 0.0) for kind, number in files.items())),
        )

    async def _count(self, part: _Part, chat: Chat) -> _Count:
        last = self._last_read(chat, own=part.own)
        if part.top <= last:
            return _Count(0, {})
        try:
            total = _number(await self._caller(last_before(part.peer, None, own=False)))
            fresh = await self._fresh(part, last)
            counters = await self._caller(
                GetSearchCountersRequest(peer=input_peer(part.peer), filters=[make() for _, make in _FILTERS])
            )
        except errors.RPCError:
            return _Count(0, {})
        share = min(1.0, fresh / max(1, total))
        kinds = {make: kind for kind, make in _FILTERS}
        # What was not asked about is of no use.
        told = [(kinds.get(type(each.filter)), each.count) for each in counters]
        files = {kind: round(max(0, count) * share) for kind, count in told if kind is not None}
        return _Count(fresh, files)

    def _last_read(self, chat: Chat, *, own: bool) -> int:
        """Give the id up to which everything that is wanted was read."""
        number = self._ledger.chats.number(chat.key)
        cursor = self._ledger.chats.cursor(number, OWN) if number is not None else None
        return cursor.last if cursor is not None and cursor.has_all(own=own, since=self._window.begin) else 0

    async def _fresh(self, part: _Part, last: int) -> int:
        """Count the messages behind an id; some hundreds and more are reckoned from ids."""
        low = max(last, await self._last_before(part, self._window.since)) if self._window.since else last
        high = await self._last_before(part, self._window.until) if self._window.until else part.top
        if high <= low:
            return 0
        total = _number(await self._caller(last_before(part.peer, None, own=part.own)))
        if not low and high == part.top:
            return total
        there = await self._page(part, low)
        if len(there) < PAGE or there[-1] >= high:
            return sum(each <= high for each in there)
        first = min(await self._page(part, 0), default=low) if low else there[0]
        return min(total, max(PAGE, round(total * (high - low) / max(1, part.top - first + 1))))

    async def _last_before(self, part: _Part, time: datetime) -> int:
        answer = await self._caller(last_before(part.peer, time, own=part.own))
        return max((0, *(int(each.id) for each in answer.messages)))

    async def _page(self, part: _Part, last: int) -> list[int]:
        """Give the ids of the messages behind one, ascending, a hundred at most."""
        answer = await self._caller(page_behind(part.peer, last, own=part.own))
        return sorted(int(each.id) for each in answer.messages if each.id > last)

    async def _mean_sizes(self) -> dict[FileKind, float]:
        means = {}
        for kind, make in _FILTERS:
            if self._config.fetches(kind):
                limit = self._config.largest(kind)
                sizes = [each for each in await self._sample(make()) if each <= limit]
                means[kind] = sum(sizes) / len(sizes) if sizes else 0.0
        return means

    async def _sample(self, wanted: Any) -> list[int]:
        """Give the sizes of the newest files of a sort, wherever they are."""
        request = SearchGlobalRequest(
            q="",
            filter=wanted,
            min_date=None,
            max_date=None,
            offset_rate=0,
            offset_peer=types.InputPeerEmpty(),
            offset_id=0,
            limit=_SAMPLE,
        )
        try:
            answer = await self._caller(request)
        except errors.RPCError:
            return []
        return [size for each in answer.messages for size in (_size(getattr(each, "media", None)),) if size > 0]


def _idle(chats: Sequence[ChatEstimate]) -> list[str]:
    """Say in how many chats there is nothing to be read; tables leave them out."""
    count = sum(not each.messages and not each.files for each in chats)
    return [f"in {count:,} of the {len(chats):,} chats there is nothing new"] if count else []


def _number(answer: Any) -> int:
    return max(0, int(getattr(answer, "count", len(answer.messages))))


def _size(media: Any) -> int:
    document = getattr(media, "document", None)
    if document is not None:
        return int(getattr(document, "size", 0))
    sizes = getattr(getattr(media, "photo", None), "sizes", ())
    return max((_photo_size(each) for each in sizes), default=0)


def _photo_size(each: Any) -> int:
    if isinstance(each, types.PhotoSizeProgressive):
        return int(max(each.sizes, default=0))
    return int(getattr(each, "size", 0))
