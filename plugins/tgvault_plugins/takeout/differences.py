"""Learning what was edited and deleted since the last run, from Telegram's own record of changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from telethon import errors
from telethon.tl.functions.updates import GetChannelDifferenceRequest, GetDifferenceRequest, GetStateRequest
from telethon.tl.types import (
    ChannelMessagesFilterEmpty,
    InputChannel,
    PeerChannel,
    PeerChat,
    PeerUser,
    UpdateDeleteChannelMessages,
    UpdateDeleteMessages,
)
from telethon.tl.types.updates import (
    ChannelDifference,
    ChannelDifferenceEmpty,
    ChannelDifferenceTooLong,
    Difference,
    DifferenceEmpty,
    DifferenceTooLong,
)

from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import OWN, Peer

__all__ = ["Changes", "State", "changes_of", "learn_changes", "learn_channel_changes"]

#: Changes in one answer at most; Telegram gives no more to a user.
LIMIT = 1000


#: Answers in a row that tell of no change, after which there are too many to ask for.
IDLE = 100

#: Telegram does not know the state from which on it is asked for changes, or tells them in a way that cannot be read,
#: and would do so for ever.
_TOO_OLD = (errors.PersistentTimestampInvalidError, errors.PersistentTimestampEmptyError, UnreadableAnswerError)


class State(msgspec.Struct, frozen=True):
    """Up to where changes in private chats and basic groups are known, as Telegram counts them."""

    pts: int
    qts: int
    date: int


class Changes(msgspec.Struct, frozen=True):
    """What updates tell of messages: `touched` by peer, where one is named, and `deleted` ids.

    A deletion outside of channels names no chat: then the peer is None.
    """

    touched: tuple[tuple[Peer | None, int], ...]
    deleted: tuple[tuple[Peer | None, int], ...]


_STATE = msgspec.msgpack.Decoder(State)


async def learn_changes(caller: Caller, ledger: Ledger) -> None:
    """Take note of changes in private chats and basic groups; where Telegram has too many to tell, of the need to read
    these chats again.

    Each answer is taken in whole, together with the state behind it. The first time the present is remembered as what
    is known, before the first message is read. Changes that do not come to an end are too many.
    """
    pace = _Pace()
    while (kept := ledger.fact("state")) is not None:
        state = _STATE.decode(kept)
        request = GetDifferenceRequest(pts=state.pts, date=state.date, qts=state.qts, pts_total_limit=None)
        try:
            answer = await caller.plain(request)
        except _TOO_OLD:
            break
        if isinstance(answer, DifferenceEmpty):
            return
        if isinstance(answer, DifferenceTooLong):
            break
        is_last = isinstance(answer, Difference)
        following = answer.state if is_last else answer.intermediate_state
        tells = answer.other_updates or answer.new_messages or answer.new_encrypted_messages
        if not is_last and not pace.goes_on((state.pts, state.qts), (following.pts, following.qts), tells=bool(tells)):
            break
        with ledger.transaction():
            _note(ledger, changes_of(answer.other_updates))
            _keep_state(ledger, following)
        if is_last:
            return
    present = await caller.plain(GetStateRequest())
    with ledger.transaction():
        ledger.rewind_account_wide()
        _keep_state(ledger, present)


async def learn_channel_changes(caller: Caller, ledger: Ledger, number: int, *, told: int | None) -> None:
    """Take note of changes in a channel, or of the need to read it again.

    `told` is the state that its entry in the list of chats tells; nothing is asked if it is the one that is known.
    """
    pts = ledger.chats.pts(number)
    if pts is None or pts == told:
        return
    peer = ledger.chats.get(number).peer
    channel = InputChannel(peer.id, peer.access_hash)
    pace = _Pace()
    while True:
        try:
            answer = await caller.plain(_channel_request(channel, pts))
        except _TOO_OLD:
            _read_again(ledger, number, told)
            return
        if isinstance(answer, ChannelDifferenceTooLong):
            _read_again(ledger, number, getattr(answer.dialog, "pts", told))
            return
        is_last = answer.final or isinstance(answer, ChannelDifferenceEmpty)
        tells = isinstance(answer, ChannelDifference) and (answer.other_updates or answer.new_messages)
        if not is_last and not pace.goes_on((pts,), (answer.pts,), tells=bool(tells)):
            _read_again(ledger, number, told)
            return
        pts = answer.pts
        with ledger.transaction():
            if isinstance(answer, ChannelDifference):
                _note(ledger, changes_of(answer.other_updates))
            ledger.chats.set_pts(number, pts)
        if is_last:
            return


class _Pace:
    """Sees to it that answers with changes come to an end."""

    def __init__(self) -> None:
        self._idle = 0

    def goes_on(self, before: tuple[int, ...], after: tuple[int, ...], *, tells: bool) -> bool:
        """Tell whether an answer is nearer to the end than the one before: counts of updates grow only."""
        self._idle = 0 if tells else self._idle + 1
        is_behind = any(new < old for old, new in zip(before, after, strict=True))
        return after != before and not is_behind and self._idle < IDLE


def _channel_request(channel: InputChannel, pts: int) -> GetChannelDifferenceRequest:
    return GetChannelDifferenceRequest(
        channel=channel, filter=ChannelMessagesFilterEmpty(), pts=pts, limit=LIMIT, force=True
    )


def _read_again(ledger: Ledger, number: int, pts: int | None) -> None:
    with ledger.transaction():
        ledger.chats.rewind(number)
        ledger.chats.set_pts(number, pts)


def changes_of(updates: Iterable[Any]) -> Changes:
    """Find the messages that updates speak of, whatever they tell of them."""
    touched: list[tuple[Peer | None, int]] = []
    deleted: list[tuple[Peer | None, int]] = []
    for update in updates:
        if isinstance(update, UpdateDeleteChannelMessages):
            deleted += [(Peer("channel", update.channel_id), each) for each in update.messages]
        elif isinstance(update, UpdateDeleteMessages):
            deleted += [(None, each) for each in update.messages]
        elif (found := _touched(update)) is not None:
            touched.append(found)
    return Changes(tuple(touched), tuple(deleted))


def _touched(update: Any) -> tuple[Peer | None, int] | None:
    """Find the one message that an update tells of: by the message itself, or by peer and id."""
    message = getattr(update, "message", None)
    if message is not None and getattr(message, "peer_id", None) is not None:
        return _peer(message.peer_id), int(message.id)
    named, number = getattr(update, "peer", None), getattr(update, "msg_id", None)
    if isinstance(named, PeerUser | PeerChat | PeerChannel) and isinstance(number, int):
        return _peer(named), number
    return None


def _peer(peer: Any) -> Peer:
    if isinstance(peer, PeerUser):
        return Peer("user", peer.user_id)
    return Peer("chat", peer.chat_id) if isinstance(peer, PeerChat) else Peer("channel", peer.channel_id)


def _note(ledger: Ledger, changes: Changes) -> None:
    ledger.messages.add_todo(_found(ledger, changes.touched))
    ledger.remove(_found(ledger, changes.deleted))


def _found(ledger: Ledger, named: Sequence[tuple[Peer | None, int]]) -> list[tuple[int, int]]:
    """Give chat numbers and ids of those messages that were read before; what is new comes with the history."""
    found = ledger.messages.places(number for peer, number in named if peer is None or peer.kind != "channel")
    in_channels = [(peer, number) for peer, number in named if peer is not None and peer.kind == "channel"]
    for channel, number in in_channels:
        chat = ledger.chats.with_peer(channel)
        cursor = ledger.chats.cursor(chat, OWN) if chat is not None else None
        if chat is not None and cursor is not None and number <= cursor.last:
            found.append((chat, number))
    return found


def _keep_state(ledger: Ledger, state: Any) -> None:
    kept = State(state.pts, state.qts, int(state.date.timestamp()))
    ledger.set_fact("state", msgspec.msgpack.encode(kept))
