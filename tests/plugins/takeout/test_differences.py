from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import types

from tgvault_plugins.takeout.differences import Changes, changes_of
from tgvault_plugins.takeout.ledger.values import Peer

BEN, CHANNEL = types.PeerUser(5), types.PeerChannel(9)


def a_message(peer: Any, number: int) -> types.Message:
    return types.Message(id=number, peer_id=peer, date=None, message="a")


@pytest.mark.parametrize(
    ("update", "found"),
    [
        (types.UpdateEditMessage(a_message(BEN, 7), 1, 1), (Peer("user", 5), 7)),
        (types.UpdateEditChannelMessage(a_message(CHANNEL, 8), 1, 1), (Peer("channel", 9), 8)),
        (types.UpdateMessageReactions(types.PeerChat(4), 3, types.MessageReactions([])), (Peer("chat", 4), 3)),
    ],
)
def test_an_update_that_speaks_of_a_message_touches_it(update: Any, found: tuple[Peer, int]) -> None:
    assert changes_of([update]) == Changes((found,), ())


def test_a_deletion_names_the_channel_or_nothing() -> None:
    updates = [types.UpdateDeleteMessages([1, 2], 1, 2), types.UpdateDeleteChannelMessages(9, [3], 1, 1)]

    assert changes_of(updates) == Changes((), ((None, 1), (None, 2), (Peer("channel", 9), 3)))


def test_what_speaks_of_no_message_changes_none() -> None:
    updates = [
        types.UpdateUserStatus(5, types.UserStatusRecently()),
        types.UpdateReadHistoryInbox(BEN, 5, 0, 1, 1),
        types.UpdateEditMessage(types.MessageEmpty(3, None), 1, 1),
    ]

    assert changes_of(updates) == Changes((), ())
