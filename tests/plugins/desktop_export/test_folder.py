"""An export in a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tgvault.api import HostilePathError, SourceChangedError, UnreadableExportError
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.paths import NOT_PLAIN


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "DataExport_2026-11-22"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos/a.jpg").write_bytes(b"photo")
    (folder / "photos/b.jpg").write_bytes(b"other")
    (folder / "photos/deep").mkdir()
    (folder / "photos/deep/c.jpg").write_bytes(b"")
    (tmp_path / "secret").write_bytes(b"secret")
    return folder


def test_a_file_is_opened_with_its_size_and_stamp(export: Path) -> None:
    root = FolderRoot(export)

    opened = root.open("photos/a.jpg")
    with opened.file as file:
        content = file.read()
    root.close()

    assert content == b"photo"
    assert opened.size == 5
    assert root.stat("photos/a.jpg").stamp == opened.stamp


def test_a_changed_file_has_another_stamp(export: Path) -> None:
    root = FolderRoot(export)
    before = root.stat("photos/a.jpg").stamp
    os.utime(export / "photos/a.jpg", ns=(1, 1))

    after = root.stat("photos/a.jpg").stamp

    assert before != after


def test_a_link_to_a_file_is_refused(export: Path, tmp_path: Path) -> None:
    (export / "photos/link.jpg").symlink_to(tmp_path / "secret")

    with pytest.raises(HostilePathError):
        FolderRoot(export).open("photos/link.jpg")


def test_a_link_to_a_folder_is_refused_in_the_middle_of_a_path(export: Path, tmp_path: Path) -> None:
    (export / "files").symlink_to(tmp_path)

    with pytest.raises(HostilePathError):
        FolderRoot(export).open("files/secret")


def test_a_link_inside_of_the_export_is_refused_too(export: Path) -> None:
    (export / "photos/again.jpg").symlink_to("a.jpg")

    with pytest.raises(HostilePathError):
        FolderRoot(export).open("photos/again.jpg")


def test_a_pipe_is_refused_without_waiting_for_a_writer(export: Path) -> None:
    os.mkfifo(export / "photos/pipe")

    with pytest.raises(HostilePathError):
        FolderRoot(export).open("photos/pipe")


def test_a_folder_is_no_file(export: Path) -> None:
    with pytest.raises(HostilePathError):
        FolderRoot(export).open("photos/deep")


@pytest.mark.parametrize("name", ["photos/none.jpg", "none/a.jpg", "photos/a.jpg/b", "photos/" + "x" * 300])
def test_a_file_that_is_not_there_is_not_found(export: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        FolderRoot(export).open(name)


def test_the_path_to_the_export_itself_may_be_a_link(export: Path, tmp_path: Path) -> None:
    (tmp_path / "newest").symlink_to(export)

    content = FolderRoot(tmp_path / "newest").read("photos/a.jpg", 100)

    assert content == b"photo"


def test_walking_lists_plain_files_and_tells_of_the_others(export: Path, tmp_path: Path) -> None:
    (export / "photos/link.jpg").symlink_to(tmp_path / "secret")
    (export / "photos/linked").symlink_to(tmp_path)
    (export / "files").symlink_to(tmp_path)
    os.mkfifo(export / "photos/pipe")
    root = FolderRoot(export)

    names = [file.name for file in root.walk(["photos", "files", "absent"])]

    assert names == ["photos/a.jpg", "photos/b.jpg", "photos/deep/c.jpg"]
    assert root.refused == dict.fromkeys(["photos/link.jpg", "photos/linked", "photos/pipe", "files"], NOT_PLAIN)


def test_a_name_that_is_no_text_is_told_and_not_listed(export: Path) -> None:
    (export / "photos/\udcff.jpg").write_bytes(b"")
    root = FolderRoot(export)

    names = [file.name for file in root.walk(["photos"])]

    assert "photos/\udcff.jpg" not in names
    assert root.refused == {"photos/\udcff.jpg": "its name is no Unicode text, not read"}


def test_many_folders_are_walked_with_few_of_them_open(export: Path) -> None:
    for number in range(60):
        (export / f"chats/chat_{number:02d}/photos").mkdir(parents=True)
        (export / f"chats/chat_{number:02d}/photos/a.jpg").write_bytes(b"x")
    root = FolderRoot(export)

    names = [file.name for file in root.walk(["chats"])]
    contents = {root.read(name, 10) for name in names}

    assert len(names) == 60
    assert contents == {b"x"}


def test_nesting_without_end_is_not_followed(export: Path) -> None:
    deep = export / "photos" / "/".join("d" * 30)
    deep.mkdir(parents=True)
    (deep / "a").write_bytes(b"")
    root = FolderRoot(export)

    names = [file.name for file in root.walk(["photos"])]

    assert not any(name.endswith("d/a") for name in names)
    assert len(root.refused) == 1


def test_names_lists_one_folder_without_those_below(export: Path) -> None:
    assert FolderRoot(export).names("photos") == ["a.jpg", "b.jpg"]
    assert FolderRoot(export).names() == []
    assert FolderRoot(export).names("absent") == []


def test_reading_whole_has_a_limit(export: Path) -> None:
    with pytest.raises(UnreadableExportError):
        FolderRoot(export).read("photos/a.jpg", 4)


def test_a_window_reads_at_any_place(export: Path) -> None:
    window = FolderRoot(export).window("photos/a.jpg")

    assert window.read(1, 3) == b"ho"
    assert window.read(3, 99) == b"to"
    assert window.read(9, 12) == b""
    window.close()


def test_a_file_that_shrinks_while_it_is_read_is_an_error_and_no_crash(export: Path) -> None:
    window = FolderRoot(export).window("photos/a.jpg")
    os.truncate(export / "photos/a.jpg", 2)

    with pytest.raises(SourceChangedError):
        window.read(0, 5)
    window.close()


def test_where_folders_cannot_be_opened_each_part_is_looked_at(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tgvault_plugins.desktop_export.folder._AT", False)
    (export / "files").symlink_to(tmp_path)
    root = FolderRoot(export)

    with pytest.raises(HostilePathError):
        root.open("files/secret")
    assert root.read("photos/a.jpg", 9) == b"photo"
    assert [file.name for file in root.walk(["photos"])] == ["photos/a.jpg", "photos/b.jpg", "photos/deep/c.jpg"]
