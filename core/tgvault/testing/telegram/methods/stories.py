"""`stories.*`."""

from __future__ import annotations

from collections.abc import Sequence

from telethon.tl import functions, types

from tgvault.testing.telegram.methods.common import peer_of
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []


def _answer(asked: Invocation, peer: int, stories: Sequence[Tl], count: int) -> types.stories.Stories:
    users, chats = asked.account.directory.entities({peer})
    return types.stories.Stories(count, list(stories), chats, users)


def _page(asked: Invocation, stories: list[Tl]) -> list[Tl]:
    """Give the stories older than the offset, the newest first."""
    request = asked.request
    ordered = sorted(stories, key=lambda story: story.id, reverse=True)
    older = [story for story in ordered if not request.offset_id or story.id < request.offset_id]
    return older[: max(0, min(request.limit, 100))]


@answers(functions.stories.GetStoriesArchiveRequest)
def get_archive(asked: Invocation) -> types.stories.Stories:
    """Give a page of all one's own stories."""
    peer = peer_of(asked, asked.request.peer)
    if peer != asked.account.self_id:
        raise Refusal("CHAT_ADMIN_REQUIRED" if peer < 0 else "PEER_ID_INVALID")
    stories = asked.account.has.stories.get(peer, [])
    return _answer(asked, peer, _page(asked, stories), len(stories))


@answers(functions.stories.GetPinnedStoriesRequest)
def get_pinned(asked: Invocation) -> types.stories.Stories:
    """Give a page of the stories that stay in a profile."""
    peer = peer_of(asked, asked.request.peer)
    pinned = [story for story in asked.account.has.stories.get(peer, []) if story.pinned]
    return _answer(asked, peer, _page(asked, pinned), len(pinned))


@answers(functions.stories.GetPeerStoriesRequest)
def get_active(asked: Invocation) -> types.stories.PeerStories:
    """Give the stories that can be seen now."""
    peer = peer_of(asked, asked.request.peer)
    active = asked.account.has.active_stories.get(peer, ())
    stories = [story for story in asked.account.has.stories.get(peer, []) if story.id in active]
    users, chats = asked.account.directory.entities({peer})
    tl_peer = types.PeerUser(peer) if peer > 0 else types.PeerChannel(-peer - 1_000_000_000_000)
    return types.stories.PeerStories(types.PeerStories(tl_peer, stories), chats, users)


@answers(functions.stories.GetStoriesByIDRequest)
def get_by_id(asked: Invocation) -> types.stories.Stories:
    """Give certain stories."""
    peer = peer_of(asked, asked.request.peer)
    stories = [story for story in asked.account.has.stories.get(peer, []) if story.id in asked.request.id]
    return _answer(asked, peer, stories, len(stories))
