from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tgvault.api import Chat, ChatKind, Finding, FindingKind, chat_key
from tgvault.state.database import Database, Form
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger import listings
from tgvault_plugins.takeout.ledger.documents import PIECE
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.schema import SCHEMA, VERSION
from tgvault_plugins.takeout.ledger.values import (
    FORMER,
    OWN,
    ChatRow,
    Cursor,
    FileRow,
    FileState,
    ListedRow,
    Peer,
    PutOff,
    Ref,
    Row,
)


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

    assert ledger.messages.places([1, 2, 3]) == [(ben, 1)]


def test_a_message_of_a_former_group_is_found_where_it_is_now(ledger: Ledger) -> None:
    club = put(ledger, 9, ChatKind.CHANNEL)
    ledger.messages.add(club, [Row(-93, b"a")], account_wide=True, shift=-100)

    assert ledger.messages.places([7, -93]) == [(club, -93)]


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
    ledger.chats.set_cursor(chat, 1, Cursor(7, 9))
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
    assert (ledger.fact("snapshot"), ledger.round, ledger.chats.cursor(chat, 1)) == (b"aa", 2, Cursor(7, 9))
    assert [ledger.files.get(name) is not None for name in ("wanted", "whole", "gone")] == [True, False, True]
    assert [ledger.files.parts(name) for name in ("wanted", "whole", "gone")] == [{0: 4}, {}, {0: 4}]


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
    for chat, part in ((ben, OWN), (channel, OWN), (channel, FORMER)):
        ledger.chats.set_cursor(chat, part, Cursor(7, 5))

    ledger.chats.rewind_account_wide()

    again = Cursor(-1, 7)
    assert (ledger.chats.cursor(ben, OWN), ledger.chats.cursor(channel, FORMER)) == (again, again)
    assert ledger.chats.cursor(channel, OWN) == Cursor(7, 5)


def test_a_channel_is_read_again_without_the_group_that_it_once_was(ledger: Ledger) -> None:
    channel = put(ledger, 9, ChatKind.CHANNEL)
    for part in (FORMER, OWN):
        ledger.chats.set_cursor(channel, part, Cursor(7, 9, own=True, since=4))

    ledger.chats.rewind(channel)

    assert ledger.chats.cursor(channel, FORMER) == Cursor(7, 9, own=True, since=4)
    assert ledger.chats.cursor(channel, OWN) == Cursor(-1, 9, own=True, since=4)


def test_a_chat_is_found_by_its_peer_whatever_it_is_to_the_archive(ledger: Ledger) -> None:
    row = a_chat(9, ChatKind.USER)
    number = ledger.chats.put(msgspec.structs.replace(row, peer=Peer("channel", 9)), position=0, round_=1)

    assert ledger.chats.with_peer(Peer("channel", 9)) == number
    assert ledger.chats.with_peer(Peer("user", 9)) is None


def test_a_file_that_could_not_be_had_is_given_up_once_nothing_speaks_of_it(ledger: Ledger) -> None:
    chat = put(ledger)
    for name, state in (("missing", FileState.MISSING), ("shared", FileState.MISSING), ("whole", FileState.WHOLE)):
        ledger.files.put(FileRow(a_file(name), state))
        ledger.files.add_part(name, 0, b"part")
        ledger.files.add_origin(name, chat, 1)
    ledger.files.add_origin("shared", chat, 2)

    ledger.remove([(chat, 1)])

    assert [ledger.files.get(name) is None for name in ("missing", "shared", "whole")] == [True, False, False]
    assert [bool(ledger.files.parts(name)) for name in ("missing", "shared", "whole")] == [False, True, True]


def test_what_a_message_speaks_of_still_is_not_given_up_when_it_was_asked_for(ledger: Ledger) -> None:
    chat = put(ledger)
    for name in ("old", "new"):
        ledger.files.put(FileRow(a_file(name), FileState.WANTED))
        ledger.files.add_origin(name, chat, 1)
    ledger.messages.add(chat, [Row(1, b"a", (Ref("photo", "new"),))], account_wide=True)

    ledger.was_asked(chat, [1, 2], gone=[2])

    assert (ledger.files.get("old"), ledger.files.get("new") is not None) == (None, True)
    assert ledger.messages.removed(chat) == [2]


