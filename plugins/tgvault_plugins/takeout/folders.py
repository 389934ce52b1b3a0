"""Which chats are in a folder of the account: those it names, and those of the kinds it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telethon.tl.types import (
    Channel,
    Chat,
    DialogFilterDefault,
    InputPeerChannel,
    InputPeerChat,
    InputPeerSelf,
    InputPeerUser,
    PeerChannel,
    PeerChat,
    PeerUser,
    User,
)

from tgvault_plugins.takeout.dialogs import Listed

__all__ = ["folders_of"]


def folders_of(listed: Listed, filters: Sequence[Any], *, self_id: int) -> tuple[str, ...]:
    """Name the folders that show a chat. Mute and read state, which change by the hour, are left out of account."""
    shown = (each for each in filters if not isinstance(each, DialogFilterDefault) and _shows(each, listed, self_id))
    return tuple(_title(each) for each in shown)


def _shows(folder: Any, listed: Listed, self_id: int) -> bool:
    named = [*(getattr(folder, "pinned_peers", None) or ()), *(folder.include_peers or ())]
    if any(_peer(each, self_id) == listed.peer for each in named):
        return True
    if any(_peer(each, self_id) == listed.peer for each in getattr(folder, "exclude_peers", None) or ()):
        return False
    if listed.archived and getattr(folder, "exclude_archived", False):
        return False
    return _is_of_kind(folder, listed.entity)


def _is_of_kind(folder: Any, entity: Any) -> bool:
    if isinstance(entity, User):
        if entity.bot:
            return bool(getattr(folder, "bots", False))
        kind = "contacts" if entity.contact else "non_contacts"
        return bool(getattr(folder, kind, False))
    if isinstance(entity, Channel) and entity.broadcast:
        return bool(getattr(folder, "broadcasts", False))
    return isinstance(entity, Chat | Channel) and bool(getattr(folder, "groups", False))


def _peer(named: Any, self_id: int) -> Any:
    if isinstance(named, InputPeerSelf):
        return PeerUser(self_id)
    if isinstance(named, InputPeerUser):
        return PeerUser(named.user_id)
    if isinstance(named, InputPeerChat):
        return PeerChat(named.chat_id)
    return PeerChannel(named.channel_id) if isinstance(named, InputPeerChannel) else None


def _title(folder: Any) -> str:
    # A text with custom emoji since layer 193, a plain one before.
    title = folder.title
    return str(getattr(title, "text", title))
