"""`updates.*`: what changed since a count: https://core.telegram.org/api/updates#recovering-gaps ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from telethon.tl import functions, types

from tgvault.testing.telegram.account.conversation import Conversation
from tgvault.testing.telegram.account.events import Change, Event
from tgvault.testing.telegram.methods.common import dialog_of, open_talk
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__ = ["state_of"]


def state_of(asked: Invocation, pts: int | None = None) -> types.updates.State:
    """Tell the counts of now, or at an earlier count."""
    account = asked.account
    return types.updates.State(account.events.pts if pts is None else pts, 0, account.now, 1, unread_count=0)


@answers(functions.updates.GetStateRequest, bots=True)
def get_state(asked: Invocation) -> types.updates.State:
    """Tell the counts."""
    return state_of(asked)


@dataclass(slots=True)
class _Told:
    """What a difference tells."""

    messages: list[Tl] = field(default_factory=list)
    updates: list[Tl] = field(default_factory=list)
    peers: set[int] = field(default_factory=set)

    def add(self, event: Event, talk: Conversation) -> None:
        """Tell one change; messages are told as they are now, so that of a deleted one only the deletion is told."""
        there = [each for each in event.ids if each in talk.messages]
        if event.change is Change.DELETED:
            self.updates.append(_deleted(event, talk))
        for message_id in there:
            message = talk.messages.encoded(message_id)
            self.peers |= talk.messages.peers(message_id)
            if event.change is Change.NEW:
                self.messages.append(message)
            elif event.change is Change.EDITED:
                kind = types.UpdateEditChannelMessage if talk.is_channel else types.UpdateEditMessage
                self.updates.append(kind(message, event.pts, 1))


def _deleted(event: Event, talk: Conversation) -> Tl:
    if talk.is_channel:
        return types.UpdateDeleteChannelMessages(talk.tl_peer.channel_id, list(event.ids), event.pts, len(event.ids))
    return types.UpdateDeleteMessages(list(event.ids), event.pts, len(event.ids))


def _tell(asked: Invocation, events: Iterable[Event]) -> _Told:
    told = _Told()
    for event in events:
        told.add(event, asked.account.conversations[event.peer])
    return told


@answers(functions.updates.GetDifferenceRequest, bots=True)
def get_difference(asked: Invocation) -> Tl:
    """Tell what changed in private chats and basic groups."""
    account, request = asked.account, asked.request
    if request.pts > account.events.pts or request.pts < 0:
        raise Refusal("PERSISTENT_TIMESTAMP_INVALID")
    events = account.events.since(request.pts)
    limit = account.has.difference_limit if request.pts_total_limit is None else request.pts_total_limit
    if request.pts < account.events.first_pts or (limit is not None and account.events.pts - request.pts > limit):
        return types.updates.DifferenceTooLong(account.events.pts)
    if not events:
        return types.updates.DifferenceEmpty(account.now, 1)
    size = min(account.has.difference_slice, request.pts_limit or account.has.difference_slice)
    told = _tell(asked, events[:size])
    users, chats = account.directory.entities(told.peers)
    more = len(events) > size
    kind = types.updates.DifferenceSlice if more else types.updates.Difference
    state = state_of(asked, events[size - 1].pts if more else None)
    return kind(told.messages, [], told.updates, chats, users, state)


@answers(functions.updates.GetChannelDifferenceRequest, bots=True)
def get_channel_difference(asked: Invocation) -> Tl:
    """Tell what changed in a channel."""
    account, request = asked.account, asked.request
    talk = open_talk(asked, request.channel)
    if talk.events is None:
        raise Refusal("CHANNEL_INVALID")
    log = talk.events
    if request.pts < 1 or request.pts > log.pts:
        raise Refusal("PERSISTENT_TIMESTAMP_INVALID")
    limit = account.has.difference_limit
    if request.pts < log.first_pts or (limit is not None and log.pts - request.pts > limit):
        return _too_long(asked, talk)
    events = log.since(request.pts)
    if not events:
        return types.updates.ChannelDifferenceEmpty(log.pts, final=True, timeout=30)
    size = max(1, min(request.limit, account.has.difference_slice))
    told = _tell(asked, events[:size])
    users, chats = account.directory.entities({*told.peers, talk.peer})
    final = len(events) <= size
    pts = log.pts if final else events[size - 1].pts
    return types.updates.ChannelDifference(
        pts, told.messages, told.updates, chats, users, final=final or None, timeout=30
    )


def _too_long(asked: Invocation, talk: Conversation) -> Tl:
    """Tell the last messages and the count of now instead."""
    ids = list(talk.messages.ids[-100:])[::-1]
    peers = {talk.peer}.union(*(talk.messages.peers(each) for each in ids))
    users, chats = asked.account.directory.entities(peers)
    messages = [talk.messages.encoded(each) for each in ids]
    return types.updates.ChannelDifferenceTooLong(dialog_of(talk), messages, chats, users, final=True, timeout=30)
