from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.entries import ChatEntry
from tgvault.archive.lists import leaves
from tgvault.archive.reading import ArchiveReader
from tgvault.crypto.keyed import BlobId
from tgvault.engine.browsing import (
    around,
    dated,
    list_chats,
    list_documents,
    message,
    messages,
    newest,
    open_snapshot,
)
from tgvault.errors import CorruptObjectError, NotFoundError
from tgvault.model.findings import Findings
from tgvault.model.records import Message
from vault_support import CountingBlobs, FakeChat, FakeSource, MemoryVault, said, texts


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def opened(*runs: list[Message]) -> tuple[ArchiveReader, ChatEntry]:
    memory = MemoryVault()
    snapshot = memory.observe(*(FakeChat(run, covered=[(0, 10_000)]) for run in runs))[-1]
    reader = open_snapshot(memory.vault, snapshot)
    chat = reader.chat("user:1")
    assert chat is not None
    return reader, chat


TEN = [said(number * 10, f"text {number}") for number in range(1, 11)]


def test_chats_are_listed_with_their_numbers() -> None:
    memory = MemoryVault()
    chats = [FakeChat([said(1, "a"), said(2, "b")]), FakeChat([said(1, "c")], id=2, title=None, username="eve")]
    memory.back_up(FakeSource(chats))
    chats[0].messages, chats[0].covered = [said(2, "b")], [(1, 2)]
    snapshot = memory.back_up(FakeSource(chats))

    findings = Findings()
    ben, eve = list_chats(open_snapshot(memory.vault, snapshot), findings)

    assert (ben.key, ben.title, ben.messages, ben.gone, ben.first) == ("user:1", "Ben", 1, 1, None)
    assert (eve.key, eve.title, eve.username, eve.messages) == ("user:2", "user:2", "eve", 1)
    assert findings.listed() == []


@pytest.mark.parametrize("damaged", ["chats", "documents"])
def test_what_can_be_listed_is_listed_beside_what_cannot(damaged: str) -> None:
    memory = MemoryVault()
    source = FakeSource(
        [FakeChat([said(1, "a")], id=number) for number in range(1, 200)],
        documents={f"document {number:03}": [number] for number in range(200)},
    )
    manifest = memory.back_up(source).manifest
    bad = next(leaves(manifest.chats if damaged == "chats" else manifest.documents, memory.vault.reader)).blob

    class Damaged:
        def load(self, blob: BlobId) -> bytes:
            if blob.hex() == bad:
                raise CorruptObjectError("flipped")
            return memory.vault.reader.load(blob)

    findings = Findings()
    reader = ArchiveReader(manifest, Damaged())
    chats = [each.key for each in list_chats(reader, findings)]
    documents = list(list_documents(reader, findings))

    assert (0 < len(chats) < 199, 0 < len(documents) < 200) == (damaged == "chats", damaged == "documents")
    assert len(chats) + len(documents) + findings.losses() == 399
    assert findings.listed()[0].subject.startswith(damaged)
    assert findings.listed()[0].detail == "flipped"


def test_the_times_of_the_first_and_last_message_are_told_when_asked_for() -> None:
    reader, chat = opened(TEN, TEN[1:])

    info = dated(reader, chat)

    # The first one is gone and still there to be read.
    assert (info.first, info.last) == (at(10), at(100))


def test_only_the_outer_segments_are_read_for_the_times() -> None:
    memory = MemoryVault()
    snapshot = memory.observe([said(number, "x") for number in range(1, 5001)])[0]
    blobs = CountingBlobs(memory.vault)
    reader = ArchiveReader(snapshot.manifest, blobs)
    chat = reader.chat("user:1")
    assert chat is not None
    assert chat.messages is not None
    blobs.loaded.clear()

    dated(reader, chat)

    assert len(blobs.loaded) == 2 * (chat.messages.level + 1)


def test_an_empty_chat_has_no_times() -> None:
    reader, chat = opened([])

    assert (dated(reader, chat).first, list(messages(reader, chat))) == (None, [])


def test_messages_are_shown_by_id() -> None:
    reader, chat = opened(TEN)

    assert [each.id for each in messages(reader, chat, first=20, last=45)] == [20, 30, 40]


def test_messages_are_shown_by_time_with_the_end_left_out() -> None:
    reader, chat = opened(TEN)

    assert [each.id for each in messages(reader, chat, since=at(20), until=at(50))] == [20, 30, 40]


def test_a_message_without_a_time_is_in_no_range_of_time() -> None:
    reader, chat = opened([said(1, "a"), Message(2, b'{"id":2,"type":"unsupported"}')])

    assert [each.id for each in messages(reader, chat)] == [1, 2]
    assert [each.id for each in messages(reader, chat, since=at(0))] == [1]


def test_a_limit_ends_the_reading() -> None:
    reader, chat = opened(TEN)

    assert [each.id for each in messages(reader, chat, since=at(30), limit=2)] == [30, 40]


def test_the_newest_messages_come_oldest_first() -> None:
    reader, chat = opened(TEN)

    assert [each.id for each in newest(reader, chat, limit=3)] == [80, 90, 100]


def test_a_message_is_found_also_when_it_is_gone() -> None:
    reader, chat = opened(TEN, TEN[1:])

    found = message(reader, chat, 10)

    assert found.gone is not None
    assert texts([found]) == {10: "text 1"}


def test_a_message_that_is_not_there_is_told_with_its_neighbours() -> None:
    reader, chat = opened(TEN)

    with pytest.raises(NotFoundError, match="chat `Ben` has no message 25") as caught:
        message(reader, chat, 25)

    assert caught.value.hint == "the nearest it has: 20 and 30"


def test_in_an_empty_chat_there_are_no_neighbours() -> None:
    reader, chat = opened([])

    with pytest.raises(NotFoundError) as caught:
        message(reader, chat, 25)

    assert caught.value.hint == "it has no messages"


def test_a_message_is_shown_with_what_stands_around_it() -> None:
    reader, chat = opened(TEN, [each for each in TEN if each.id != 40])

    found = around(reader, chat, 50, context=2)

    assert [(each.id, each.gone is not None) for each in found] == [
        (30, False),
        (40, True),
        (50, False),
        (60, False),
        (70, False),
    ]
    assert [each.id for each in around(reader, chat, 10, context=1)] == [10, 20]


def test_what_stands_around_a_message_that_is_not_there_is_not_shown() -> None:
    reader, chat = opened(TEN)

    with pytest.raises(NotFoundError):
        around(reader, chat, 11, context=3)


@given(
    first=st.integers(0, 110) | st.none(),
    span=st.integers(-20, 110),
    start=st.integers(0, 110),
    seconds=st.integers(0, 110),
)
def test_ids_and_times_together_filter_as_each_alone(first: int | None, span: int, start: int, seconds: int) -> None:
    last = (first or 0) + span
    since, until = at(start), at(start) + timedelta(seconds=seconds)

    found = [each.id for each in messages(*_OPENED, first=first, last=last, since=since, until=until)]

    every = [each.id for each in TEN if each.id is not None]
    assert found == [number for number in every if (first or 0) <= number <= last and start <= number < start + seconds]


_OPENED = opened(TEN)
