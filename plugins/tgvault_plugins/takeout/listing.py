"""Making the list of chats to be read: who is in it, in which order, and what is known of each besides its messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from telethon import errors
from telethon.extensions import BinaryReader
from telethon.tl.types import Channel, ChannelFull, MessageRange, PeerChannel
from telethon.tl.types import Chat as BasicGroup

from tgvault.api import Chat, ChatKey, Finding, FindingKind
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.choices import ChatType
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.lists import DialogFacts
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import MAX_ID, Listed, full_channel, list_dialogs, list_left, peer_of, topics_of
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.folders import folders_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import OWN, ChatRow
from tgvault_plugins.takeout.selecting import CHATS, EXCLUDE, ChatChoice
from tgvault_plugins.takeout.window import Window

__all__ = ["ChatLister"]


#: Seconds for which a full description is good while nothing happens in the chat: titles and abouts change seldom.
_GOOD_FOR = 7 * 86400


#: What findings about the list, and about what stands in none, are told of.
LIST, LEFT = "the list of chats", "supergroups and channels that you left"
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
        self._filters = filters
        self._self_id = self_id
        self._now = now
        self._window = Window.of(config)
        self._choice = ChatChoice(config)
        self._described: list[DialogFacts] = []
        self._failures: dict[ChatKey, str] = {}
        #: Ids of the basic groups that are told as the beginnings of supergroups.
        self._formers: set[int] = set()

    def described(self) -> Sequence[DialogFacts]:
        """Give the chats that are read, in their order."""
        return self._described

    def failure(self, chat: ChatKey) -> str | None:
        """Say what is not known of a chat because Telegram did not give its description; None if it did."""
        return self._failures.get(chat)

    async def gather(self, splits: Sequence[MessageRange], *, round_: int) -> list[tuple[int, Listed]]:
        """Give number and place in the lists of each chat to be read."""
        problems: list[Finding] = []
        found = [each async for each in list_dialogs(self._caller, self._peers, splits, tell=problems.append)]
        if self._caller.takeout is not None and self._config.left:
            found += [each async for each in list_left(self._caller, self._peers)]
        # Groups that became supergroups come last: then it is known which are told as the beginnings of these.
        found.sort(key=lambda each: _has_moved(each.entity))
        numbered: list[tuple[int, Listed]] = []
        # Grows while it is gone through, by the groups in which posts of channels are commented on.
        for each in found:
            if _has_moved(each.entity) and each.entity.id in self._formers:
                continue
            number, full = await self._take(each, len(numbered), round_)
            if number is not None:
                numbered.append((number, each))
            if full is not None and (comments := self._comments(each, full, found)) is not None:
                found.append(comments)
        self._tell(problems)
        return numbered

    def _tell(self, problems: Sequence[Finding]) -> None:
        """Tell what is in no list, and which of the settings find nothing in them."""
        types = self._config.chat_types
        could_have_left = types is None or bool(_LEAVABLE & set(types))
        left_out = self._config.left and could_have_left and self._caller.takeout is None
        left = [Finding(FindingKind.NOTE, LEFT, "Telegram lists them to a data export only: they were not read")]
        rules = self._choice.findings()
        documents = self._ledger.documents
        with self._ledger.transaction():
            documents.set_findings(LIST, problems)
            documents.set_findings(LEFT, left if left_out else ())
            for subject in (CHATS, EXCLUDE):
                documents.set_findings(subject, (each for each in rules if each.subject == subject))

    def _comments(self, listed: Listed, full: ChannelFull, found: Sequence[Listed]) -> Listed | None:
        """Give the group in which a channel's posts are commented on, if it is to be read and in no list of chats."""
        linked = full.linked_chat_id
        if not (self._config.comments and listed.entity.broadcast and linked):
            return None
        if any(_is_channel(each, linked) for each in found):
            return None
        peer = PeerChannel(linked)
        asked = self._peers.input_peer(peer)
        if asked is None:
            return None
        entity = Channel(id=linked, title="", photo=None, date=None, access_hash=asked.access_hash, megagroup=True)
        return Listed(peer=peer, entity=entity, top=MAX_ID)

    async def _take(self, listed: Listed, position: int, round_: int) -> tuple[int | None, ChannelFull | None]:
        chat = chat_record(self._peers, listed.peer)
        username = self._peers.username(listed.peer)
        folders = folders_of(listed, self._filters, self_id=self._self_id)
        usernames = [username] if username else []
        if not self._choice.takes(chat, usernames=usernames, folders=folders, left=listed.left):
            return None, None
        number = self._ledger.chats.number(chat.key)
        known = self._ledger.chats.get(number) if number is not None else None
        row = self._row(listed, chat)
        described = await self._full(listed, row, known)
        await self._describe(listed, chat.key, folders, described.full)
        row = _described(row, described, known)
        if row.former is not None:
            self._formers.add(row.former)
        return self._ledger.chats.put(row, position=position, round_=round_), described.full

    def _row(self, listed: Listed, chat: Chat) -> ChatRow:
        return ChatRow(
            chat=chat,
            peer=peer_of(listed),
            top=listed.top,
            pts=listed.pts,
            # To oneself nobody else writes.
            own=(self._config.own_only and chat.type != ChatType.SAVED) or listed.left,
            left=listed.left,
            full_pts=listed.pts,
        )

    async def _describe(self, listed: Listed, key: ChatKey, folders: Sequence[str], full: ChannelFull | None) -> None:
        is_forum = full is not None and bool(getattr(listed.entity, "forum", False))
        numbers = {
            str(getattr(each.title, "text", each.title)): each.id for each in self._filters if hasattr(each, "id")
        }
        facts = DialogFacts(
            peer=listed.peer,
            entity=listed.entity,
            full=full,
            archived=listed.archived,
            pinned=listed.pinned,
            left=listed.left,
            folders=tuple(numbers[each] for each in folders),
            draft=listed.draft,
            topics=await self._topics(listed, key) if is_forum else (),
        )
        self._described.append(facts)

    async def _topics(self, listed: Listed, key: ChatKey) -> Sequence[Any]:
        try:
            return await topics_of(self._caller, self._peers, listed.entity)
        except errors.RPCError as error:
            self._failures[key] = f"Telegram does not give its topics: {word_of(error)}"
            return ()

    async def _full(self, listed: Listed, row: ChatRow, known: ChatRow | None) -> _Described:
        """Give what only the full description of a group or channel tells: one request for each.

        It is not asked again as long as nothing happened there and all was read, for some days. The group for the
        comments to a channel, which is in no other list, comes with the answer.
        """
        now = int(self._now().timestamp())
        if not isinstance(listed.entity, Channel) or listed.left:
            return _Described(None, now)
        before = BinaryReader(known.full).tgread_object() if known is not None and known.full else None
        with_comments = self._config.comments and listed.entity.broadcast
        if before is not None and known is not None and not with_comments and self._is_read(row):
            is_same = known.full_pts == listed.pts and now - known.full_at < _GOOD_FOR
            if is_same:
                return _Described(before, known.full_at)
        try:
            return _Described(await full_channel(self._caller, self._peers, listed.entity), now, is_new=True)
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


def _has_moved(entity: Any) -> bool:
    return isinstance(entity, BasicGroup) and hasattr(entity.migrated_to, "channel_id")


def _is_channel(listed: Listed, number: int) -> bool:
    return isinstance(listed.peer, PeerChannel) and listed.peer.channel_id == number
