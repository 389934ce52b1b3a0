"""The people and chats of an account, and who may name them."""

from __future__ import annotations

from collections.abc import Iterable

from telethon import utils
from telethon.tl import types

from tgvault.testing.telegram.account.numbers import number
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl

__all__ = ["Directory"]


class Directory:
    """Users by id, chats and channels by marked id, as `telethon.utils.get_peer_id` gives it."""

    def __init__(self) -> None:
        self.users: dict[int, types.User] = {}
        self.chats: dict[int, Tl] = {}

    def add_user(self, user_id: int, first_name: str | None, last_name: str | None = None, **more: Tl) -> types.User:
        """Add a user; `more` are fields of `types.User`."""
        if more.get("bot"):
            more.setdefault("bot_info_version", 1)
        user = types.User(
            user_id, access_hash=number("user", user_id), first_name=first_name, last_name=last_name, **more
        )
        self.users[user_id] = user
        return user

    def add_chat(self, chat: Tl) -> Tl:
        """Add a group or a channel, forbidden ones too; a channel gets its access hash."""
        if isinstance(chat, types.Channel | types.ChannelForbidden):
            chat.access_hash = number("channel", chat.id)
        self.chats[utils.get_peer_id(chat)] = chat
        return chat

    def entities(self, peers: Iterable[int]) -> tuple[list[types.User], list[Tl]]:
        """Give the users and the chats among peers, by marked id; those that nobody knows are left out."""
        wanted = sorted(set(peers))
        users = [self.users[peer] for peer in wanted if peer in self.users]
        return users, [self.chats[peer] for peer in wanted if peer in self.chats]

    def resolve(self, peer: Tl, *, self_id: int) -> int:
        """Give the marked id of an input peer, user, channel or dialog peer, if the client may name it.

        Raises:
            Refusal: as Telegram refuses.
        """
        if isinstance(peer, types.InputDialogPeer):
            peer = peer.peer
        if isinstance(peer, types.InputPeerSelf | types.InputUserSelf):
            return self_id
        if isinstance(peer, types.InputPeerChat):
            return self._known(-peer.chat_id, "CHAT_ID_INVALID")
        if isinstance(peer, types.InputPeerUser | types.InputUser):
            return self._user(peer, self_id)
        if isinstance(peer, types.InputPeerChannel | types.InputChannel):
            return self._channel(peer)
        if isinstance(peer, types.InputPeerUserFromMessage | types.InputUserFromMessage):
            return self._known(peer.user_id, "USER_ID_INVALID")
        if isinstance(peer, types.InputPeerChannelFromMessage | types.InputChannelFromMessage):
            return self._known(utils.get_peer_id(types.PeerChannel(peer.channel_id)), "CHANNEL_INVALID")
        raise Refusal("PEER_ID_INVALID")

    def _user(self, peer: Tl, self_id: int) -> int:
        wrong = "PEER_ID_INVALID" if isinstance(peer, types.InputPeerUser) else "USER_ID_INVALID"
        known = self._known(peer.user_id, wrong)
        # A client may name itself by its id alone; Telethon does after a login.
        if known != self_id and peer.access_hash != self.users[known].access_hash:
            raise Refusal(wrong)
        return known

    def _channel(self, peer: Tl) -> int:
        known = self._known(utils.get_peer_id(types.PeerChannel(peer.channel_id)), "CHANNEL_INVALID")
        if peer.access_hash != self.chats[known].access_hash:
            raise Refusal("CHANNEL_INVALID")
        return known

    def _known(self, peer: int, otherwise: str) -> int:
        if peer not in self.users and peer not in self.chats:
            raise Refusal(otherwise)
        return peer
