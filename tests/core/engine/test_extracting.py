from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest

from tgvault.crypto.keyed import BlobId
from tgvault.engine.context import WorkContext
from tgvault.engine.extracting import PARTS, ExtractTask, Write, extract, place_part, refused_name
from tgvault.engine.ingesting import decode_content
from tgvault.state.places import Place
from tgvault.testing import flip_byte
from tgvault.vault.packs import pack_name
from vault_support import FakeSource, MemoryVault

A, B = b"a" * 1000, b"b" * 2000


@pytest.fixture
def memory() -> MemoryVault:
    memory = MemoryVault()
    memory.back_up(FakeSource(files={"files/a": A, "files/b": B, "files/empty": b""}))
    return memory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / PARTS).mkdir()
    return tmp_path


def place(memory: MemoryVault, name: str) -> Place:
    known = memory.vault.files.by_name(f"files/{name}")
    assert known is not None
    found = memory.vault.places.find(BlobId(bytes.fromhex(decode_content(known.content).blob or "")))
    assert found is not None
    return found


def write(memory: MemoryVault, name: str, path: str, *, part: str = "1", at: int = 0, whole: bool = True) -> Write:
    return Write(place(memory, name), path, part, at, whole)


def test_a_whole_file_gets_its_name_at_once(memory: MemoryVault, root: Path) -> None:
    writes = (write(memory, "a", "deep/er/a"), write(memory, "empty", "e", part="2"))

    done = extract(WorkContext(memory.vault), ExtractTask(str(root), writes))

    assert (root / "deep" / "er" / "a").read_bytes() == A
    assert (root / "e").read_bytes() == b""
    assert (done.writes, done.failures) == (list(writes), [])
    assert not list((root / PARTS).iterdir())


def test_files_and_folders_are_for_their_owner_only(memory: MemoryVault, root: Path) -> None:
    extract(WorkContext(memory.vault), ExtractTask(str(root), (write(memory, "a", "deep/a"),)))

    assert (root / "deep").stat().st_mode & 0o777 == 0o700
    assert (root / "deep" / "a").stat().st_mode & 0o777 == 0o600


def test_pieces_wait_beside_until_the_file_is_whole(memory: MemoryVault, root: Path) -> None:
    context = WorkContext(memory.vault)
    second = write(memory, "b", "c", at=1000, whole=False)
    first = write(memory, "a", "c", whole=False)

    extract(context, ExtractTask(str(root), (second,)))
    extract(context, ExtractTask(str(root), (first,)))

    assert not (root / "c").exists()
    place_part(str(root), "1", "c")
    assert (root / "c").read_bytes() == A + B


def test_what_does_not_match_its_name_is_not_written(memory: MemoryVault, root: Path) -> None:
    there = place(memory, "a")
    bad = Write(msgspec.structs.replace(there, offset=there.offset + 1), "a", "1", 0, whole=True)
    good = write(memory, "b", "b", part="2")

    done = extract(WorkContext(memory.vault), ExtractTask(str(root), (bad, good)))

    assert [path for path, _ in done.failures] == ["a"]
    assert [each.path for each in done.writes] == ["b"]
    assert sorted(path.name for path in root.iterdir()) == [PARTS, "b"]
    assert not list((root / PARTS).iterdir())


def test_a_damaged_pack_is_named(memory: MemoryVault, root: Path) -> None:
    bad = write(memory, "a", "a")
    name = pack_name(bad.place.digest.hex())
    flip_byte(memory.sink, name)

    done = extract(WorkContext(memory.vault), ExtractTask(str(root), (bad,)))

    ((path, reason),) = done.failures
    assert path == "a"
    assert name in reason


def test_a_name_that_is_taken_is_not_taken_over(memory: MemoryVault, root: Path) -> None:
    (root / "a").write_bytes(b"mine")

    done = extract(WorkContext(memory.vault), ExtractTask(str(root), (write(memory, "a", "a"),)))

    ((path, reason),) = done.failures
    assert (path, (root / "a").read_bytes()) == ("a", b"mine")
    assert "takes no such name" in reason


@pytest.mark.parametrize("path", ["a/b", "a/b/c", "x" * 300, "y/" + "x" * 300])
def test_a_name_that_the_file_system_refuses_costs_this_file_only(memory: MemoryVault, root: Path, path: str) -> None:
    (root / "a").write_bytes(b"mine")
    writes = (write(memory, "a", path), write(memory, "b", "b", part="2"))

    done = extract(WorkContext(memory.vault), ExtractTask(str(root), writes))

    assert [each for each, _ in done.failures] == [path]
    assert (root / "b").read_bytes() == B


def test_links_in_the_folder_are_not_followed(memory: MemoryVault, root: Path, tmp_path: Path) -> None:
    (root / "link").symlink_to(root / "elsewhere")

    done = extract(WorkContext(memory.vault), ExtractTask(str(root), (write(memory, "a", "link"),)))

    assert [path for path, _ in done.failures] == ["link"]
    assert not (root / "elsewhere").exists()


def test_where_a_file_can_have_one_name_only_it_is_renamed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: object, target: object) -> None:
        raise PermissionError(errno.EPERM, "not here")

    monkeypatch.setattr(os, "link", no_links)
    (root / PARTS / "1").write_bytes(A)
    (root / PARTS / "2").write_bytes(B)

    place_part(str(root), "1", "a")
    with pytest.raises(FileExistsError):
        place_part(str(root), "2", "a")

    assert (root / "a").read_bytes() == A


def test_a_full_disk_is_not_the_fault_of_a_name() -> None:
    with pytest.raises(OSError, match="full"):
        refused_name(OSError(errno.ENOSPC, "full"))


def test_a_folder_that_is_away_ends_the_run(memory: MemoryVault, root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        extract(WorkContext(memory.vault), ExtractTask(str(root / "nowhere"), (write(memory, "a", "a"),)))
