from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.comparing import compare
from tgvault.archive.reading import ReadMessage
from tgvault.archive.segments import Stored
from tgvault.engine.changes import ChangeKind, MessageChange
from tgvault.engine.diff import DocumentChangeKind, changed_documents, diff, summarise, summarise_chat
from tgvault.engine.shown import ShownMessage
from tgvault.model.policy import Policy
from tgvault.model.records import ChatKind, Message
from tgvault.vault.opened import Snapshot
from vault_support import START, FakeChat, FakeSource, MemoryVault, pictured, said

PHOTOS = {"chats/photos/a.jpg": b"abc"}


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def kinds(memory: MemoryVault, first: Snapshot, second: Snapshot) -> dict[tuple[str, int], str]:
    every = diff(memory.vault, first, second)
    return {(chat.entry.key, change.id): change.kind.value for chat in every for change in chat.changes()}


def only_change(memory: MemoryVault, first: Snapshot, second: Snapshot) -> MessageChange:
    (chat,) = diff(memory.vault, first, second)
    (change,) = chat.changes()
    return change


def text_of(shown: ShownMessage | None) -> str:
    assert shown is not None
    text = json.loads(bytes(shown.body))["text"]
    assert isinstance(text, str)
    return text


def day(*messages: Message) -> FakeChat:
    return FakeChat(messages, covered=[(0, 10_000)])


def test_the_same_snapshot_has_no_differences(memory: MemoryVault) -> None:
    (snapshot,) = memory.observe([said(1, "a")])

    assert list(diff(memory.vault, snapshot, snapshot)) == []


def test_exactly_what_was_edited_deleted_and_written_is_told(memory: MemoryVault) -> None:
    old = [said(number, f"text {number}") for number in range(1, 3001)]
    edited, deleted = {77, 1234, 2999}, {500, 1235}
    new = [said(each.id or 0, "edited") if each.id in edited else each for each in old if each.id not in deleted]
    first, second = memory.observe(day(*old), day(*new, said(3001, "new"), said(3002, "new")))

    found = kinds(memory, first, second)

    assert found == (
        {("user:1", number): "edited" for number in edited}
        | {("user:1", number): "gone" for number in deleted}
        | {("user:1", number): "new" for number in (3001, 3002)}
    )


def test_an_edit_has_both_texts(memory: MemoryVault) -> None:
    first, second = memory.observe(day(said(1, "a")), day(said(1, "b")))

    change = only_change(memory, first, second)

    assert (text_of(change.before), text_of(change.after)) == ("a", "b")
    assert change.before is not None
    assert change.after is not None
    assert (change.before.versions, change.after.versions) == (0, 1)


def test_a_deletion_has_the_last_text_and_the_mark(memory: MemoryVault) -> None:
    first, second = memory.observe(day(said(1, "a"), said(2, "b")), day(said(1, "a")))

    change = only_change(memory, first, second)

    assert change.kind is ChangeKind.GONE
    assert (text_of(change.before), text_of(change.after)) == ("b", "b")
    assert change.after is not None
    assert change.after.gone is not None
    assert change.after.gone.seen == START


def test_where_gone_messages_are_not_kept_they_are_told_as_gone(memory: MemoryVault) -> None:
    first = memory.back_up(FakeSource([day(said(1, "a"), said(2, "b"))]), policy=Policy.MIRROR)
    later = FakeSource([day(said(1, "a"))], at=START + timedelta(days=1))
    second = memory.back_up(later, policy=Policy.MIRROR)

    change = only_change(memory, first, second)

    assert (change.kind, change.after) == (ChangeKind.GONE, None)


def test_a_message_that_is_there_again_is_told_as_back(memory: MemoryVault) -> None:
    both = day(said(1, "a"), said(2, "b"))
    _, second, third = memory.observe(both, day(said(1, "a")), both)

    assert kinds(memory, second, third) == {("user:1", 2): "back"}
    assert only_change(memory, second, third).before is not None


