"""Unpacking members of a zip a piece at a time."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.json.windows import Bytes
from tgvault.api import UnreadableExportError
from tgvault_plugins.desktop_export import inflate as module
from tgvault_plugins.desktop_export.folder import FileWindow
from tgvault_plugins.desktop_export.inflate import Member, MemberFile, MemberWindow

CONTENT = b"".join(b"%05d," % number for number in range(3000))


def _packed(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def _window(content: bytes, *, stored: bool = False, **changed: int) -> MemberWindow:
    data = content if stored else _packed(content)
    fields = {"packed": len(data), "size": len(content), "crc": zlib.crc32(content)} | changed
    return MemberWindow(Bytes(b"xx" + data), Member("a", 2, stored=stored, **fields))


@given(st.lists(st.tuples(st.integers(0, 18_000), st.integers(0, 700)), max_size=12), st.booleans())
def test_any_places_can_be_read_in_any_order(places: list[tuple[int, int]], stored: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", 256)
        patch.setattr(module, "_READ", 64)
        window = _window(CONTENT, stored=stored)

        for at, length in places:
            assert window.read(at, at + length) == CONTENT[at : at + length]


@pytest.mark.parametrize("changed", [{"crc": 1}, {"size": 10}, {"size": 99_999}, {"packed": 50}])
def test_a_window_that_is_not_what_is_declared_is_refused(changed: dict[str, int]) -> None:
    window = _window(CONTENT, **changed)

    with pytest.raises(UnreadableExportError):
        window.read(0, 99_999)


def test_a_member_without_content_is_empty() -> None:
    assert _window(b"").read(0, 10) == b""


@pytest.mark.parametrize("changed", [{"crc": 1}, {"size": 10}, {"size": 99_999}, {"packed": 50}])
def test_a_file_that_is_not_what_is_declared_is_refused(changed: dict[str, int], tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(_packed(CONTENT))
    fields = {"packed": (tmp_path / "a").stat().st_size, "size": len(CONTENT), "crc": zlib.crc32(CONTENT)} | changed
    window = FileWindow((tmp_path / "a").open("rb"), (tmp_path / "a").stat().st_size)

    with MemberFile(window, Member("a", 0, stored=False, **fields)) as file, pytest.raises(UnreadableExportError):
        file.readall()


def test_a_file_can_be_read_by_nothing_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(_packed(CONTENT))
    size = (tmp_path / "a").stat().st_size
    window = FileWindow((tmp_path / "a").open("rb"), size)

    with MemberFile(window, Member("a", 0, size, len(CONTENT), zlib.crc32(CONTENT), stored=False)) as file:
        assert file.read(0) == b""
        assert file.readall() == CONTENT
