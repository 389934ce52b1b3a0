from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tgvault.engine.history import MessageHistory, history
from tgvault.errors import NotFoundError
from tgvault.model.records import Message
from tgvault.vault.opened import Snapshot
from vault_support import START, FakeChat, FakeSource, MemoryVault, pictured, said


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def day(*messages: Message) -> FakeChat:
    return FakeChat(messages, covered=[(0, 100)])


def of(memory: MemoryVault, snapshot: Snapshot, number: int) -> MessageHistory:
    chat = memory.reader(snapshot).chat("user:1")
    assert chat is not None
    return history(memory.vault, memory.snapshots(), snapshot, chat, number)


def test_every_text_is_told_with_the_time_at_which_it_was_last_seen(memory: MemoryVault) -> None:
    made = memory.observe(day(said(1, "a")), day(said(1, "a"), said(2, "x")), day(said(1, "b")), day(said(1, "c")))

    found = of(memory, made[-1], 1)

    assert json.loads(bytes(found.message.body))["text"] == "c"
    assert [(json.loads(bytes(each.body))["text"], each.seen) for each in found.earlier] == [
        ("a", START + timedelta(days=1)),
        ("b", START + timedelta(days=2)),
    ]


def test_the_snapshots_are_told_in_which_it_appeared_and_vanished(memory: MemoryVault) -> None:
    other = said(1, "a")
    runs = [day(other), day(other), day(other, said(2, "b")), day(other, said(2, "b")), *[day(other)] * 3]
    made = memory.observe(*runs)

    found = of(memory, made[-1], 2)

    assert (found.first_in, found.gone_in) == (made[2].id, made[4].id)
    assert found.message.gone is not None


def test_of_a_message_that_was_away_for_a_while_the_last_time_counts(memory: MemoryVault) -> None:
    both, one = day(said(1, "a"), said(2, "b")), day(said(1, "a"))
    made = memory.observe(both, one, both, one, one)

    assert of(memory, made[-1], 2).gone_in == made[3].id
    assert of(memory, made[2], 2).gone_in is None
    assert of(memory, made[1], 2).gone_in == made[1].id


def test_other_archives_are_not_looked_into(memory: MemoryVault) -> None:
    memory.observe(day(said(1, "a")), archive="another")
    (snapshot,) = memory.observe(day(said(1, "a")))

    assert of(memory, snapshot, 1).first_in == snapshot.id


def test_a_chat_that_came_later_is_no_hindrance(memory: MemoryVault) -> None:
    memory.back_up(FakeSource())
    second = memory.back_up(FakeSource([day(said(1, "a"))]))

    assert of(memory, second, 1).first_in == second.id


def test_files_of_earlier_texts_are_told(memory: MemoryVault) -> None:
    first = FakeSource([day(pictured(1, "a.jpg", caption="x"))], files={"chats/photos/a.jpg": b"abc"})
    second = FakeSource([day(said(1, "b"))], at=START + timedelta(days=1))
    memory.back_up(first)

    found = of(memory, memory.back_up(second), 1)

    assert [(each.path, each.size) for each in found.earlier[0].media] == [("photos/a.jpg", 3)]
    assert b'"photo":"photos/a.jpg"' in bytes(found.earlier[0].body)


def test_a_message_that_is_not_there_is_not_found(memory: MemoryVault) -> None:
    (snapshot,) = memory.observe(day(said(1, "a")))

    with pytest.raises(NotFoundError, match="no message 2"):
        of(memory, snapshot, 2)
