from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from restore_support import files_below, restored, restored_chats, restored_messages, result
from tgvault.engine.selecting import Selection
from tgvault.model.findings import FindingKind
from tgvault.model.records import Chat, ChatKind, MediaRef, Message, chat_key
from vault_support import START, FakeChat, FakeSource, MemoryVault, pictured, said

PHOTO = "chats/photos/a.jpg"


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def day(*messages: Message, **fields: object) -> FakeChat:
    return FakeChat(messages, covered=[(0, 10_000)], **fields)  # type: ignore[arg-type]


def test_all_messages_come_back_as_the_source_said_them(memory: MemoryVault, tmp_path: Path) -> None:
    messages = [said(number, f"text {number}") for number in range(1, 500)]
    memory.observe(messages)

    report = restored(memory, tmp_path / "out")

    (chat,) = result(tmp_path / "out")["chats"]["list"]
    assert [(each["id"], each["text"]) for each in chat["messages"]] == [
        (number, f"text {number}") for number in range(1, 500)
    ]
    assert (chat["name"], chat["type"], chat["id"]) == ("Ben", "personal_chat", 1)
    assert (report.chats, report.messages, report.gone, report.losses) == (1, 499, 0, 0)


def test_gone_messages_stand_in_their_places_and_are_marked(memory: MemoryVault, tmp_path: Path) -> None:
    everything = [said(number, "x") for number in range(1, 400)]
    memory.observe(day(*everything), day(*(each for each in everything if each.id not in {1, 200, 399})))

    report = restored(memory, tmp_path / "out")

    messages = restored_messages(tmp_path / "out")
    assert list(messages) == list(range(1, 400))
    assert {number for number, each in messages.items() if "tgvault" in each} == {1, 200, 399}
    assert messages[200]["tgvault"] == {"gone": {"seen": "2026-01-01T12:00:00Z", "missed": "2026-01-02T12:00:00Z"}}
    assert (report.messages, report.gone) == (399, 3)


def test_earlier_texts_stand_in_the_message(memory: MemoryVault, tmp_path: Path) -> None:
    memory.observe(day(said(1, "a"), said(2, "x")), day(said(1, "b"), said(2, "x")), day(said(1, "c"), said(2, "x")))

    restored(memory, tmp_path / "out")

    messages = restored_messages(tmp_path / "out")
    assert messages[1]["text"] == "c"
    assert [each["body"]["text"] for each in messages[1]["tgvault"]["earlier"]] == ["a", "b"]
    assert "tgvault" not in messages[2]


def test_every_chat_has_a_folder_of_its_own(memory: MemoryVault, tmp_path: Path) -> None:
    chats = [FakeChat([pictured(1, "a.jpg")], id=number) for number in range(1, 13)]
    memory.back_up(FakeSource(chats, files={PHOTO: b"abc"}))

    restored(memory, tmp_path / "out")

    paths = [chat["messages"][0]["photo"] for chat in restored_chats(tmp_path / "out").values()]
    assert len(set(paths)) == 12
    assert sorted(paths) == sorted(files_below(tmp_path / "out"))
    assert sorted(paths)[0] == "chats/chat_01/photos/a.jpg"


def test_files_of_one_name_and_two_contents_get_names_of_their_own(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource([FakeChat([pictured(1, "a.jpg")])], files={PHOTO: b"first"}))
    memory.back_up(FakeSource([FakeChat([pictured(2, "a.jpg")])], files={PHOTO: b"second"}, at=START + timedelta(1)))

    report = restored(memory, tmp_path / "out")

    files = files_below(tmp_path / "out")
    photos = {number: files[each["photo"]] for number, each in restored_messages(tmp_path / "out").items()}
    assert photos == {1: b"first", 2: b"second"}
    assert (report.files, report.bytes, report.losses) == (2, 11, 0)


def test_a_file_that_an_older_run_had_fills_the_gap(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource([day(pictured(1, "a.jpg"))], files={PHOTO: b"abc"}))
    memory.back_up(FakeSource([day(pictured(1, None))], at=START + timedelta(1)))

    restored(memory, tmp_path / "out")

    message = restored_messages(tmp_path / "out")[1]
    assert files_below(tmp_path / "out")[message["photo"]] == b"abc"
    assert message["tgvault"] == {"filled": ["photo"]}


def test_documents_and_files_that_nothing_refers_to_come_back(memory: MemoryVault, tmp_path: Path) -> None:
    documents = {"contacts": {"list": [1, 2]}, "other_data": None}
    memory.back_up(FakeSource([FakeChat([said(1, "a")])], documents, files={"lists/x.json": b"[]"}))

    restored(memory, tmp_path / "out")

    found = result(tmp_path / "out")
    assert {name: found[name] for name in documents} == documents
    assert files_below(tmp_path / "out") == {"lists/x.json": b"[]"}


def test_an_archive_without_a_chat_is_an_empty_list(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource())

    report = restored(memory, tmp_path / "out")

    assert result(tmp_path / "out") == {"chats": {"about": "Restored by tgvault.", "list": []}}
    assert report.chats == 0


