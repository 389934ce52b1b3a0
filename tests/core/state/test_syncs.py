from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tgvault.state.database import Database
from tgvault.state.memory import Memory
from tgvault.state.syncs import Syncs

VAULT = "ab" * 16


def at(hour: int) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC)


@pytest.fixture
def memory() -> Memory:
    return Memory(Database.in_memory())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there yet"


def test_the_later_of_what_two_kinds_of_runs_have_noted_is_told(folder: Path, memory: Memory) -> None:
    Syncs(folder, VAULT).note("disk", time=at(3))
    Syncs(folder, VAULT).note("far", time=at(3))
    memory.note_synced("disk", time=at(2))
    memory.note_synced("far", time=at(4))
    memory.note_synced("cloud", time=at(5))

    syncs = Syncs(folder, VAULT)

    assert [syncs.last(copy, memory) for copy in ("disk", "far", "cloud", "new")] == [at(3), at(4), at(5), None]


def test_each_vault_and_each_copy_has_times_of_its_own(folder: Path, memory: Memory) -> None:
    Syncs(folder, VAULT).note("disk", time=at(3))
    Syncs(folder, VAULT).note("disk", time=at(4))

    assert Syncs(folder, VAULT).last("disk", memory) == at(4)
    assert Syncs(folder, "cd" * 16).last("disk", memory) is None
    assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600]


@pytest.mark.parametrize("noted", [b"", b"\xff", b"[1]", b'{"disk": 3}', b'{"disk": "2026-01-01T00:00:00"}'])
def test_a_file_that_is_damaged_tells_nothing_and_is_written_anew(folder: Path, memory: Memory, noted: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / f"{VAULT}.syncs.json").write_bytes(noted)
    syncs = Syncs(folder, VAULT)

    before = syncs.last("disk", memory)
    syncs.note("disk", time=at(3))

    assert (before, syncs.last("disk", memory)) == (None, at(3))