def test_a_changed_name_of_the_sender_is_an_update_and_no_edit(memory: MemoryVault) -> None:
    first, second = memory.observe(day(said(1, "a")), day(said(1, "a", **{"from": "Ada Example"})))

    assert kinds(memory, first, second) == {("user:1", 1): "updated"}


def test_a_photo_that_came_to_light_is_told_as_filled(memory: MemoryVault) -> None:
    first = memory.back_up(FakeSource([day(pictured(1, None))]))
    later = FakeSource([day(pictured(1, "a.jpg"))], at=START + timedelta(days=1), files=PHOTOS)
    second = memory.back_up(later)

    change = only_change(memory, first, second)

    assert (change.kind, change.filled) == (ChangeKind.FILLED, ("photo",))


def test_a_file_that_the_source_lost_and_has_again_is_told_as_filled(memory: MemoryVault) -> None:
    first = memory.back_up(FakeSource([day(pictured(1, "a.jpg"))]))
    later = FakeSource([day(pictured(1, "a.jpg"))], at=START + timedelta(days=1), files=PHOTOS)
    second = memory.back_up(later)

    assert only_change(memory, first, second).filled == ("photo",)


def test_a_photo_of_an_older_export_stays_and_is_no_gap_filled(memory: MemoryVault) -> None:
    first = memory.back_up(FakeSource([day(pictured(1, "a.jpg"))], files=PHOTOS))
    second = memory.back_up(FakeSource([day(pictured(1, None))], at=START + timedelta(days=1)))

    assert kinds(memory, first, second) == {("user:1", 1): "updated"}


def test_an_earlier_text_from_an_old_export_is_told_as_found(memory: MemoryVault) -> None:
    many = [said(number, "x") for number in range(2, 2000)]
    first = memory.back_up(FakeSource([day(said(1, "now"), *many)], at=START))
    second = memory.back_up(FakeSource([day(said(1, "then"), *many)], at=START - timedelta(days=9)))

    change = only_change(memory, first, second)

    assert change.kind is ChangeKind.FOUND
    assert (text_of(change.before), text_of(change.after)) == ("now", "now")
    assert change.after is not None
    assert change.after.versions == 1


def test_a_message_of_an_old_export_that_was_deleted_since_is_told_as_gone(memory: MemoryVault) -> None:
    first = memory.back_up(FakeSource([day(said(1, "a"))], at=START))
    second = memory.back_up(FakeSource([day(said(1, "a"), said(2, "b"))], at=START - timedelta(days=9)))

    change = only_change(memory, first, second)

    assert (change.kind, change.before) == (ChangeKind.GONE, None)
    assert kinds(memory, second, first) == {}


def test_another_text_of_a_message_that_was_gone_already_is_told(memory: MemoryVault) -> None:
    memory.back_up(FakeSource([day(said(1, "a"), said(2, "b"))], at=START))
    second = memory.back_up(FakeSource([day(said(1, "a"))], at=START + timedelta(days=5)))
    third = memory.back_up(FakeSource([day(said(1, "a"), said(2, "B"))], at=START + timedelta(days=2)))

    assert kinds(memory, second, third) == {("user:1", 2): "edited"}


def test_an_edit_that_was_taken_back_is_told_as_found(memory: MemoryVault) -> None:
    first, _, third = memory.observe(day(said(1, "a")), day(said(1, "b")), day(said(1, "a")))

    assert kinds(memory, first, third) == {("user:1", 1): "found"}


def test_backwards_new_messages_are_gone_and_gone_ones_are_back(memory: MemoryVault) -> None:
    first, second = memory.observe(day(said(1, "a"), said(2, "b")), day(said(1, "a"), said(3, "c")))

    assert kinds(memory, second, first) == {("user:1", 2): "back", ("user:1", 3): "gone"}