def test_what_the_vault_lost_is_wanted_again(ledger: Ledger) -> None:
    for name, state in (("packed", FileState.PACKED), ("lost", FileState.PACKED), ("whole", FileState.WHOLE)):
        ledger.files.put(FileRow(a_file(name), state))

    ledger.files.begin_giving(lambda file: file.name != "lost")

    states = {name: row.state for name in ("packed", "lost", "whole") if (row := ledger.files.get(name))}
    assert states == {"packed": FileState.KNOWN, "lost": FileState.WANTED, "whole": FileState.WHOLE}


def test_messages_behind_one_are_found_whose_files_are_waited_for(ledger: Ledger) -> None:
    chat = put(ledger)
    for number, state in ((1, FileState.WANTED), (3, FileState.WHOLE), (4, FileState.WANTED), (5, FileState.WANTED)):
        ledger.files.put(FileRow(a_file(f"{number}"), state))
        ledger.files.add_origin(f"{number}", chat, number)

    assert ledger.files.waiting(chat, 3, limit=2) == [3, 4]


def test_starting_over_leaves_nothing_but_the_session(ledger: Ledger) -> None:
    put(ledger)
    ledger.set_fact("takeout", 5)
    ledger.settle("aa")

    ledger.start_over()

    assert (ledger.fact("snapshot"), ledger.number("takeout"), ledger.chats.told(1)) == (None, 5, [])


@pytest.mark.parametrize(
    ("since", "until", "own", "taken_up"),
    [
        (0, None, False, [1, 2, 3, 4]),
        (200, None, False, [2, 3, 4]),
        (0, 200, False, [1, 4]),
        (0, None, True, [1, 3, 4]),
        (500, 600, True, [4]),
    ],
)
def test_what_was_put_off_is_asked_for_when_it_is_wanted(
    ledger: Ledger, since: int, until: int | None, own: bool, taken_up: list[int]
) -> None:
    chat = put(ledger)
    rows = [PutOff(1, 100, False), PutOff(2, 200, True), PutOff(3, 300, False), PutOff(4, None, False)]
    ledger.messages.add_todo((chat, row.id) for row in rows)
    ledger.was_asked(chat, [row.id for row in rows], gone=(), put_off=rows)

    before = ledger.messages.todo(chat, 10)
    ledger.messages.take_up(chat, since=since, until=until, own=own)

    assert (before, ledger.messages.todo(chat, 10)) == ([], taken_up)
    ledger.messages.take_up(chat, since=0, until=None, own=False)
    assert ledger.messages.todo(chat, 10) == [1, 2, 3, 4]


@pytest.mark.parametrize("how", ["read", "removed"])
def test_what_was_put_off_and_came_otherwise_is_not_asked_for(ledger: Ledger, how: str) -> None:
    chat = put(ledger)
    ledger.was_asked(chat, [1], gone=(), put_off=[PutOff(1, 100, False)])

    if how == "read":
        ledger.messages.add(chat, [Row(1, b"{}")], account_wide=True)
    else:
        ledger.remove([(chat, 1)])
    ledger.messages.take_up(chat, since=0, until=None, own=False)

    assert ledger.messages.todo(chat, 10) == []


def test_files_of_what_is_put_off_are_left_out_unless_something_else_speaks_of_them(ledger: Ledger) -> None:
    chat = put(ledger)
    for name, state in (("wanted", FileState.WANTED), ("missing", FileState.MISSING), ("shared", FileState.WANTED)):
        ledger.files.put(FileRow(a_file(name), state))
        ledger.files.add_part(name, 0, b"part")
        ledger.files.add_origin(name, chat, 1)
    ledger.files.add_origin("shared", chat, 2)

    ledger.was_asked(chat, [1], gone=(), put_off=[PutOff(1, 100, False)])
    ledger.files.ask_again(left_out_names=["wanted", "missing"])

    states = [row.state for name in ("wanted", "missing", "shared") if (row := ledger.files.get(name))]
    assert states == [FileState.LEFT_OUT, FileState.LEFT_OUT, FileState.WANTED]
    assert (ledger.messages.todo(chat, 10), ledger.files.parts("wanted")) == ([2], {0: 4})