class Bracketless(FakeChat):
    """A chat that its source gave without a list of messages."""

    def chat(self) -> Chat:
        return msgspec.structs.replace(super().chat(), opening=b'{"name":"Ben","id":1', closing=b"}")


def test_a_chat_whose_newest_export_has_no_list_of_messages_gets_one(memory: MemoryVault, tmp_path: Path) -> None:
    memory.observe(FakeChat([said(1, "a")]), Bracketless([]))

    restored(memory, tmp_path / "out")

    assert restored_messages(tmp_path / "out")[1]["text"] == "a"


def test_messages_without_ids_come_back_in_their_order(memory: MemoryVault, tmp_path: Path) -> None:
    messages = [Message(None, b'{"type":"message","text":"%d"}' % number) for number in range(1000)]
    memory.back_up(FakeSource([FakeChat(messages)]))

    report = restored(memory, tmp_path / "out")

    (chat,) = result(tmp_path / "out")["chats"]["list"]
    assert [int(each["text"]) for each in chat["messages"]] == list(range(1000))
    assert report.messages == 1000


def test_a_message_without_an_id_is_chosen_by_its_place_in_the_chat(memory: MemoryVault, tmp_path: Path) -> None:
    messages = [Message(None, b'{"type":"message","text":"%d"}' % number) for number in range(1, 1001)]
    memory.back_up(FakeSource([FakeChat(messages)]))

    restored(memory, tmp_path / "out", selection=Selection(messages=frozenset({1, 700})))

    (chat,) = result(tmp_path / "out")["chats"]["list"]
    assert [each["text"] for each in chat["messages"]] == ["1", "700"]


def test_only_what_is_chosen_is_restored(memory: MemoryVault, tmp_path: Path) -> None:
    chats = [FakeChat([pictured(1, "a.jpg"), said(2, "b"), said(3, "c")], id=number) for number in (1, 2)]
    memory.back_up(FakeSource(chats, {"contacts": []}, files={PHOTO: b"abc", "lists/x.json": b"[]"}))
    chosen = Selection(chats=frozenset({chat_key(ChatKind.USER, 2)}), messages=frozenset({1, 3}))

    report = restored(memory, tmp_path / "out", selection=chosen)

    assert list(result(tmp_path / "out")) == ["chats"]
    assert list(restored_chats(tmp_path / "out")) == [2]
    assert list(restored_messages(tmp_path / "out", 2)) == [1, 3]
    assert files_below(tmp_path / "out") == {"chats/chat_2/photos/a.jpg": b"abc"}
    assert (report.chats, report.messages) == (1, 2)


def test_dates_choose_gone_messages_by_their_last_text(memory: MemoryVault, tmp_path: Path) -> None:
    everything = [said(number * 86_400, "x") for number in range(1, 10)]
    memory.observe(FakeChat(everything, covered=[(0, 10**6)]), FakeChat(everything[::2], covered=[(0, 10**6)]))
    since, until = datetime(1970, 1, 4, tzinfo=UTC), datetime(1970, 1, 6, tzinfo=UTC)

    report = restored(memory, tmp_path / "out", selection=Selection(since=since, until=until))

    assert list(restored_messages(tmp_path / "out")) == [3 * 86_400, 4 * 86_400]
    assert (report.messages, report.gone) == (2, 1)


def test_a_text_that_begins_like_our_mark_for_folders_is_left_alone(memory: MemoryVault, tmp_path: Path) -> None:
    memory.observe([said(1, "{chat}{chat}/x"), said(2, "a")])

    restored(memory, tmp_path / "out")

    assert restored_messages(tmp_path / "out")[1]["text"] == "{chat}/x"


def test_a_path_that_is_not_written_by_the_folder_of_the_chat_leads_to_the_file_all_the_same(
    memory: MemoryVault, tmp_path: Path
) -> None:
    bodies = (b'{"id":1,"photo":"chats\\/photos\\/a.jpg"}', b'{"id":1,"photo":"chats/photos/a.jpg"}')
    chats = [FakeChat([Message(1, body, (MediaRef("photo", PHOTO),))], id=number) for number, body in enumerate(bodies)]
    memory.back_up(FakeSource(chats, files={PHOTO: b"abc"}))

    restored(memory, tmp_path / "out")

    paths = {restored_messages(tmp_path / "out", number)[1]["photo"] for number in range(2)}
    assert paths == files_below(tmp_path / "out").keys() == {PHOTO}


def test_the_files_that_a_hostile_path_names_are_left_out_and_told(memory: MemoryVault, tmp_path: Path) -> None:
    message = Message(1, said(1, "", file="../x").body, ())
    memory.back_up(FakeSource([FakeChat([message])], files={"../../x": b"abc", "/etc/x": b"abc"}))

    report = restored(memory, tmp_path / "deep" / "out")

    assert [(each.kind, each.subject) for each in report.findings] == [
        (FindingKind.REFUSED_PATH, "../../x"),
        (FindingKind.REFUSED_PATH, "/etc/x"),
    ]
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"result.json"}
