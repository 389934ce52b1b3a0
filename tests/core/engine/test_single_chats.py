"""Exports of single chats, one after another in one archive: their files have the same names in every one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from export_support import NOT_INCLUDED, Export, Picture, Said, Talk
from restore_support import DiskVault, files_below, restored_chats, restored_messages
from tgvault.engine.selecting import Selection
from tgvault.model.records import ChatKind, chat_key

BEN, CARLA = chat_key(ChatKind.USER, 5), chat_key(ChatKind.USER, 6)


def one(content: bytes | None) -> Picture:
    return Picture("photos/photo_1@14-11-2024_11-12-56.jpg", content)


def export(number: int, *messages: Said) -> Export:
    return Export((Talk(number, "personal_chat", f"Chat {number}", messages),), single=True)


@pytest.fixture
def vault(tmp_path: Path) -> DiskVault:
    vault = DiskVault(tmp_path / "vault")
    exports = [
        export(5, Said(1, "first", one(b"Ben's first")), Said(2, "b")),
        export(6, Said(1, "c", one(b"Carla's"))),
        export(5, Said(2, "b"), Said(3, "third", one(b"Ben's third")), Said(4, "", one(b"Ben's third"))),
        export(6, Said(1, "c", other=NOT_INCLUDED), Said(9, "d")),
    ]
    for at, each in enumerate(exports, start=1):
        vault.back_up(each.write(tmp_path / f"export {at}"), observed_at=f"2026-0{at}-01T00:00:00Z")
    return vault


def contents(out: Path, chat: int) -> dict[int, bytes]:
    """The content of each message's photo."""
    files = files_below(out)
    return {number: files[each["photo"]] for number, each in restored_messages(out, chat).items() if "photo" in each}


def test_files_of_one_name_keep_their_contents_and_bodies_say_their_new_names(vault: DiskVault, tmp_path: Path) -> None:
    report = vault.restore(tmp_path / "out")

    assert contents(tmp_path / "out", 5) == {1: b"Ben's first", 3: b"Ben's third", 4: b"Ben's third"}
    assert contents(tmp_path / "out", 6) == {1: b"Carla's"}
    assert report.files == len(files_below(tmp_path / "out")) == 3
    assert report.losses == 0


def test_what_only_an_older_export_included_is_told(vault: DiskVault, tmp_path: Path) -> None:
    vault.restore(tmp_path / "out")

    assert restored_messages(tmp_path / "out", 6)[1]["tgvault"] == {"filled": ["photo"]}


def test_a_chat_that_an_export_is_not_of_stays_as_it_was(vault: DiskVault, tmp_path: Path) -> None:
    vault.restore(tmp_path / "out", snapshot=1)

    assert {number: list(chat["messages"]) != [] for number, chat in restored_chats(tmp_path / "out").items()} == {
        5: True,
        6: True,
    }
    assert not [each for each in restored_messages(tmp_path / "out", 5).values() if "tgvault" in each]


def test_each_run_comes_back_as_it_was(vault: DiskVault, tmp_path: Path) -> None:
    for at in range(4):
        vault.restore(tmp_path / str(at), snapshot=at, exact=True)

    names = [sorted(files_below(tmp_path / str(at))) for at in range(4)]
    assert names == [[one(None).path], [one(None).path], [one(None).path], []]
    assert files_below(tmp_path / "2") == {one(None).path: b"Ben's third"}


@pytest.mark.parametrize(
    ("selection", "messages", "files"),
    [
        (Selection(chats=frozenset({CARLA})), {6: [1, 9]}, {b"Carla's"}),
        (Selection(chats=frozenset({BEN}), messages=frozenset({3, 77})), {5: [3]}, {b"Ben's third"}),
        (Selection(messages=frozenset({1})), {5: [1], 6: [1]}, {b"Ben's first", b"Carla's"}),
        (Selection(since=datetime.fromtimestamp(1_600_000_003, UTC)), {5: [3, 4], 6: [9]}, {b"Ben's third"}),
        (
            Selection(chats=frozenset({BEN}), until=datetime.fromtimestamp(1_600_000_003, UTC)),
            {5: [1, 2]},
            {b"Ben's first"},
        ),
        (Selection(chats=frozenset({chat_key(ChatKind.CHANNEL, 5)})), {}, set()),
    ],
)
def test_what_is_chosen_comes_with_its_files_and_nothing_else(
    vault: DiskVault, tmp_path: Path, selection: Selection, messages: dict[int, list[int]], files: set[bytes]
) -> None:
    report = vault.restore(tmp_path / "out", selection=selection)

    chats = restored_chats(tmp_path / "out")
    assert {number: list(restored_messages(tmp_path / "out", number)) for number in chats} == messages
    assert set(files_below(tmp_path / "out").values()) == files
    assert report.messages == sum(map(len, messages.values()))


def test_of_what_is_chosen_the_media_alone_may_be_wanted(vault: DiskVault, tmp_path: Path) -> None:
    vault.restore(tmp_path / "out", selection=Selection(chats=frozenset({BEN})), media_only=True)

    assert not (tmp_path / "out" / "result.json").exists()
    assert sorted(files_below(tmp_path / "out").values()) == [b"Ben's first", b"Ben's third"]


def test_a_chosen_chat_lies_where_it_lies_in_a_restore_of_everything(vault: DiskVault, tmp_path: Path) -> None:
    vault.restore(tmp_path / "all")
    vault.restore(tmp_path / "one", selection=Selection(chats=frozenset({CARLA})))

    assert files_below(tmp_path / "one").items() <= files_below(tmp_path / "all").items()
