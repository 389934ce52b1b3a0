"""An export in a zip."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from samples.json.dialect import pairs
from samples.json.reading import SAMPLES, opened, read
from tgvault.api import HostilePathError, UnreadableExportError, UnrecognisedExportError
from tgvault_plugins.desktop_export import inflate
from tgvault_plugins.desktop_export.paths import NOT_PLAIN
from tgvault_plugins.desktop_export.repair import repaired
from tgvault_plugins.desktop_export.root import listing
from tgvault_plugins.desktop_export.zipped import ZipRoot


def _zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def _sample(name: str, folder: str = "") -> dict[str, bytes]:
    root = SAMPLES / name
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {folder + path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("folder", ["", "DataExport_2026-11-22/", "my backups/DataExport_2026-11-22/"])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_zip_gives_what_its_folder_gives(folder: str, method: int, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", _sample("account", folder), method)
    original = read(opened(SAMPLES / "account"))

    reading = read(opened(path))

    assert pairs(reading.text) == pairs(repaired((SAMPLES / "account/result.json").read_bytes())[0])
    assert reading.all_ids() == original.all_ids()
    assert reading.coverage == original.coverage
    names = [file.name for file in listing(ZipRoot(path))]
    assert names == sorted(name for name in _sample("account") if name != "result.json")


def test_members_are_read_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    root = ZipRoot(_zip(tmp_path / "a.zip", {"result.json": b"{}", "photos/a.jpg": content}))

    opened_file = root.open("photos/a.jpg")
    with opened_file.file as file:
        read_content = file.read()

    assert read_content == content
    assert opened_file.size == len(content)
    assert opened_file.stamp == root.stat("photos/a.jpg").stamp
    assert root.read("photos/a.jpg", len(content)) == content
    assert root.names("photos") == ["a.jpg"]
    with pytest.raises(UnreadableExportError):
        root.read("photos/a.jpg", 10)
    with pytest.raises(FileNotFoundError):
        root.open("photos/b.jpg")
    root.close()


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "photos/../../evil", "C:/evil"])
def test_members_with_hostile_names_cannot_be_reached(name: str, tmp_path: Path) -> None:
    root = ZipRoot(_zip(tmp_path / "a.zip", {"result.json": b"{}", name: b"evil"}))

    assert [file.name for file in root.walk(["photos", "..", "etc"])] == []
    assert root.refused == {name: "its path leads out of the export, not read"}
    with pytest.raises(HostilePathError):
        root.open(name)


def test_members_of_equal_size_and_checksum_are_told_apart(tmp_path: Path) -> None:
    names = ("photos/a.jpg", "photos/b.jpg")
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}", names[0]: b"same", names[1]: b"same"})
    root = ZipRoot(path)

    stamps = {root.stat(name).stamp for name in names}

    assert len(stamps) == 2


def test_a_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("photos/a.jpg", b"first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("photos/a.jpg", b"second")
    root = ZipRoot(path)

    assert root.read("photos/a.jpg", 10) == b"second"
    assert list(root.refused) == ["photos/a.jpg"]
    assert "twice" in root.refused["photos/a.jpg"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("result.json", b"{}")
        link = zipfile.ZipInfo("photos/link.jpg")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    root = ZipRoot(tmp_path / "a.zip")

    assert root.refused == {"photos/link.jpg": NOT_PLAIN}
    assert [file.name for file in root.walk(["photos"])] == []
    with pytest.raises(FileNotFoundError):
        root.open("photos/link.jpg")


def test_names_with_backslashes_or_without_the_mark_for_utf8_are_understood(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}", "photos\\a.jpg": b"x", "files/XX.txt": b"y"})
    path.write_bytes(path.read_bytes().replace(b"XX.txt", "é.txt".encode()))

    names = [file.name for file in ZipRoot(path).walk(["photos", "files"])]

    assert names == ["files/é.txt", "photos/a.jpg"]


def test_an_encrypted_zip_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}", "photos/a.jpg": b"x"})
    data = path.read_bytes()
    path.write_bytes(data.replace(b"PK\1\2\x14\x03\x14\0\0\0", b"PK\1\2\x14\x03\x14\0\1\0"))
    root = ZipRoot(path)

    with pytest.raises(UnreadableExportError) as caught:
        root.window("result.json")
    with pytest.raises(HostilePathError):
        root.open("photos/a.jpg")

    assert "encrypted" in str(caught.value)
    assert caught.value.hint is not None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int, tmp_path: Path) -> None:
    root = ZipRoot(_zip(tmp_path / "a.zip", {"result.json": b"{}" * 100}, method))

    with pytest.raises(UnreadableExportError):
        root.window("result.json")


def test_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgvault_plugins.desktop_export.zipped._LARGE", 1 << 20)
    root = ZipRoot(_zip(tmp_path / "a.zip", {"result.json": bytes(1 << 22)}))

    with pytest.raises(UnreadableExportError) as caught:
        root.window("result.json")

    assert "250 times" in str(caught.value)


def _declared(path: Path, name: bytes, size: int) -> None:
    """Change the size that the zip's directory gives for a member."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\1\2", 0, data.rindex(name))
    struct.pack_into("<I", data, at + 24, size)
    path.write_bytes(data)


