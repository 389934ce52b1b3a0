"""Making the list of chats to be read: who is in it, in which order, and what is known of each besides its messages."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from telethon import errors
from telethon.extensions import BinaryReader
from telethon.tl.types import Channel, ChannelFull, InputChannel, MessageRange, PeerChannel

from tgvault.api import ChatKey, ChatKind, Finding, FindingKind
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.choices import ChatType
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.documents import AccountDocument
from tgvault_plugins.takeout.convert.lists import DialogRows
from tgvault_plugins.takeout.convert.lists import described as add_described
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import (
    LEFT,
    LIST,
    MAX_ID,
    Listed,
    full_channel,
    list_dialogs,
    list_left,
    topics_of,
)
from tgvault_plugins.takeout.entries import EntryMaker
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import OWN, ChatRow, ListedRow, Peer
from tgvault_plugins.takeout.selecting import CHATS, EXCLUDE
from tgvault_plugins.takeout.window import Window

__all__ = ["ChatLister"]


#: Seconds for which a full description is good while nothing happens in the chat: titles and abouts change seldom.
_GOOD_FOR = 7 * 86400


#: Chats that are written down at once.
PAGE = 500

#: Types of chats that one leaves.
_LEAVABLE = {
    ChatType.PRIVATE_SUPERGROUP,
    ChatType.PUBLIC_SUPERGROUP,
    ChatType.PRIVATE_CHANNEL,
    ChatType.PUBLIC_CHANNEL,
}


class _Described(NamedTuple):
    """A full description, None where there is none to be had, and when it was asked for; whether that was now."""

    full: ChannelFull | None
    at: int
    is_new: bool = False


class ChatLister:
    """Lists the account's chats and remembers those that are to be read."""

    def __init__(
        self,
        caller: Caller,
        ledger: Ledger,
        peers: Peers,
        config: TakeoutConfig,
        *,
        filters: Sequence[Any],
        self_id: int,
        now: Callable[[], datetime],
    ) -> None:
        self._caller = caller
        self._ledger = ledger
        self._peers = peers
        self._config = config
        self._now = now
        self._window = Window.of(config)
        self._entries = EntryMaker(config, peers, filters=filters, self_id=self_id)
        self._rows = DialogRows()
        self._failures: dict[ChatKey, str] = {}
        self._problems: list[Finding] = []
        #: Ids of the channels in the lists, and of the basic groups that are told as the beginnings of supergroups.
        self._channels: set[int] = set()
        self._formers: set[int] = set()

    def failure(self, chat: ChatKey) -> str | None:
        """Say what is not known of a chat because Telegram did not give its description; None if it did."""
        return self._failures.get(chat)

    async def gather(self, splits: Sequence[MessageRange], *, round_: int) -> tuple[list[int], AccountDocument]:
        """Give the numbers of the chats to be read, in their order, and the document about them."""
        self._ledger.listings.clear()
        await self._list(splits)
        numbers: list[int] = []
        # Groups that became supergroups come last: then it is known which are told as the beginnings of these.
        for moved in (False, True):
            for page in self._ledger.listings.pages(moved=moved):
                described = [await self._describe(each) for each in page if not self._is_told_elsewhere(each)]
                with self._ledger.transaction():
                    for row in described:
                        numbers.append(self._ledger.chats.put(row, position=len(numbers), round_=round_))
        self._ledger.listings.clear()
        self._tell()
        return numbers, self._rows.document()

    async def _list(self, splits: Sequence[MessageRange]) -> None:
        """Write down what is in the lists: all of it before anything else is asked, as they change meanwhile."""
        tell = self._problems.append
        page: list[ListedRow] = []
        async for listed in list_dialogs(self._caller, self._peers, splits, tell=tell):
            page = self._kept(page, listed)
        if self._caller.takeout is not None and self._config.left:
            async for listed in list_left(self._caller, self._peers, tell=tell):
                page = self._kept(page, listed)
        self._ledger.listings.add(page)

    def _kept(self, page: list[ListedRow], listed: Listed) -> list[ListedRow]:
        """Add a chat to those that are to be written down; gives what is left of them."""
        if isinstance(listed.peer, PeerChannel):
            self._channels.add(listed.peer.channel_id)
        if (entry := self._entries.entry(listed)) is not None:
            page.append(entry)
        if len(page) < PAGE:
            return page
        self._ledger.listings.add(page)
        return []

    def _is_told_elsewhere(self, listed: ListedRow) -> bool:
        return listed.moved and listed.row.peer.id in self._formers

    async def _describe(self, listed: ListedRow) -> ChatRow:
        """Add what the full description of a chat tells, and the group in which it is commented on."""
        if listed.row.peer.kind != ChatKind.CHANNEL:
            self._rows.add(listed.told)
            return msgspec.structs.replace(listed.row, full_at=int(self._now().timestamp()))
        number = self._ledger.chats.number(listed.row.chat.key)
        known = self._ledger.chats.get(number) if number is not None else None
        described = await self._full(listed, known)
        full = described.full
        self._rows.add(add_described(listed.told, full, await self._topics(listed) if full is not None else ()))
        if full is not None and (comments := self._comments(listed, full)) is not None:
            self._ledger.listings.add([comments])
        row = _described(listed.row, described, known)
        if row.former is not None:
            self._formers.add(row.former)
        return row

    def _tell(self) -> None:
        """Tell what is in no list, and which of the settings find nothing in them."""
        types = self._config.chat_types
        could_have_left = types is None or bool(_LEAVABLE & set(types))
        left_out = self._config.left and could_have_left and self._caller.takeout is None
        notes = [Finding(FindingKind.NOTE, LEFT, "Telegram lists them to a data export only: they were not read")]
        told = [*self._entries.findings(), *self._problems, *(notes if left_out else ())]
        documents = self._ledger.documents
        with self._ledger.transaction():
            for subject in {LIST, LEFT, CHATS, EXCLUDE, *(each.subject for each in told)}:
                documents.set_findings(subject, (each for each in told if each.subject == subject))

    def _comments(self, listed: ListedRow, full: ChannelFull) -> ListedRow | None:
        """Give the group in which a channel's posts are commented on, if it is to be read and in no list of chats."""
        linked = full.linked_chat_id
        if not (self._config.comments and listed.is_broadcast and linked) or linked in self._channels:
            return None
        self._channels.add(linked)
        peer = PeerChannel(linked)
        asked = self._peers.input_peer(peer)
        if asked is None:
            return None
        entity = Channel(id=linked, title="", photo=None, date=None, access_hash=asked.access_hash, megagroup=True)
        return self._entries.entry(Listed(peer=peer, entity=entity, top=MAX_ID))

    async def _topics(self, listed: ListedRow) -> Sequence[Any]:
        if not listed.is_forum:
            return ()
        title = listed.row.chat.title or listed.row.chat.key
        try:
            return await topics_of(
                self._caller, self._peers, _channel(listed.row.peer), title=title, tell=self._problems.append
            )
        except errors.RPCError as error:
            self._failures[listed.row.chat.key] = f"Telegram does not give its topics: {word_of(error)}"
            return ()

    async def _full(self, listed: ListedRow, known: ChatRow | None) -> _Described:
        """Give what only the full description of a group or channel tells: one request for each.

        It is not asked again as long as nothing happened there and all was read, for some days. The group for the
        comments to a channel, which is in no other list, comes with the answer.
        """
        row, now = listed.row, int(self._now().timestamp())
        if row.left or not listed.is_channel:
            return _Described(None, now)
        before = _remembered(known)
        with_comments = self._config.comments and listed.is_broadcast
        if before is not None and known is not None and not with_comments and self._is_read(row):
            is_same = known.full_pts == row.full_pts and now - known.full_at < _GOOD_FOR
            if is_same:
                return _Described(before, known.full_at)
        try:
            return _Described(await full_channel(self._caller, self._peers, _channel(row.peer)), now, is_new=True)
        except errors.RPCError as error:
            reason = "Telegram does not give its description, which tells of the group that it may have been before"
            self._failures[row.chat.key] = f"{reason}: {word_of(error)}"
            return _Described(before, 0)

    def _is_read(self, row: ChatRow) -> bool:
        """Tell whether a chat was read up to its newest message, with all that is wanted."""
        number = self._ledger.chats.number(row.chat.key)
        cursor = self._ledger.chats.cursor(number, OWN) if number is not None else None
        if cursor is None or not cursor.has_all(own=row.own, since=self._window.begin):
            return False
        return cursor.last >= row.top


def _remembered(known: ChatRow | None) -> Any:
    """Give the full description that is kept of a chat; None where another version of Telethon kept it."""
    if known is None or not known.full:
        return None
    try:
        return BinaryReader(known.full).tgread_object()
    except (errors.TypeNotFoundError, BufferError, struct.error, ValueError):
        return None


def _described(row: ChatRow, described: _Described, known: ChatRow | None) -> ChatRow:
    """Add what the full description tells; of the group that a chat was before, what is known already is kept."""
    full = described.full
    if full is None:
        former, top = (known.former, known.former_top) if known is not None else (None, 0)
        return msgspec.structs.replace(row, former=former, former_top=top, full_at=described.at)
    return msgspec.structs.replace(
        row,
        pts=row.pts if row.pts is not None else full.pts,
        former=full.migrated_from_chat_id,
        former_top=full.migrated_from_max_id or 0,
        available_min_id=(full.available_min_id or 0) if described.is_new else None,
        full=bytes(full),
        full_at=described.at,
    )


def _channel(peer: Peer) -> InputChannel:
    return InputChannel(peer.id, peer.access_hash)
