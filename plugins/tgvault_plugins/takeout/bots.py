"""Reading what a bot was sent: it has no list of chats and no history, and may only ask for messages by their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from telethon.tl.functions.messages import GetMessagesRequest
from telethon.tl.functions.updates import GetStateRequest
from telethon.tl.types import InputMessageID, MessageEmpty, PeerChannel

from tgvault.api import SourceContext
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.convert.chat import chat_record
from tgvault_plugins.takeout.convert.peers import Peers, bare_peer
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import ChatRow, Peer
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.wire import keep_bytes

__all__ = ["BotReader"]

#: Ids in one request, as many as Telegram takes.
PAGE = 100
#: The ledger's name for the id up to which messages were asked for.
_LAST = "bot"


class BotReader:
    """Asks for private messages and those of basic groups, by windows of ids.

    These are numbered for the account as a whole, and each new one raises the count of updates (pts) by one at least,
    so none has a higher id than that.
    """

    def __init__(self, caller: Caller, ledger: Ledger, taker: Taker, peers: Peers, context: SourceContext) -> None:
        self._caller = caller
        self._ledger = ledger
        self._taker = taker
        self._peers = peers
        self._context = context

    async def read(self) -> None:
        """Read everything that is newer than what was read before."""
        state = await self._caller.plain(GetStateRequest())
        last = self._ledger.number(_LAST) or 0
        while last < state.pts:
            following = min(last + PAGE, state.pts)
            await self._window(range(last + 1, following + 1))
            last = following

    async def again(self, number: int, ids: Sequence[int]) -> None:
        """Ask for messages of a chat once more."""
        await self._fetch(ids)
        self._ledger.messages.done_todo(number, ids)

    async def _window(self, ids: range) -> None:
        await self._fetch(ids)
        self._ledger.set_fact(_LAST, ids[-1])

    async def _fetch(self, ids: Sequence[int]) -> None:
        request, tl = keep_bytes(GetMessagesRequest([InputMessageID(each) for each in ids]))
        answer = await self._caller(request)
        self._peers.learn(answer.users, answer.chats)
        for number, (peer, messages) in self._by_chat(answer.messages).items():
            taken = self._taker.page(number, messages, peer=peer, shift=0, account_wide=True, tl=tl)
            self._context.progress.advance(items=len(taken.ids))

    def _by_chat(self, messages: Sequence[Any]) -> dict[int, tuple[Any, list[Any]]]:
        found: dict[int, tuple[Any, list[Any]]] = defaultdict(lambda: (None, []))
        for message in messages:
            if isinstance(message, MessageEmpty) or message.peer_id is None or isinstance(message.peer_id, PeerChannel):
                continue
            number = self._chat(message.peer_id)
            found[number] = (message.peer_id, [*found[number][1], message])
        return found

    def _chat(self, peer: Any) -> int:
        """Give a chat's number; a bot learns of its chats by their messages."""
        chat = chat_record(self._peers, peer)
        bare = bare_peer(peer)
        assert bare is not None
        known = self._ledger.chats.number(chat.key)
        row = ChatRow(chat=chat, peer=Peer(bare[0].value, bare[1]))
        return self._ledger.chats.put(row, position=known or bare[1], round_=self._ledger.round)