@pytest.mark.parametrize("size", [10, 5000])
def test_a_member_of_another_size_than_declared_is_refused(size: int, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}", "photos/a.jpg": b"x" * 1000})
    _declared(path, b"photos/a.jpg", size)
    root = ZipRoot(path)

    with root.open("photos/a.jpg").file as file, pytest.raises(UnreadableExportError):
        file.read()
    window = root.window("photos/a.jpg")
    with pytest.raises(UnreadableExportError):
        window.read(0, size)
    window.close()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_damaged_member_is_noticed(method: int, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}", "photos/a.jpg": bytes(range(256)) * 20}, method)
    data = bytearray(path.read_bytes())
    data[data.index(b"photos/a.jpg") + 120] ^= 0xFF
    path.write_bytes(data)
    root = ZipRoot(path)

    with root.open("photos/a.jpg").file as file, pytest.raises(UnreadableExportError):
        file.read()
    window = root.window("photos/a.jpg")
    with pytest.raises(UnreadableExportError):
        window.read(0, 6000)
    window.close()


def test_a_stored_member_with_two_sizes_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}" * 9}, zipfile.ZIP_STORED)
    _declared(path, b"result.json", 99)

    with pytest.raises(UnreadableExportError):
        ZipRoot(path).window("result.json")


def test_a_directory_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"result.json": b"{}"})
    path.write_bytes(path.read_bytes().replace(b"PK\3\4", b"XX\3\4", 1))

    with pytest.raises(UnreadableExportError):
        ZipRoot(path).window("result.json")


def test_several_exports_in_one_zip_are_refused_with_their_names(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {**_sample("single", "one/"), **_sample("topic", "two/")})

    with pytest.raises(UnrecognisedExportError) as caught:
        ZipRoot(path)

    assert "`one`, `two`" in str(caught.value)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\3\4 and nothing else")

    with pytest.raises(UnreadableExportError):
        ZipRoot(tmp_path / "a.zip")


def test_a_large_result_is_read_at_any_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "_BLOCK", 1 << 10)
    monkeypatch.setattr(inflate, "_STARTS", 8)
    content = b"".join(b"%07d\n" % number for number in range(20_000))
    root = ZipRoot(_zip(tmp_path / "a.zip", {"result.json": content}))
    window = root.window("result.json")

    places = [0, 159_000, 80_000, 1, 100_000, 99_999, 0, 40_000, 159_999]
    found = [window.read(at, at + 3000) for at in places]
    whole = window.read(0, 1 << 20)
    window.close()

    assert found == [content[at : at + 3000] for at in places]
    assert whole == content


def test_the_time_of_a_member_is_its_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(zipfile.ZipInfo("result.json", (2026, 11, 22, 10, 0, 0)), b"{}")
        made.writestr(zipfile.ZipInfo("messages.html", (2026, 0, 0, 0, 0, 0)), b"{}")
    root = ZipRoot(tmp_path / "a.zip")

    assert root.modified("result.json") == 1795341600
    assert root.modified("messages.html") == (tmp_path / "a.zip").stat().st_mtime
