from __future__ import annotations

import os
from pathlib import Path

import pytest

from tgvault.errors import UsageError
from tgvault.state.scratch import Visits, scratch

SECRET = b"a text that nobody may read"


def test_nothing_readable_lies_on_the_disk_and_nothing_is_left(tmp_path: Path) -> None:
    with scratch(tmp_path) as database:
        for number in range(2000):
            database.run("INSERT INTO fact VALUES (?, ?)", str(number), SECRET * 20)
        files = [each.read_bytes() for each in tmp_path.iterdir()]

    assert sum(map(len, files)) > 0
    assert not any(SECRET in data or b"SQLite format" in data for data in files)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch(tmp_path):
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_deleted_a_day_later(tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in ("scratch-1.db-wal", "scratch-2.db", "state.db"))
    for path in (old, new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (0, new.stat().st_mtime - 25 * 60 * 60))

    with scratch(tmp_path):
        pass

    assert sorted(tmp_path.iterdir()) == [new, other]


def test_two_at_once_are_apart(tmp_path: Path) -> None:
    with scratch(tmp_path) as one, scratch(tmp_path) as other:
        first, second = Visits(one), Visits(other)

        met = [first.first(b"a"), first.first(b"a"), first.first(b"b"), second.first(b"a")]

    assert met == [True, False, True, True]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(UsageError, match="cannot be used"), scratch(tmp_path / "file" / "state"):
        pass
