"""The source `desktop-export` from its configuration on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec
import pytest

from samples.json.reading import SAMPLES, opened, read
from tgvault.api import FindingKind, SourceError, UnreadableExportError, UnrecognisedExportError
from tgvault_plugins.desktop_export import tgvault_sources
from tgvault_plugins.desktop_export.source import DesktopExport, DesktopExportConfig

HTML = SAMPLES.parent / "html"


def test_the_plugin_registers_the_source() -> None:
    assert tgvault_sources() == {"desktop-export": DesktopExport}


def test_making_a_source_touches_no_file() -> None:
    source = opened(Path("/nonexistent/export"))

    source.close()

    with pytest.raises(UnrecognisedExportError):
        source.info()


@pytest.mark.parametrize("wrong", [{"path": "x", "observed_at": "yesterday"}, {"path": "x", "novel": 1}, {}])
def test_a_wrong_configuration_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, DesktopExportConfig)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"observed_at": "2026-11-22T10:00:00+02:00"}, "2026-11-22T08:00:00+00:00"),
        ({"observed_at": "2026-11-22T10:00:00", "source_tz": "Europe/Vienna"}, "2026-11-22T09:00:00+00:00"),
        ({"observed_at": "2026-11-22"}, "2026-11-22T00:00:00+00:00"),
    ],
)
def test_the_time_of_the_export_may_be_given(settings: dict[str, str], expected: str) -> None:
    source = opened(SAMPLES / "single", **settings)

    at = source.info().observed_at
    source.close()

    assert at is not None
    assert at.isoformat() == expected


def test_a_zone_that_does_not_exist_is_told() -> None:
    with pytest.raises(SourceError) as caught:
        opened(SAMPLES / "single", observed_at="2026-11-22", source_tz="Mars/Base").info()

    assert "Mars/Base" in str(caught.value)


def test_the_newest_of_several_exports_is_taken(tmp_path: Path) -> None:
    for name, sample in (("DataExport_2026-01-01", "account"), ("DataExport_2026-06-01", "single")):
        shutil.copytree(SAMPLES / sample, tmp_path / name)
    (tmp_path / "DataExport_2027-01-01").mkdir()
    shutil.make_archive(str(tmp_path / "DataExport_2026-03-01"), "zip", SAMPLES / "topic")
    source = opened(tmp_path / "DataExport_*")

    info = source.info()
    source.close()

    assert info.location == str(tmp_path / "DataExport_2026-06-01")
    assert info.form == "telegram desktop json, single chat"


def test_a_pattern_that_matches_no_export_is_told(tmp_path: Path) -> None:
    for name in ("DataExport_1", "DataExport_2"):
        (tmp_path / name).mkdir()

    with pytest.raises(UnrecognisedExportError) as caught:
        opened(tmp_path / "DataExport_*").info()

    assert "DataExport_*" in str(caught.value)


def test_html_alone_is_read_as_html() -> None:
    source = opened(HTML / "two_pages")

    info = source.info()
    source.close()

    assert info.form == "telegram desktop html, single chat"


def test_json_counts_where_html_lies_beside_it() -> None:
    source = opened(HTML / "vienna")

    info = source.info()
    names = [file.name for file in source.media()]
    source.close()

    assert info.form == "telegram desktop json, single chat"
    assert names == ["messages.html"]


def test_html_counts_where_the_json_beside_it_is_none(tmp_path: Path) -> None:
    shutil.copytree(HTML / "two_pages", tmp_path / "export")
    (tmp_path / "export/result.json").write_bytes(b"")
    source = opened(tmp_path / "export")

    info = source.info()
    source.close()

    assert info.form.startswith("telegram desktop html")


@pytest.mark.parametrize("name", ["target.json"])
def test_json_of_other_programs_is_not_recognised(name: str) -> None:
    with pytest.raises(UnrecognisedExportError) as caught:
        opened(SAMPLES.parent / "chat_miner" / name).info()

    assert caught.value.hint is not None


def test_a_link_in_the_place_of_the_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.json").symlink_to(SAMPLES / "single/result.json")

    with pytest.raises(Exception, match="link") as caught:
        opened(tmp_path).info()

    assert type(caught.value).__module__ == "tgvault.errors"


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\3\4")

    with pytest.raises(UnreadableExportError):
        opened(tmp_path / "a.zip").info()


def test_links_among_the_files_are_told_and_not_followed(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "single", tmp_path / "export")
    (tmp_path / "export/photos/link.jpg").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "export/files/pipe")

    reading = read(opened(tmp_path / "export"))

    assert [found.subject for found in reading.of(FindingKind.REFUSED_PATH)] == ["files/pipe", "photos/link.jpg"]


def test_a_file_of_the_export_is_opened_by_the_name_in_a_message() -> None:
    reading = read(opened(SAMPLES / "account"))
    names = [ref.name for messages in reading.messages.values() for each in messages for ref in each.media if ref.name]
    source = opened(SAMPLES / "account")

    with source.open_media(names[0]).file as file:
        content = file.read()
    source.close()

    assert content == b"x\n\n"
