"""What is kept of a chat in the account's lists: nothing of Telegram's own objects, which take more room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telethon.tl.types import Channel
from telethon.tl.types import Chat as BasicGroup

from tgvault.api import Chat, Finding
from tgvault_plugins.takeout.choices import ChatType
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.lists import DialogFacts, dialog
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.dialogs import Listed, peer_of
from tgvault_plugins.takeout.folders import folders_of
from tgvault_plugins.takeout.ledger.values import ChatRow, ListedRow
from tgvault_plugins.takeout.selecting import ChatChoice

__all__ = ["EntryMaker"]


class EntryMaker:
    """Chooses chats as the settings say, and writes down what the lists tell of them.

    It has to be done while it is known who they are with (`Peers` remembers some only).
    """

    def __init__(self, config: TakeoutConfig, peers: Peers, *, filters: Sequence[Any], self_id: int) -> None:
        self._config = config
        self._peers = peers
        self._filters = filters
        self._self_id = self_id
        self._choice = ChatChoice(config)
        self._folders = {
            str(getattr(each.title, "text", each.title)): int(each.id) for each in filters if hasattr(each, "id")
        }

    def findings(self) -> list[Finding]:
        """Tell of rules that have found no chat so far."""
        return self._choice.findings()

    def entry(self, listed: Listed) -> ListedRow | None:
        """Give what is kept of a chat; None if it is not to be read."""
        chat = chat_record(self._peers, listed.peer)
        username = self._peers.username(listed.peer)
        folders = folders_of(listed, self._filters, self_id=self._self_id)
        usernames = [username] if username else []
        if not self._choice.takes(chat, usernames=usernames, folders=folders, left=listed.left):
            return None
        entity = listed.entity
        is_channel = isinstance(entity, Channel)
        return ListedRow(
            row=self._row(listed, chat),
            told=self._told(listed, folders),
            is_channel=is_channel,
            is_broadcast=is_channel and bool(entity.broadcast),
            is_forum=is_channel and bool(entity.forum),
            moved=isinstance(entity, BasicGroup) and hasattr(entity.migrated_to, "channel_id"),
        )

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

    def _told(self, listed: Listed, folders: Sequence[str]) -> bytes:
        facts = DialogFacts(
            peer=listed.peer,
            entity=listed.entity,
            archived=listed.archived,
            pinned=listed.pinned,
            left=listed.left,
            folders=tuple(self._folders[each] for each in folders),
            draft=listed.draft,
        )
        return dialog(facts, self._peers)
