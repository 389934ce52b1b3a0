"""Making the list of chats to be read: who is in it, in which order, and what is known of each besides its messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from telethon.extensions import BinaryReader
from telethon.tl.types import Channel, ChannelFull, Chat, MessageRange, PeerChannel

from tgvault.api import ChatKey
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.choices import ChatType
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.lists import DialogFacts
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import MAX_ID, Listed, full_channel, list_dialogs, list_left, peer_of, topics_of
from tgvault_plugins.takeout.folders import folders_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import ChatRow
from tgvault_plugins.takeout.selecting import is_wanted

__all__ = ["ChatLister"]


#: Seconds for which a full description is good while nothing happens in the chat: titles and abouts change seldom.
_GOOD_FOR = 7 * 86400


class _Described(NamedTuple):
    """A full description, None where there is none to be had, and when it was asked for."""

    full: ChannelFull | None
    at: int


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
        self._described: list[DialogFacts] = []

    def described(self) -> Sequence[DialogFacts]:
        """Give the chats that are read, in their order."""
        return self._described

    async def gather(self, splits: Sequence[MessageRange], *, round_: int) -> list[tuple[int, Listed]]:
        """Give number and place in the lists of each chat to be read."""
        found: list[Listed] = [each async for each in list_dialogs(self._caller, self._peers, splits)]
        if self._caller.takeout is not None and self._config.left:
            found += [each async for each in list_left(self._caller, self._peers)]
        numbered: list[tuple[int, Listed]] = []
        # Grows while it is gone through, by the groups in which posts of channels are commented on.
        for each in found:
            moved = _has_moved(each.entity)
            if moved and any(_is_channel(other, each.entity.migrated_to.channel_id) for other in found):
                # Told as the beginning of the supergroup that it became.
                continue
            number, full = await self._take(each, len(numbered), round_)
            if number is not None:
                numbered.append((number, each))
            if full is not None and (comments := self._comments(each, full, found)) is not None:
                found.append(comments)
        return numbered

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
        if not is_wanted(chat, self._config, usernames=usernames, folders=folders, left=listed.left):
            return None, None
        described = await self._full(listed, chat.key)
        full = described.full
        await self._describe(listed, folders, full)
        row = ChatRow(
            chat=chat,
            peer=peer_of(listed),
            top=listed.top,
            pts=listed.pts if listed.pts is not None else getattr(full, "pts", None),
            former=getattr(full, "migrated_from_chat_id", None),
            former_top=getattr(full, "migrated_from_max_id", None) or 0,
            # To oneself nobody else writes.
            own=(self._config.own_only and chat.type != ChatType.SAVED) or listed.left,
            left=listed.left,
            full=bytes(full) if full is not None else None,
            full_at=described.at,
            full_pts=listed.pts,
        )
        return self._ledger.chats.put(row, position=position, round_=round_), full

    async def _describe(self, listed: Listed, folders: Sequence[str], full: ChannelFull | None) -> None:
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
            topics=await topics_of(self._caller, self._peers, listed.entity) if is_forum else (),
        )
        self._described.append(facts)

    async def _full(self, listed: Listed, key: ChatKey) -> _Described:
        """Give what only the full description of a group or channel tells: one request for each.

        It is not asked again as long as nothing happened there, for some days. The group for the comments to a channel,
        which is in no other list, comes with the answer.
        """
        now = int(self._now().timestamp())
        if not isinstance(listed.entity, Channel) or listed.left:
            return _Described(None, now)
        with_comments = self._config.comments and listed.entity.broadcast
        number = self._ledger.chats.number(key)
        known = self._ledger.chats.get(number) if number is not None and not with_comments else None
        if known is not None and known.full and known.full_pts == listed.pts and now - known.full_at < _GOOD_FOR:
            return _Described(BinaryReader(known.full).tgread_object(), known.full_at)
        return _Described(await full_channel(self._caller, self._peers, listed.entity), now)


def _has_moved(entity: Any) -> bool:
    return isinstance(entity, Chat) and hasattr(entity.migrated_to, "channel_id")


def _is_channel(listed: Listed, number: int) -> bool:
    return isinstance(listed.peer, PeerChannel) and listed.peer.channel_id == number
