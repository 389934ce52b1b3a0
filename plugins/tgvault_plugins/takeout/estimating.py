"""Reckoning what a run would fetch, from a few requests for each chat; nothing is fetched and nothing remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from telethon import errors
from telethon.tl import types
from telethon.tl.functions.messages import (
    GetDialogFiltersRequest,
    GetHistoryRequest,
    GetSearchCountersRequest,
    SearchGlobalRequest,
)

from tgvault.api import Chat, ChatEstimate, Estimate
from tgvault_plugins.takeout.asking import input_peer
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.choices import Category
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import Listed, list_dialogs, peer_of
from tgvault_plugins.takeout.files import FileKind
from tgvault_plugins.takeout.folders import folders_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.selecting import is_wanted

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


class _Count(msgspec.Struct, frozen=True):
    messages: int
    files: dict[FileKind, int]


class Estimator:
    """Asks as an app does, not as a takeout: that would begin one, and have Telegram send its warning about it."""

    def __init__(self, caller: Caller, ledger: Ledger, config: TakeoutConfig, *, self_id: int) -> None:
        self._caller = caller
        self._ledger = ledger
        self._config = config
        self._self_id = self_id
        self._peers = Peers()

    async def estimate(self, *, free: int) -> Estimate:
        """Reckon; `free` is the room in bytes where the local state lies."""
        self._caller.takeout = None
        sizes = await self._mean_sizes()
        chats = [await self._chat(listed, chat, sizes) for listed, chat in await self._listed()]
        messages, files, size = (sum(getattr(each, name) for each in chats) for name in ("messages", "files", "bytes"))
        requests = len(chats) + messages / 100 + files
        return Estimate(
            chats=tuple(chats),
            disk=messages * _BYTES_PER_MESSAGE + min(size, _UNDER_WAY),
            free=free,
            seconds=requests * _SECONDS_PER_REQUEST + size / _BYTES_PER_SECOND,
            notes=("stickers, thumbnails, custom emoji, profile photos and stories are not counted",),
        )

    async def _listed(self) -> list[tuple[Listed, Chat]]:
        if not self._config.reads(Category.CHATS):
            return []
        answer = await self._caller(GetDialogFiltersRequest())
        filters = list(getattr(answer, "filters", answer))
        found = []
        async for listed in list_dialogs(self._caller, self._peers, ()):
            chat = chat_record(self._peers, listed.peer)
            username = self._peers.username(listed.peer)
            folders = folders_of(listed, filters, self_id=self._self_id)
            names = [username] if username else []
            if is_wanted(chat, self._config, usernames=names, folders=folders, left=False):
                found.append((listed, chat))
        return found

    async def _chat(self, listed: Listed, chat: Chat, sizes: dict[FileKind, float]) -> ChatEstimate:
        counted = await self._count(listed, chat)
        files = {kind: number for kind, number in counted.files.items() if self._config.fetches(kind)}
        return ChatEstimate(
            title=chat.title or chat.type or chat.key,
            type=chat.type or "",
            messages=counted.messages,
            files=sum(files.values()),
            bytes=round(sum(number * sizes.get(kind, 0.0) for kind, number in files.items())),
        )

    async def _count(self, listed: Listed, chat: Chat) -> _Count:
        number = self._ledger.chats.number(chat.key)
        cursor = self._ledger.chats.cursor(number, 1) if number is not None else None
        last = cursor.last if cursor is not None else 0
        if listed.top <= last:
            return _Count(0, {})
        peer = input_peer(peer_of(listed))
        try:
            total = await self._total(peer)
            counters = await self._caller(GetSearchCountersRequest(peer=peer, filters=[make() for _, make in _FILTERS]))
        except errors.RPCError:
            return _Count(0, {})
        fresh = min(total, listed.top - last)
        share = fresh / total if total else 0.0
        kinds = {make: kind for kind, make in _FILTERS}
        files = {kinds[type(each.filter)]: round(each.count * share) for each in counters}
        return _Count(fresh, files)

    async def _total(self, peer: Any) -> int:
        answer = await self._caller(
            GetHistoryRequest(
                peer=peer, offset_id=0, offset_date=None, add_offset=0, limit=1, max_id=0, min_id=0, hash=0
            )
        )
        return int(getattr(answer, "count", len(answer.messages)))

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
        return [size for each in answer.messages for size in (_size(getattr(each, "media", None)),) if size]


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
