from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from restore_support import elsewhere, files_below, restored, result
from tgvault.archive.lists import leaves
from tgvault.errors import RestoreError
from tgvault.model.findings import FindingKind
from tgvault.model.records import Message
from tgvault.testing import flip_byte, names
from tgvault.vault.packs import pack_name
from vault_support import START, FakeChat, FakeSource, MemoryVault, pictured, said

PHOTO = "chats/photos/a.jpg"


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def test_what_the_archive_knows_besides_is_left_out(memory: MemoryVault, tmp_path: Path) -> None:
    memory.observe(
        FakeChat([said(1, "a"), said(2, "x"), said(3, "y")]), FakeChat([said(1, "b"), said(3, "y")], covered=[(1, 3)])
    )

    report = restored(memory, tmp_path / "out", exact=True)

    (chat,) = [result(tmp_path / "out")]
    assert [(each["id"], each["text"]) for each in chat["messages"]] == [(1, "b"), (3, "y")]
    assert (report.chats, report.messages, report.gone) == (1, 2, 0)
    assert "tgvault" not in (tmp_path / "out" / "result.json").read_text()


def test_each_snapshot_gives_back_its_own_run(memory: MemoryVault, tmp_path: Path) -> None:
    made = memory.observe([said(1, "a")], [said(1, "b")], [said(2, "c")])

    for number, snapshot in enumerate(made):
        restored(memory, tmp_path / str(number), snapshot=snapshot, exact=True)

    texts = [[each["text"] for each in result(tmp_path / str(number))["messages"]] for number in range(3)]
    assert texts == [["a"], ["b"], ["c"]]


def test_files_lie_where_the_source_had_them(memory: MemoryVault, tmp_path: Path) -> None:
    files = {PHOTO: b"abc", "lists/x.json": b"[]"}
    memory.back_up(FakeSource([FakeChat([pictured(1, "a.jpg"), said(2, "b")])], files=files))

    report = restored(memory, tmp_path / "out", exact=True)

    assert files_below(tmp_path / "out") == files
    assert result(tmp_path / "out")["messages"][0]["photo"] == PHOTO
    assert (report.files, report.bytes) == (2, 5)


def test_a_file_that_only_another_run_had_is_not_there(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource([FakeChat([pictured(1, "a.jpg")])], files={PHOTO: b"abc"}))
    memory.back_up(FakeSource([FakeChat([pictured(1, None)])], at=START + timedelta(1)))

    report = restored(memory, tmp_path / "out", exact=True)

    assert result(tmp_path / "out")["messages"][0]["photo"].startswith("(File not included")
    assert files_below(tmp_path / "out") == {}
    assert report.losses == 0


def test_documents_and_several_chats_make_one_document(memory: MemoryVault, tmp_path: Path) -> None:
    documents = {"contacts": {"list": [1]}, "other_data": None}
    chats = [FakeChat([said(1, "a")], id=2), FakeChat([], id=1)]
    memory.back_up(FakeSource(chats, documents))

    restored(memory, tmp_path / "out", exact=True)

    found = result(tmp_path / "out")
    assert {name: found[name] for name in documents} == documents
    assert [chat["id"] for chat in found["chats"]["list"]] == [2, 1]


def test_messages_without_ids_or_order_come_back_as_they_stood(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource([FakeChat([Message(None, b'{"text":"%d"}' % number) for number in (3, 1, 2)])]))

    restored(memory, tmp_path / "out", exact=True)

    assert [each["text"] for each in result(tmp_path / "out")["messages"]] == ["3", "1", "2"]


def test_damaged_messages_are_left_out_and_named(memory: MemoryVault, tmp_path: Path) -> None:
    older = [said(number, "x") for number in range(1, 2000)]
    memory.back_up(FakeSource([FakeChat(older)]))
    old_packs = names(memory.sink, "packs/")
    memory.back_up(FakeSource([FakeChat([*older, said(5000, "y")])], at=START + timedelta(1)))
    for name in old_packs:
        flip_byte(memory.sink, name)

    report = restored(elsewhere(memory), tmp_path / "out", exact=True)

    kept = [each["id"] for each in result(tmp_path / "out")["messages"]]
    assert kept
    assert kept[-1] == 5000
    assert report.losses == 2000 - len(kept)
    assert all(each.kind is FindingKind.LOST for each in report.findings)
    assert all(
        each.subject.startswith("messages ") and each.subject.endswith(" of chat user:1") for each in report.findings
    )


def test_a_document_that_is_damaged_is_null(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource([FakeChat([said(1, "a")])], {"contacts": {"list": ["x" * 100]}}))
    old_packs = names(memory.sink, "packs/")
    memory.back_up(FakeSource([FakeChat([said(1, "b")])], {"contacts": {"list": ["x" * 100]}}, at=START + timedelta(1)))
    for name in old_packs:
        flip_byte(memory.sink, name)

    report = restored(elsewhere(memory), tmp_path / "out", exact=True)

    found = result(tmp_path / "out")
    assert found["contacts"] is None
    assert found["chats"]["list"][0]["messages"][0]["text"] == "b"
    assert [each.subject for each in report.findings] == ["document contacts"]


def test_without_the_order_of_things_there_is_no_exact_restore_and_a_way_out(
    memory: MemoryVault, tmp_path: Path
) -> None:
    memory.observe([said(1, "a")])
    for name in names(memory.sink, "packs/"):
        flip_byte(memory.sink, name)

    with pytest.raises(RestoreError, match="cannot be put in order") as caught:
        restored(elsewhere(memory), tmp_path / "out", exact=True)

    assert "without `--exact`" in str(caught.value.hint)
    assert not (tmp_path / "out").exists()


def test_the_list_of_files_may_be_damaged_too(memory: MemoryVault, tmp_path: Path) -> None:
    memory.back_up(FakeSource([FakeChat([said(1, "a")])], files={f"lists/{number}": b"x" for number in range(40)}))
    snapshot = memory.back_up(
        FakeSource([FakeChat([said(1, "b")])], files={f"lists/{number}": b"x" for number in range(40)}, at=START)
    )
    files = [ref.blob for ref in leaves(snapshot.manifest.files, memory.vault.reader)]
    place = memory.vault.places.find(bytes.fromhex(files[0]))
    assert place is not None
    memory.sink.delete(pack_name(place.digest.hex()))

    report = restored(elsewhere(memory), tmp_path / "out", snapshot=snapshot, exact=True)

    assert result(tmp_path / "out")["messages"][0]["text"] == "b"
    assert any(each.subject.startswith("files lists/") for each in report.findings)
