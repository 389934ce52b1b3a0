"""Searching all chats at once: https://core.telegram.org/api/search#global-search ."""

from __future__ import annotations

from collections.abc import Sequence

from telethon.tl import functions, types

from tgvault.testing.telegram.account.conversation import Access, Conversation
from tgvault.testing.telegram.account.kinds import test_of
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []


@answers(functions.messages.SearchGlobalRequest)
def search_global(asked: Invocation) -> Tl:
    """Give the newest messages of a kind, wherever they are."""
    request = asked.request
    if not isinstance(request.offset_peer, types.InputPeerEmpty) or request.offset_id:
        # Nobody has needed the next page yet; answering with the first one again would be worse.
        raise Refusal("OFFSET_PEER_ID_INVALID")
    found = [(talk, _matching(request, talk)) for talk in asked.account.conversations.values() if _meant(asked, talk)]
    count = sum(len(ids) for _, ids in found)
    limit = max(0, min(request.limit, 100))
    newest = [(talk, each, talk.messages.get(each).date) for talk, ids in found for each in _last(ids, limit)]
    newest.sort(key=lambda each: each[2], reverse=True)
    given = [(talk, message_id) for talk, message_id, _ in newest[:limit]]
    peers = {talk.peer for talk, _ in given}.union(*(talk.messages.peers(each) for talk, each in given))
    users, chats = asked.account.directory.entities(peers)
    return types.messages.MessagesSlice(count, [talk.messages.encoded(each) for talk, each in given], [], chats, users)


def _last(ids: Sequence[int], limit: int) -> Sequence[int]:
    return ids[max(0, len(ids) - limit) :]


def _meant(asked: Invocation, talk: Conversation) -> bool:
    """Tell whether the search looks into a chat."""
    request, chat = asked.request, asked.account.directory.chats.get(talk.peer)
    if talk.access is not Access.OPEN or request.folder_id not in (None, talk.folder_id):
        return False
    broadcast = bool(getattr(chat, "broadcast", False))
    wanted = {"users_only": talk.peer > 0, "broadcasts_only": broadcast, "groups_only": talk.peer < 0 and not broadcast}
    return all(fits for flag, fits in wanted.items() if getattr(request, flag))


def _matching(request: Tl, talk: Conversation) -> Sequence[int]:
    ids = talk.messages.matching(test_of(request.filter))
    if not request.q:
        return ids
    words = request.q.casefold()
    return [each for each in ids if words in (getattr(talk.messages.get(each), "message", None) or "").casefold()]
