from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.entries import ChatEntry, Past
from tgvault.archive.reading import ArchiveReader, ReadMessage, gone_message
from tgvault.errors import CorruptObjectError
from tgvault.model.records import ChatKind, Message
from tgvault.vault.opened import Snapshot
from vault_support import CountingBlobs, FakeChat, FakeSource, MemoryVault, pictured, said, texts

LONG = [said(number, f"text {number}") for number in range(1, 3001)]


def chat_of(reader: ArchiveReader, key: str = "user:1") -> ChatEntry:
    entry = reader.chat(key)
    assert entry is not None
    return entry


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def with_history(memory: MemoryVault, days: list[dict[int, str]]) -> Snapshot:
    """A chat that was seen whole each day; coverage goes from id 0 to 100."""
    runs = [FakeChat([said(*row) for row in sorted(day.items())], covered=[(0, 100)]) for day in days]
    return memory.observe(*runs)[-1]


def test_messages_come_back_as_they_were(memory: MemoryVault) -> None:
    snapshot = memory.observe(LONG[:700])[0]
    reader = memory.reader(snapshot)

    found = list(reader.messages(chat_of(reader)))

    assert [(each.id, each.body) for each in found] == [(each.id, each.body) for each in LONG[:700]]
    assert all(each.gone is None and each.earlier == () for each in found)


def test_gone_messages_stand_in_their_place_with_their_last_text(memory: MemoryVault) -> None:
    snapshot = with_history(memory, [{1: "a", 2: "b", 3: "c"}, {1: "a", 2: "B", 3: "c"}, {1: "a", 3: "c"}])
    reader = memory.reader(snapshot)

    found = list(reader.messages(chat_of(reader)))

    assert texts(found) == {1: "a", 2: "B", 3: "c"}
    assert [each.id for each in found if each.gone] == [2]
    assert [json.loads(bytes(each.body))["text"] for each in found[1].earlier] == ["b"]
    assert found[1].gone is not None
    assert (found[1].gone.seen, found[1].gone.missed) == ("2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z")


def test_an_edited_message_has_its_earlier_texts(memory: MemoryVault) -> None:
    snapshot = with_history(memory, [{1: "a"}, {1: "b"}, {1: "c"}])
    reader = memory.reader(snapshot)

    message = reader.message(chat_of(reader), 1)

    assert message is not None
    assert json.loads(message.body)["text"] == "c"
    assert [json.loads(bytes(each.body))["text"] for each in message.earlier] == ["a", "b"]


def test_a_message_that_was_never_there_is_not_found(memory: MemoryVault) -> None:
    reader = memory.reader(with_history(memory, [{1: "a", 5: "b"}]))

    assert reader.message(chat_of(reader), 3) is None


def test_a_message_in_the_middle_is_read_without_the_other_segments(memory: MemoryVault) -> None:
    snapshot = memory.observe(LONG)[0]
    blobs = CountingBlobs(memory.vault)
    reader = ArchiveReader(snapshot.manifest, blobs)
    chat = chat_of(reader)
    blobs.loaded.clear()

    message = reader.message(chat, 1500)

    assert message is not None
    assert chat.messages is not None
    assert len(blobs.loaded) == chat.messages.level + 1


def test_the_newest_messages_are_read_without_the_older_segments(memory: MemoryVault) -> None:
    snapshot = memory.observe(LONG)[0]
    blobs = CountingBlobs(memory.vault)
    reader = ArchiveReader(snapshot.manifest, blobs)
    chat = chat_of(reader)
    blobs.loaded.clear()

    newest = next(reader.messages_backwards(chat))

    assert newest.id == 3000
    assert chat.messages is not None
    assert len(blobs.loaded) == chat.messages.level + 1


def test_a_chat_without_ids_is_read_by_position(memory: MemoryVault) -> None:
    lines = [Message(None, b'{"text":"same"}') for _ in range(900)]
    snapshot = memory.back_up(FakeSource([FakeChat(lines, id=None, kind=ChatKind.WEAK)]))
    reader = memory.reader(snapshot)
    chat = chat_of(reader, "weak:1:Ben")

    found = list(reader.messages(chat, first=300, last=302))

    assert chat.keyed == "position"
    assert [each.id for each in found] == [300, 301, 302]
    assert [each.id for each in reader.messages(chat)] == list(range(1, 901))


