"""Reading what a bot was sent: it has no list of chats and no history, and may only ask for messages by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from telethon.tl.functions.messages import GetMessagesRequest
from telethon.tl.functions.updates import GetStateRequest
from telethon.tl.types import InputMessageID, MessageEmpty, PeerChannel

from tgvault.api import ChatKind, Finding, FindingKind, SourceContext
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.peers import Peers, bare_peer
from tgvault_plugins.takeout.emoji import EmojiFinder
from tgvault_plugins.takeout.ledger.ledger import BOT, Ledger
from tgvault_plugins.takeout.ledger.values import ChatRow, Peer
from tgvault_plugins.takeout.selecting import is_wanted
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.window import Window
from tgvault_plugins.takeout.wire import keep_bytes

__all__ = ["BotReader"]

#: Ids in one request, as many as Telegram takes.
PAGE = 100
#: Pages in a row without a message, after which a run asks for no more: some minutes at the pace that Telegram allows.
IDLE = 1_000

#: What a finding is told of that concerns no one chat.
_ALL = "the bot's messages"
#: The ledger's name for which messages the last run wanted; whether others were met before is not known.
_CHOICE = "bot wants"


class BotReader:
    """Asks for private messages and those of basic groups, by windows of ids.

    These are numbered for the account as a whole, and each new one raises the count of updates (pts) by one at least,
    so none has a higher id than that. What else raises it makes it much higher in time: then nothing is there for long.
    """

    def __init__(
        self,
        caller: Caller,
        ledger: Ledger,
        taker: Taker,
        peers: Peers,
        context: SourceContext,
        *,
        config: TakeoutConfig,
        window: Window,
        emoji: EmojiFinder,
    ) -> None:
        self._caller = caller
        self._ledger = ledger
        self._taker = taker
        self._peers = peers
        self._context = context
        self._config = config
        self._window = window
        self._emoji = emoji

    async def read(self) -> None:
        """Read everything that is newer than what was read before.

        Where there is nothing for too long, it is told, and the next run goes on behind it.
        """
        self._begin_again_if_more_is_wanted()
        state = await self._caller.plain(GetStateRequest())
        last = self._ledger.number(BOT) or 0
        idle = 0
        while last < state.pts and idle < IDLE:
            following = min(last + PAGE, state.pts)
            is_idle = not await self._page(range(last + 1, following + 1))
            last, idle = following, idle + 1 if is_idle else 0
        self._tell(state.pts - last)

    async def again(self, number: int, ids: Sequence[int]) -> None:
        """Ask for messages of a chat once more."""
        found = await self._fetch(ids)
        with self._ledger.transaction():
            self._ledger.was_asked(number, ids, gone=set(ids) - found)

    def _begin_again_if_more_is_wanted(self) -> None:
        config = self._config
        wanted = (config.chats, config.chat_types, config.exclude, config.own_only, config.period())
        chosen = msgspec.msgpack.encode(wanted)
        with self._ledger.transaction():
            if self._ledger.fact(_CHOICE) != chosen:
                self._ledger.set_fact(BOT, None)
            self._ledger.set_fact(_CHOICE, chosen)

    def _tell(self, left: int) -> None:
        reason = f"{IDLE * PAGE:,} ids in a row have none; the next run asks for the {left:,} ids behind them"
        self._ledger.documents.set_findings(_ALL, [Finding(FindingKind.LOST, _ALL, reason)] if left else ())

    async def _page(self, ids: range) -> set[int]:
        """Keep a page of messages; gives the ids of those that there are."""
        found = await self._fetch(ids)
        with self._ledger.transaction():
            # Where messages are read once more, some that were read before may be gone.
            self._ledger.remove(self._ledger.messages.places(each for each in ids if each not in found))
            self._ledger.set_fact(BOT, ids[-1])
        return found

    async def _fetch(self, ids: Sequence[int]) -> set[int]:
        """Keep messages by their ids; gives the ids of those that there are."""
        request, tl = keep_bytes(GetMessagesRequest([InputMessageID(each) for each in ids]))
        answer = await self._caller(request)
        self._peers.learn(answer.users, answer.chats)
        there = [each for each in answer.messages if not isinstance(each, MessageEmpty) and _is_private(each)]
        for peer, messages in _by_chat(filter(self._is_wanted, there)):
            number = self._chat(peer)
            if number is not None:
                await self._emoji.learn(messages)
                taken = self._taker.page(number, messages, peer=peer, shift=0, account_wide=True, tl=tl)
                self._context.progress.advance(items=len(taken.ids))
        return {int(each.id) for each in there}

    def _is_wanted(self, message: Any) -> bool:
        if self._window.is_too_old(message) or self._window.is_too_new(message):
            return False
        return bool(message.out) or not self._config.own_only

    def _chat(self, peer: Any) -> int | None:
        """Give a chat's number, None if it is not to be read; a bot learns of its chats by their messages."""
        chat = chat_record(self._peers, peer)
        username = self._peers.username(peer)
        usernames = [username] if username else []
        if not is_wanted(chat, self._config, usernames=usernames, folders=(), left=False):
            return None
        bare = bare_peer(peer)
        assert bare is not None
        known = self._ledger.chats.number(chat.key)
        row = ChatRow(chat=chat, peer=Peer(bare[0].value, bare[1]))
        return self._ledger.chats.put(row, position=known or bare[1], round_=self._ledger.round)


def _is_private(message: Any) -> bool:
    return message.peer_id is not None and not isinstance(message.peer_id, PeerChannel)


def _by_chat(messages: Iterable[Any]) -> Iterable[tuple[Any, list[Any]]]:
    found: dict[tuple[ChatKind, int] | None, tuple[Any, list[Any]]] = {}
    for each in messages:
        found.setdefault(bare_peer(each.peer_id), (each.peer_id, []))[1].append(each)
    return found.values()
