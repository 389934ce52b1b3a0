"""An account as Telegram keeps it: built by a test, changed between runs, told of by the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from telethon import utils
from telethon.tl import types

from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.account.directory import Directory
from tgvault.testing.telegram.account.events import Change, EventLog
from tgvault.testing.telegram.account.possessions import Possessions
from tgvault.testing.telegram.account.shelf import Shelf
from tgvault.testing.telegram.tl import Tl

__all__ = ["Account"]

#: When the first message of an account is written, unless a test says otherwise; each next one comes a minute later.
_BEGIN: Final = datetime(2023, 5, 1, 9, 0, tzinfo=UTC)


class Account:
    """All of one account. Who changes it while a server tells of it holds `lock`; the methods here do so themselves.

    `dc` is its home; files lie in it or in any other of `dcs`.
    """

    def __init__(self, *, dc: int = 2, dcs: tuple[int, ...] = (2, 4), phone: str = "+15550100", now: datetime = _BEGIN):
        self.lock = threading.RLock()
        self.dc = dc
        self.dcs = dcs
        self.phone = phone
        #: What `auth.sendCode` sends.
        self.code = "12345"
        #: The two-factor password; None for none.
        self.password: str | None = None
        #: Ids of bots of the account by their tokens: who logs in with one is that bot.
        self.bot_tokens: dict[str, int] = {}
        #: Who may use the takeouts that were begun and not finished, by their ids.
        self.takeouts: dict[int, int] = {}
        self.now = now
        self.directory = Directory()
        self.shelf = Shelf()
        self.conversations: dict[int, Conversation] = {}
        #: Changes of private chats and basic groups.
        self.events = EventLog()
        self.has = Possessions()
        self.self_id = 0
        self._last_id = 0
        self._watchers: list[Callable[[], None]] = []

    # Building.

    def user(self, user_id: int, first_name: str | None, last_name: str | None = None, **more: Tl) -> types.User:
        """Add a user; `more` are fields of `types.User`. The one with `is_self` is whose account it is."""
        with self.lock:
            if more.get("is_self"):
                self.self_id = user_id
            return self.directory.add_user(user_id, first_name, last_name, **more)

    def chat(self, chat: Tl) -> Tl:
        """Add a `Chat`, `Channel`, `ChatForbidden` or `ChannelForbidden`; the access hash comes by itself."""
        with self.lock:
            return self.directory.add_chat(chat)

    def talk(self, entity: Tl, *, access: Access = Access.OPEN, **more: Tl) -> Conversation:
        """Add the conversation with a user, group or channel; `more` are fields of `Conversation`."""
        with self.lock:
            peer = utils.get_peer_id(entity)
            channel = isinstance(entity, types.Channel | types.ChannelForbidden)
            events = EventLog() if channel else None
            talk = Conversation(peer, utils.get_peer(entity), events=events, access=access, **more)
            self.conversations[peer] = talk
            return talk

    # What happens.

    def say(self, talk: Conversation, text: str = "", *, sender: Tl | None = None, **more: Tl) -> types.Message:
        """Write a message; `sender` is a user or chat, else oneself, and in broadcast channels nobody.

        `more` are fields of `types.Message`; `date` moves the account's clock forward.
        """
        with self.lock:
            return self._add(talk, types.Message, sender, {"message": text, **more})

    def note(self, talk: Conversation, action: Tl, *, sender: Tl | None = None, **more: Tl) -> types.MessageService:
        """Add a service message; else as `say`."""
        with self.lock:
            return self._add(talk, types.MessageService, sender, {"action": action, **more})

    def edit(self, talk: Conversation, message_id: int, **more: Tl) -> Tl:
        """Change fields of a message; `edit_date` is now unless it is given, as None for changes that do not show."""
        with self.lock:
            message = talk.messages.kept(message_id)
            self.now = more.setdefault("edit_date", self.now + timedelta(minutes=1)) or self.now
            for name, value in more.items():
                setattr(message, name, value)
            talk.messages.put(message)
            self._log(talk).add(Change.EDITED, talk.peer, message_id)
            return message

    def delete(self, talk: Conversation, *message_ids: int) -> None:
        """Delete messages that are there."""
        with self.lock:
            for message_id in message_ids:
                talk.messages.remove(message_id)
            self._log(talk).add(Change.DELETED, talk.peer, *message_ids)

    def age_references(self, files: Iterable[tuple[str, int]] | None = None) -> None:
        """Let the file references of some files, (`photo` or `document`, id), or of all, expire."""
        with self.lock:
            self.shelf.age(files)
            for talk in self.conversations.values():
                talk.messages.forget_encoded()

    # Looking.

    @property
    def me(self) -> types.User:
        """Whose account it is."""
        return self.directory.users[self.self_id]

    def find(self, message_id: int) -> Conversation | None:
        """Tell in which private chat or basic group a message is."""
        return next(
            (talk for talk in self.conversations.values() if not talk.is_channel and message_id in talk.messages), None
        )

    def named(self, title: str) -> Conversation:
        """Give the conversation with the chat of that title, or the user of that first name; a listed one if it can."""
        for talk in sorted(self.conversations.values(), key=lambda talk: not talk.listed):
            if self.title(talk) == title:
                return talk
        raise KeyError(title)

    def title(self, talk: Conversation) -> str | None:
        """Give the title of a chat, or the first name of a user."""
        entity = self.directory.users.get(talk.peer) or self.directory.chats.get(talk.peer)
        name: str | None = getattr(entity, "title", None) or getattr(entity, "first_name", None)
        return name

    def skip_ids(self, last_id: int) -> None:
        """Let the ids of private chats and basic groups go on behind this one."""
        self._last_id = max(self._last_id, last_id)

    def _log(self, talk: Conversation) -> EventLog:
        return talk.events or self.events

    def _add(self, talk: Conversation, kind: Callable[..., Tl], sender: Tl | None, fields: dict[str, Tl]) -> Tl:
        self.now = fields.setdefault("date", self.now + timedelta(minutes=1))
        fields.setdefault("id", self._next_id(talk))
        for name, value in self._address(talk, sender).items():
            fields.setdefault(name, value)
        message = kind(peer_id=talk.tl_peer, **fields)
        talk.messages.put(message)
        talk.written_entities = None
        if not talk.is_channel:
            self.skip_ids(message.id)
        self._log(talk).add(Change.NEW, talk.peer, message.id)
        return message

    def _next_id(self, talk: Conversation) -> int:
        return talk.messages.next_id if talk.is_channel else self._last_id + 1

    def _address(self, talk: Conversation, sender: Tl | None) -> dict[str, Tl]:
        """Give the fields that say who wrote; incoming private messages have no sender, and saved ones are not out."""
        entity = self.directory.chats.get(talk.peer)
        if sender is None and getattr(entity, "broadcast", False):
            return {"post": True}
        if sender is None or sender is self.me:
            own = None if talk.peer == self.self_id else True
            return {"from_id": types.PeerUser(self.self_id), "out": own}
        if talk.peer > 0:
            return {}
        return {"from_id": utils.get_peer(sender)}