def test_earlier_texts_of_what_is_pending_are_told_until_they_are_safe(ledger: Ledger) -> None:
    chat = put(ledger)
    first, other = b'{"text":"a"}', b'{"text":"b","edited_unixtime":"5"}'
    for body in (first, b'{"views":2,"text":"a"}', other, b'{"text":"b","edited_unixtime":"6"}'):
        ledger.messages.add(chat, [Row(1, body, (Ref("photo", "x"),)), Row(2, b'{"text":"c"}')], account_wide=True)

    turns = ledger.messages.turns(chat)

    assert [turn[:3] for turn in turns] == [(1, 1, 1), (2, 1, 1)]
    # What only more people saw is no other text.
    assert [list(ledger.messages.earlier(chat, turn[0])) for turn in turns] == [
        [Row(1, b'{"views":2,"text":"a"}', (Ref("photo", "x"),))],
        [Row(1, other, (Ref("photo", "x"),))],
    ]
    ledger.settle("aa")
    assert ledger.messages.turns(chat) == []


def test_pending_messages_that_a_page_lacks_are_gone_once_they_are_safe(ledger: Ledger) -> None:
    chat = put(ledger)
    ledger.messages.add(chat, [Row(each, b"{}") for each in range(1, 7)], account_wide=True)

    ledger.messages.add_lacking(chat, 2, 5, page={2, 4})
    now = ledger.messages.removed(chat)
    ledger.settle("aa")

    assert (now, ledger.messages.removed(chat)) == ([], [3, 5])


def test_a_message_whose_file_is_wanted_still_is_kept_and_is_not_pending(ledger: Ledger) -> None:
    chat = put(ledger)
    ledger.messages.add(chat, [Row(1, b"a", (Ref("photo", "x"),)), Row(2, b"b")], account_wide=True)
    ledger.files.put(FileRow(a_file("x"), FileState.WANTED))
    ledger.files.add_origin("x", chat, 1)

    ledger.settle("s1")

    assert (list(ledger.messages.sizes(chat)), ledger.has_pending()) == ([(1, 1)], False)
    ledger.drop_waiting()
    assert list(ledger.messages.sizes(chat)) == []


def test_what_is_kept_for_its_files_is_not_dropped_where_more_is_pending(ledger: Ledger) -> None:
    chat = put(ledger)
    ledger.messages.add(chat, [Row(1, b"a", (Ref("photo", "x"),))], account_wide=True)
    ledger.files.put(FileRow(a_file("x"), FileState.WANTED))
    ledger.files.add_origin("x", chat, 1)
    ledger.settle("s1")

    ledger.messages.add(chat, [Row(2, b"b")], account_wide=True)
    ledger.drop_waiting()

    assert (list(ledger.messages.sizes(chat)), ledger.has_pending()) == ([(1, 1), (2, 1)], True)


def test_a_document_is_given_as_it_was_put_last_whatever_its_size(ledger: Ledger) -> None:
    large = Row(0, bytes(range(256)) * (PIECE // 100), (Ref("photo", "a"),))
    ledger.documents.put("later", 1, Row(0, b"{}"))
    ledger.documents.put("contacts", 0, large)
    assert dict(ledger.documents.every()) == {"contacts": large, "later": Row(0, b"{}")}
    ledger.documents.put("contacts", 2, Row(0, b"[]"))

    assert list(ledger.documents.every()) == [("later", Row(0, b"{}")), ("contacts", Row(0, b"[]"))]
    ledger.settle("snapshot")
    assert list(ledger.documents.every()) == []
    ledger.documents.put("contacts", 0, Row(0, b""))
    assert list(ledger.documents.every()) == [("contacts", Row(0, b""))]


def test_chats_of_a_list_are_given_by_pieces_and_those_that_moved_by_themselves(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "PAGE", 2)
    rows = [ListedRow(row=a_chat(number), told=b"{}", moved=number == 2) for number in range(1, 5)]
    ledger.listings.add(rows)
    given = []
    for page in ledger.listings.pages(moved=False):
        given.append([each.row.peer.id for each in page])
        if len(given) == 1:
            ledger.listings.add([ListedRow(row=a_chat(5), told=b"{}")])

    assert list(ledger.listings.pages(moved=True)) == [[rows[1]]]
    assert given == [[1, 3], [4, 5]]
    ledger.listings.clear()
    assert list(ledger.listings.pages(moved=False)) == []