def test_snapshots_of_two_archives_are_compared_by_chat(memory: MemoryVault) -> None:
    (one,) = memory.observe(day(said(1, "a"), said(2, "b")))
    chats = [day(said(2, "b"), said(3, "c")), FakeChat([said(1, "z")], id=9, title="Eve")]
    other = memory.back_up(FakeSource(chats), archive="work")

    found = kinds(memory, one, other)

    assert found == {("user:1", 1): "gone", ("user:1", 3): "new", ("user:9", 1): "new"}


def test_messages_without_ids_are_told_by_their_place(memory: MemoryVault) -> None:
    def lines(*words: str) -> FakeChat:
        messages = [Message(None, json.dumps({"text": word}).encode()) for word in words]
        return FakeChat(messages, id=None, kind=ChatKind.WEAK)

    first, second = memory.observe(lines("a", "b"), lines("a", "b", "b", "c"))

    assert kinds(memory, first, second) == {("weak:1:Ben", 3): "new", ("weak:1:Ben", 4): "new"}


def test_a_chat_that_was_only_looked_at_again_is_not_told(memory: MemoryVault) -> None:
    other = FakeChat([said(1, "b")], id=2, title="Eve")
    first = memory.back_up(FakeSource([day(said(1, "a")), other]))
    second = memory.back_up(FakeSource([day(said(1, "a"), said(2, "c")), other], at=START + timedelta(days=1)))

    assert [chat.entry.key for chat in diff(memory.vault, first, second)] == ["user:1"]


def test_a_new_name_of_a_chat_is_told(memory: MemoryVault) -> None:
    first, second = memory.observe(FakeChat([said(1, "a")]), FakeChat([said(1, "a")], title="Benjamin"))

    said_of = summarise(memory.vault, first, second)

    assert [(chat.title_before, chat.chat.title) for chat in said_of.chats] == [("Ben", "Benjamin")]


def test_a_summary_counts_everything_and_lists_what_was_asked_for(memory: MemoryVault) -> None:
    old = [said(1, "a"), said(2, "b"), said(3, "c")]
    first, second = memory.observe(day(*old), day(said(1, "A"), said(3, "c"), said(4, "d")))

    found = summarise(memory.vault, first, second, listed={ChangeKind.EDITED, ChangeKind.GONE})

    assert (found.numbers.new, found.numbers.edited, found.numbers.gone) == (1, 1, 1)
    assert (found.first.id, found.second.id) == (first.id, second.id)
    assert [change.id for change in found.chats[0].messages] == [1, 2]
    assert (found.chats[0].in_first, found.chats[0].in_second) == (True, True)


def test_a_chat_with_nothing_to_tell_has_no_summary(memory: MemoryVault) -> None:
    first, second = memory.observe(FakeChat([said(1, "a")]), FakeChat([said(1, "a")], title="Benjamin"))
    (chat,) = diff(memory.vault, first, second)
    same = type(chat)(chat.after, chat.after, chat.source)

    assert summarise_chat(same) is None


def test_only_the_chats_asked_for_are_compared(memory: MemoryVault) -> None:
    other = FakeChat([said(1, "b")], id=2, title="Eve")
    first = memory.back_up(FakeSource())
    second = memory.back_up(FakeSource([day(said(1, "a"), said(2, "c")), other], at=START + timedelta(days=1)))

    found = summarise(memory.vault, first, second, chats={"user:2"})

    assert [chat.chat.key for chat in found.chats] == ["user:2"]
    assert found.numbers.new == 1


def test_documents_are_told_by_name(memory: MemoryVault) -> None:
    first = memory.back_up(FakeSource(documents={"contacts": [1], "sessions": [2], "stories": [3]}))
    second = memory.back_up(
        FakeSource(documents={"contacts": [1], "sessions": [22], "other_data": [4]}), archive="work"
    )

    found = changed_documents(memory.vault, first, second)

    assert [(each.name, each.kind, each.size_before, each.size_after) for each in found] == [
        ("other_data", DocumentChangeKind.NEW, None, 3),
        ("sessions", DocumentChangeKind.CHANGED, 3, 4),
        ("stories", DocumentChangeKind.GONE, 3, None),
    ]


