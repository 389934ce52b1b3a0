"""Finding the export that a path means, and when it was made."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tgvault.api import UnrecognisedExportError
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.locate import matches, observed, place_of
from tgvault_plugins.desktop_export.zipped import ZipRoot


def _file(path: Path, content: bytes = b"{}", at: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if at is not None:
        seconds = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        os.utime(path, (seconds, seconds))
    return path


def test_a_folder_means_its_result(tmp_path: Path) -> None:
    place = place_of(tmp_path)

    assert isinstance(place.root, FolderRoot)
    assert place.name == "result.json"


@pytest.mark.parametrize(
    ("name", "content"),
    [("old.json", b"anything"), ("export.txt", b'  \n{"a": 1}'), ("x", b'\xff\xfe{\0"\0'), ("y", b"\xef\xbb\xbf{}")],
)
def test_a_json_file_of_any_name_means_itself(name: str, content: bytes, tmp_path: Path) -> None:
    place = place_of(_file(tmp_path / name, content))

    assert place.name == name
    assert place.root.location == tmp_path


def test_a_page_means_the_export_that_it_belongs_to(tmp_path: Path) -> None:
    place = place_of(_file(tmp_path / "messages.html", b"<!DOCTYPE html>"))

    assert place.name == "result.json"
    assert place.root.location == tmp_path


def test_a_zip_is_known_by_its_content(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "backup", "w") as made:
        made.writestr("DataExport_2026-11-22/result.json", b"{}")

    place = place_of(tmp_path / "backup")

    assert isinstance(place.root, ZipRoot)
    assert place.root.folder_name == "DataExport_2026-11-22"


def test_what_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedExportError) as caught:
        place_of(tmp_path / "none")

    assert "does not exist" in str(caught.value)


@pytest.mark.parametrize(
    ("folder", "modified", "expected"),
    [
        ("DataExport_2026-11-22", "2026-11-22T18:30:00", "2026-11-22T18:30:00"),
        ("DataExport_2026-11-22", "2026-11-21T22:30:00", "2026-11-21T22:30:00"),
        ("DataExport_2026-11-22", "2027-03-01T10:00:00", "2026-11-22T12:00:00"),
        ("ChatExport_2026-11-22 (3)", "2027-03-01T10:00:00", "2026-11-22T12:00:00"),
        ("my export", "2027-03-01T10:00:00", "2027-03-01T10:00:00"),
        ("DataExport_2026-99-99", "2027-03-01T10:00:00", "2027-03-01T10:00:00"),
    ],
)
def test_the_folders_date_counts_unless_the_files_time_is_of_that_day(
    folder: str, modified: str, expected: str, tmp_path: Path
) -> None:
    _file(tmp_path / folder / "result.json", at=modified)

    assert observed(place_of(tmp_path / folder)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_an_html_export_has_the_time_of_its_pages(tmp_path: Path) -> None:
    _file(tmp_path / "messages.html", at="2026-11-22T18:30:00")

    assert observed(place_of(tmp_path)) == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def test_a_folder_without_any_has_no_time(tmp_path: Path) -> None:
    assert observed(place_of(tmp_path)) is None


def test_a_pattern_means_all_that_it_matches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DataExport_1", "DataExport_2", "other", "a [1]"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert matches(str(tmp_path / "DataExport_*")) == [tmp_path / "DataExport_1", tmp_path / "DataExport_2"]
    assert matches("DataExport_?") == [Path("DataExport_1"), Path("DataExport_2")]
    assert matches("~/other") == [tmp_path / "other"]
    assert matches(str(tmp_path / "a [1]")) == [tmp_path / "a [1]"]
    assert matches(str(tmp_path / "none*")) == []