def test_files_of_a_message_come_with_it(memory: MemoryVault) -> None:
    source = FakeSource([FakeChat([pictured(1, "a.jpg"), pictured(2, "b.jpg")])], files={"chats/photos/a.jpg": b"abc"})
    reader = memory.reader(memory.back_up(source))

    there, missing = reader.messages(chat_of(reader))

    assert (there.media["photo"].size, there.media["photo"].path) == (3, "{chat}/photos/a.jpg")
    assert missing.media["photo"].missing == "not in the source"


def test_chats_are_listed_and_found_by_key(memory: MemoryVault) -> None:
    chats = [FakeChat([said(1, "a")], id=number) for number in range(1, 101)]
    reader = memory.reader(memory.back_up(FakeSource(chats)))

    assert {entry.id for entry in reader.chats()} == set(range(1, 101))
    assert chat_of(reader, "user:77").id == 77
    assert reader.chat("user:777") is None
    assert reader.chat("channel:77") is None


def test_documents_are_listed_found_and_read(memory: MemoryVault) -> None:
    documents = {"contacts": {"list": []}, "other_data": ["x" * (5 << 20)]}
    reader = memory.reader(memory.back_up(FakeSource(documents=documents)))
    entry = reader.document("other_data")

    assert [each.name for each in reader.documents()] == ["contacts", "other_data"]
    assert entry is not None
    assert len(entry.pieces) == 2
    assert json.loads(reader.document_body(entry)) == documents["other_data"]
    assert reader.document("sessions") is None


def test_files_that_nothing_refers_to_are_listed(memory: MemoryVault) -> None:
    reader = memory.reader(memory.back_up(FakeSource(files={"css/style.css": b"body", "js/script.js": b""})))

    assert [(each.path, each.size) for each in reader.files()] == [("css/style.css", 4), ("js/script.js", 0)]


def test_an_empty_snapshot_has_nothing(memory: MemoryVault) -> None:
    reader = memory.reader(memory.back_up(FakeSource()))

    assert list(reader.chats()) == list(reader.documents()) == list(reader.files()) == []


def test_a_gone_message_without_a_text_is_called_corrupt() -> None:
    with pytest.raises(CorruptObjectError, match="message 7"):
        gone_message(Past(7, None, ()))


@st.composite
def histories(draw: st.DrawFn) -> list[dict[int, str]]:
    ids = draw(st.lists(st.integers(0, 100), min_size=1, max_size=30, unique=True))
    day = st.dictionaries(st.sampled_from(ids), st.sampled_from("abc"), max_size=30)
    return draw(st.lists(day, min_size=1, max_size=4))


@given(days=histories(), first=st.none() | st.integers(-1, 101), last=st.none() | st.integers(-1, 101))
def test_a_range_is_everything_filtered(days: list[dict[int, str]], first: int | None, last: int | None) -> None:
    memory = MemoryVault()
    reader = memory.reader(with_history(memory, [{50: "x"}, *days]))
    chat = chat_of(reader)
    every = list(reader.messages(chat))

    def inside(message: ReadMessage) -> bool:
        return (first is None or message.id >= first) and (last is None or message.id <= last)

    assert list(reader.messages(chat, first=first, last=last)) == [each for each in every if inside(each)]
    backwards = [each for each in reversed(every) if last is None or each.id <= last]
    assert list(reader.messages_backwards(chat, last=last)) == backwards


@given(days=histories())
def test_every_message_that_was_ever_seen_is_there_once(days: list[dict[int, str]]) -> None:
    memory = MemoryVault()
    reader = memory.reader(with_history(memory, [{50: "x"}, *days]))
    seen = {50: "x"}
    for day in days:
        seen |= day

    found = list(reader.messages(chat_of(reader)))

    assert [each.id for each in found] == sorted(seen)
    assert texts(found) == seen
    assert {each.id for each in found if not each.gone} == set(days[-1])


@given(first=st.integers(0, 3100), length=st.integers(0, 700))
def test_a_range_over_many_segments_is_exact(first: int, length: int) -> None:
    reader = _LONG.reader(_LONG_SNAPSHOT)

    found = [each.id for each in reader.messages(chat_of(reader), first=first, last=first + length)]

    assert found == [each.id for each in LONG if each.id is not None and first <= each.id <= first + length]


_LONG = MemoryVault()
_LONG_SNAPSHOT = _LONG.observe(LONG, [*LONG[:1200], *LONG[1300:]])[-1]