@st.composite
def observations(draw: st.DrawFn) -> list[tuple[int, list[Message]]]:
    """Runs of one chat, at days in any order."""
    message = st.builds(_message, st.integers(0, 12), st.sampled_from("abc"), st.sampled_from(["Ada", "Ada L"]))
    messages = st.lists(message, max_size=10, unique_by=lambda each: each.id or 0)
    days = draw(st.lists(st.integers(-5, 5), min_size=2, max_size=4))
    return [(day, sorted(draw(messages), key=lambda each: each.id or 0)) for day in days]


def _message(number: int, text: str, name: str) -> Message:
    return said(number, text, **{"from": name})


def back_up_all(runs: Sequence[tuple[int, list[Message]]]) -> tuple[MemoryVault, list[Snapshot]]:
    memory = MemoryVault()
    made = []
    for shift, messages in runs:
        chat = FakeChat(messages, covered=[(0, 100)])
        made.append(memory.back_up(FakeSource([chat], at=START + timedelta(days=shift)), time=START))
    return memory, made


def naively(memory: MemoryVault, first: Snapshot, second: Snapshot) -> dict[tuple[str, int], str]:
    """Compare two snapshots that are read from end to end."""
    before, after = _everything(memory, first), _everything(memory, second)
    found = {}
    for at in sorted(before.keys() | after.keys()):
        kind = _naive_kind(before.get(at), after.get(at))
        if kind is not None:
            found[at] = kind
    return found


def _everything(memory: MemoryVault, snapshot: Snapshot) -> dict[tuple[str, int], ReadMessage]:
    reader = memory.reader(snapshot)
    return {(chat.key, each.id): each for chat in reader.chats() for each in reader.messages(chat)}


def _naive_kind(one: ReadMessage | None, other: ReadMessage | None) -> str | None:
    was = "absent" if one is None else "gone" if one.gone else "there"
    is_ = "absent" if other is None else "gone" if other.gone else "there"
    if was != is_:
        table = {("absent", "there"): "new", ("gone", "there"): "back", ("gone", "absent"): None}
        return table.get((was, is_), "gone")
    assert one is not None
    assert other is not None
    if one.body == other.body:
        known = {one.body, *(bytes(each.body) for each in one.earlier)}
        return "found" if {bytes(each.body) for each in other.earlier} - known else None
    edited = compare(Stored(one.id, one.body, {}), Stored(other.id, other.body, {})).edited
    return "edited" if edited else "updated"


@given(runs=observations())
def test_a_diff_is_what_comparing_everything_gives(runs: list[tuple[int, list[Message]]]) -> None:
    memory, made = back_up_all(runs)

    for first in made:
        for second in made:
            assert kinds(memory, first, second) == naively(memory, first, second)


@given(runs=observations())
def test_a_diff_of_following_snapshots_has_the_numbers_of_the_run(runs: list[tuple[int, list[Message]]]) -> None:
    in_order = [(number, messages) for number, (_, messages) in enumerate(runs)]
    memory, made = back_up_all(in_order)

    for first, second in itertools.pairwise(made):
        told, report = summarise(memory.vault, first, second).numbers, memory.report_of(second).messages

        assert (told.new, told.gone, told.back) == (report.new, report.gone, report.back)
        # A text that a message had before is no new version of it.
        assert told.edited >= report.edited


def test_a_small_change_of_a_long_chat_is_found_without_reading_it(memory: MemoryVault) -> None:
    old = [said(number, f"text {number}") for number in range(1, 8001)]
    new = [said(5000, "edited") if each.id == 5000 else each for each in old]
    first, second = memory.observe(day(*old), day(*new))
    read: list[bytes] = []
    load = memory.vault.reader.load
    object.__setattr__(memory.vault.reader, "load", lambda blob: read.append(blob) or load(blob))

    assert kinds(memory, first, second) == {("user:1", 5000): "edited"}
    assert len(read) < 12
