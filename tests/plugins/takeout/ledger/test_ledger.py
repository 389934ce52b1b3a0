from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tgvault.api import Chat, ChatKind, Finding, FindingKind, chat_key
from tgvault.state.database import Database, Form
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.schema import SCHEMA, VERSION
from tgvault_plugins.takeout.ledger.values import ChatRow, Cursor, FileRow, FileState, Peer, Ref, Row


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database.open(tmp_path / "store.db", key="ab" * 32, form=Form(SCHEMA, VERSION))
    yield Ledger(database)
    database.close()


def a_chat(number: int, kind: ChatKind = ChatKind.USER, *, pts: int | None = None, title: str = "Ben") -> ChatRow:
    chat = Chat(chat_key(kind, number), kind, number, "personal_chat", title)
    return ChatRow(chat=chat, peer=Peer(kind.value, number, 77), pts=pts)


def a_file(name: str, size: int = 5) -> RemoteFile:
    return RemoteFile(field="photo", path=f"{{chat}}/photos/{name}", kind=FileKind.PHOTOS, name=name, size=size, id=1)


def put(ledger: Ledger, number: int = 5, kind: ChatKind = ChatKind.USER) -> int:
    return ledger.chats.put(a_chat(number, kind), position=0, round_=1)


def test_a_chat_that_is_listed_again_keeps_its_number_and_its_state_of_updates(ledger: Ledger) -> None:
    first = ledger.chats.put(a_chat(9, ChatKind.CHANNEL, pts=10), position=3, round_=1)
    second = ledger.chats.put(a_chat(9, ChatKind.CHANNEL, pts=50, title="New"), position=0, round_=2)

    assert (first, ledger.chats.pts(first)) == (second, 10)
    assert ledger.chats.get(first).chat.title == "New"
    assert (ledger.chats.told(1), ledger.chats.told(2)) == ([], [first])


def test_a_message_that_is_fetched_again_replaces_what_is_pending_of_it(ledger: Ledger) -> None:
    chat = put(ledger)
    ledger.messages.add(chat, [Row(2, b"b"), Row(1, b"a")], account_wide=True)
    ledger.messages.add_todo([(chat, 2)])

    ledger.messages.add(chat, [Row(2, b"new", (Ref("photo", "x.jpg"),))], account_wide=True)

    assert list(ledger.messages.between(chat, 1, 2)) == [Row(1, b"a"), Row(2, b"new", (Ref("photo", "x.jpg"),))]
    assert (list(ledger.messages.sizes(chat)), ledger.messages.todo(chat, 10)) == ([(1, 1), (2, 3)], [])


def test_the_chat_of_an_account_wide_id_is_found_and_that_of_a_channel_is_not(ledger: Ledger) -> None:
    ben, channel = put(ledger), put(ledger, 9, ChatKind.CHANNEL)
    ledger.messages.add(ben, [Row(1, b"a")], account_wide=True)
    ledger.messages.add(channel, [Row(2, b"a")], account_wide=False)

    assert ledger.messages.places([1, 2, 3]) == {1: ben}


def test_neighbouring_ranges_are_joined(ledger: Ledger) -> None:
    for first, last in ((101, 200), (1, 100), (300, 400), (350, 360)):
        ledger.messages.add_covered(1, first, last)

    assert ledger.messages.covered(1) == [(1, 200), (300, 400)]


def test_what_was_fetched_and_deleted_in_one_round_is_told_as_gone_by_the_next(ledger: Ledger) -> None:
    chat = put(ledger)
    ledger.messages.add(chat, [Row(1, b"a")], account_wide=True)
    ledger.messages.add_removed([(chat, 1), (chat, 2)])

    now = ledger.messages.removed(chat)
    ledger.settle("aa")

    assert (now, ledger.messages.removed(chat)) == ([2], [1])


def test_settling_forgets_what_is_safe_and_keeps_what_is_still_wanted(ledger: Ledger) -> None:
    chat = put(ledger)
    ledger.chats.set_cursor(chat, 1, Cursor(7, 0, 9))
    ledger.messages.add(chat, [Row(1, b"a")], account_wide=True)
    ledger.documents.put("contacts", 0, Row(0, b"{}"))
    ledger.documents.add_findings([Finding(FindingKind.NOTE, "a")])
    for name, state in (("wanted", FileState.WANTED), ("whole", FileState.WHOLE), ("gone", FileState.MISSING)):
        ledger.files.put(FileRow(a_file(name), state))
        ledger.files.add_origin(name, chat, 1)
        ledger.files.add_part(name, 0, b"part")

    ledger.settle("aa")

    assert not ledger.has_pending()
    assert list(ledger.documents.findings()) == []
    assert (ledger.fact("snapshot"), ledger.round, ledger.chats.cursor(chat, 1)) == (b"aa", 2, Cursor(7, 0, 9))
    assert [ledger.files.get(name) is not None for name in ("wanted", "whole", "gone")] == [True, False, True]
    assert [ledger.files.parts(name) for name in ("wanted", "whole", "gone")] == [{0: 4}, {}, {}]


def test_messages_of_missing_and_newly_wanted_files_are_asked_for_again(ledger: Ledger) -> None:
    chat = put(ledger)
    for name, state, message in (
        ("wanted", FileState.WANTED, 1),
        ("missing", FileState.MISSING, 2),
        ("left", FileState.LEFT_OUT, 3),
        ("still left", FileState.LEFT_OUT, 4),
        ("pending", FileState.MISSING, 5),
    ):
        ledger.files.put(FileRow(a_file(name), state))
        ledger.files.add_origin(name, chat, message)
    ledger.messages.add(chat, [Row(5, b"a")], account_wide=True)

    ledger.files.ask_again(left_out_names=["left"])

    assert ledger.messages.todo(chat, 10) == [1, 2, 3]


def test_equal_findings_are_counted(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.documents.add_findings([Finding(FindingKind.UNKNOWN_TYPE, "a", "b", 2)])

    assert list(ledger.documents.findings()) == [Finding(FindingKind.UNKNOWN_TYPE, "a", "b", 6)]


def test_all_files_of_a_state_are_given_while_they_change(ledger: Ledger) -> None:
    for number in range(2500):
        ledger.files.put(FileRow(a_file(f"{number:05}"), FileState.WANTED))

    seen = []
    for row in ledger.files.every(FileState.WANTED):
        seen.append(row.remote.name)
        ledger.files.set_state(row.remote.name, FileState.WHOLE)

    assert seen == [f"{number:05}" for number in range(2500)]
    assert ledger.files.wanted() == (0, 0)


def test_private_chats_are_read_again_and_channels_are_not(ledger: Ledger) -> None:
    ben, channel = put(ledger), put(ledger, 9, ChatKind.CHANNEL)
    for chat in (ben, channel):
        ledger.chats.set_cursor(chat, 1, Cursor(7, 0, 9))

    ledger.chats.rewind_account_wide()

    assert (ledger.chats.cursor(ben, 1), ledger.chats.cursor(channel, 1)) == (None, Cursor(7, 0, 9))


def test_starting_over_leaves_nothing_but_the_session(ledger: Ledger) -> None:
    put(ledger)
    ledger.set_fact("takeout", 5)
    ledger.settle("aa")

    ledger.start_over()

    assert (ledger.fact("snapshot"), ledger.number("takeout"), ledger.chats.told(1)) == (None, 5, [])
