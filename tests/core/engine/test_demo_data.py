from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tgvault.config.table import Table
from tgvault.contracts.source import Source
from tgvault.engine.changes import ChangeKind
from tgvault.engine.demo_data import DemoExport, write_first_export, write_second_export
from tgvault.engine.diff import summarise
from tgvault.errors import UsageError
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.vault.opened import Snapshot
from vault_support import MemoryVault

EDITED = 3
DELETED = 1
LATER = 24


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoExport, DemoExport]:
    folder = tmp_path_factory.mktemp("demo")
    return write_first_export(folder / "first"), write_second_export(folder / "second")


def result(export: DemoExport) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((export.folder / "result.json").read_text(encoding="utf-8"))
    return loaded


def by_id(export: DemoExport) -> dict[tuple[int, int], dict[str, Any]]:
    chats = result(export)["chats"]["list"]
    return {(chat["id"], message["id"]): message for chat in chats for message in chat["messages"]}


def files(export: DemoExport) -> dict[str, bytes]:
    every = (path for path in export.folder.rglob("*") if path.is_file())
    return {path.relative_to(export.folder).as_posix(): path.read_bytes() for path in every}


def paths(value: object) -> Iterator[str]:
    """Every path that a document speaks of."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"photo", "file", "contact_vcard"} and "/" in inner:
                yield inner
            else:
                yield from paths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner)


def backed_up(memory: MemoryVault, export: DemoExport) -> Snapshot:
    spec: PluginSpec[Source] = Host().source_spec("desktop-export", Table.given({"path": str(export.folder)}))
    with closing(build(spec)) as source:
        return memory.back_up(source)


def test_there_are_about_three_hundred_messages_in_four_chats(exports: tuple[DemoExport, DemoExport]) -> None:
    first, second = exports

    assert (first.chats, second.chats) == (4, 4)
    assert (first.messages, second.messages) == (len(by_id(first)), len(by_id(second)))
    assert (first.messages, second.messages) == (280, 280 + LATER - DELETED)


def test_each_run_writes_the_same_bytes(exports: tuple[DemoExport, DemoExport], tmp_path: Path) -> None:
    first, second = exports

    assert files(write_first_export(tmp_path / "1")) == files(first)
    assert files(write_second_export(tmp_path / "2")) == files(second)


def test_the_second_has_later_messages_edits_and_a_deletion_and_nothing_else(
    exports: tuple[DemoExport, DemoExport],
) -> None:
    before, after = by_id(exports[0]), by_id(exports[1])
    changed = [at for at in before.keys() & after.keys() if before[at] != after[at]]

    assert len(before.keys() - after.keys()) == DELETED
    assert len(after.keys() - before.keys()) == LATER
    assert len(changed) == EDITED
    assert all("edited_unixtime" in after[at] and after[at]["text"] != before[at]["text"] for at in changed)
    assert {name for name in result(exports[0]) if result(exports[0])[name] != result(exports[1])[name]} == {"chats"}


def test_the_second_has_one_new_photo_and_all_files_of_the_first(exports: tuple[DemoExport, DemoExport]) -> None:
    first, second = files(exports[0]), files(exports[1])
    del first["result.json"], second["result.json"]

    assert first.items() < second.items()
    (new,) = second.keys() - first.keys()
    assert new.endswith(".jpg")


def test_every_file_is_spoken_of_and_every_path_leads_to_a_file(exports: tuple[DemoExport, DemoExport]) -> None:
    for export in exports:
        named = set(paths(result(export)))

        assert named == files(export).keys() - {"result.json"}
        assert export.files == len(named)


def test_files_are_what_their_names_say(exports: tuple[DemoExport, DemoExport]) -> None:
    starts = {".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG", ".ogg": b"OggS", ".vcard": b"BEGIN:VCARD", ".txt": b"1. "}

    for name, data in files(exports[1]).items():
        assert data.startswith(starts.get(Path(name).suffix, b"{\n"))


def test_sizes_stand_as_they_are(exports: tuple[DemoExport, DemoExport]) -> None:
    there = files(exports[1])

    for message in by_id(exports[1]).values():
        for name, size in (("photo", "photo_file_size"), ("file", "file_size")):
            if message.get(name) in there:
                assert message[size] == len(there[message[name]])


def test_the_file_is_written_as_telegram_desktop_writes_it(exports: tuple[DemoExport, DemoExport]) -> None:
    text = (exports[0].folder / "result.json").read_bytes()

    assert text.startswith(b'{\n "about": "')
    assert b'\n   {\n    "name": "Ben",\n    "type": "personal_chat",\n    "id": 1000002,\n    "messages": [\n' in text
    assert text.endswith(b"\n }\n}")
    assert "⛰".encode() in text


def test_ids_ascend_with_time_over_all_chats(exports: tuple[DemoExport, DemoExport]) -> None:
    rows = sorted((message["id"], int(message["date_unixtime"])) for message in by_id(exports[1]).values())

    assert [time for _, time in rows] == sorted(time for _, time in rows)
    assert len({number for number, _ in rows}) == len(rows)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        write_first_export(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_backed_up_one_after_the_other_they_differ_by_what_was_changed(exports: tuple[DemoExport, DemoExport]) -> None:
    memory = MemoryVault()
    first, second = (backed_up(memory, export) for export in exports)

    told = summarise(memory.vault, first, second, listed={ChangeKind.EDITED, ChangeKind.GONE})

    assert (told.numbers.new, told.numbers.edited, told.numbers.gone) == (LATER, EDITED, DELETED)
    assert (told.numbers.updated, told.numbers.filled, told.documents) == (0, 0, [])
    before, after = by_id(exports[0]), by_id(exports[1])
    listed = {(chat.chat.id, change.id) for chat in told.chats for change in chat.messages}
    assert listed == {at for at in before if before[at] != after.get(at)}


def test_nothing_in_them_is_unknown_or_lost(exports: tuple[DemoExport, DemoExport]) -> None:
    memory = MemoryVault()

    snapshot = backed_up(memory, exports[1])

    assert memory.report_of(snapshot).findings == []
    assert memory.report_of(snapshot).messages.total == exports[1].messages
