"""What sinks that are folders have in common, beyond the contract; `tests/plugins/local` tests the rest."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tgvault.api import FolderSink, MissingObjectError, ObjectName, SinkUnavailableError
from tgvault.folders import files

HEADER = ObjectName("vault.json")
ASIDE = ".tgvault-0123456789abcdef.tmp"


class Replacing:
    """A writer that is in the middle of replacing: it goes on whenever somebody waits."""

    def __init__(self, root: Path, *, steps: int) -> None:
        self._root = root
        self.left = steps
        (root / ASIDE).write_bytes(b"new")

    def __call__(self, seconds: float) -> None:
        self.left -= 1
        if self.left == 0:
            (self._root / ASIDE).rename(self._root / HEADER)


def test_an_object_that_is_away_while_it_is_replaced_is_waited_for(tmp_path: Path) -> None:
    sink = FolderSink(tmp_path, sleep=Replacing(tmp_path, steps=3))

    assert sink.get(HEADER) == b"new"


def test_its_size_is_waited_for_too(tmp_path: Path) -> None:
    sink = FolderSink(tmp_path, sleep=Replacing(tmp_path, steps=1))

    assert sink.size(HEADER) == 3


def test_what_a_killed_writer_left_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    writer = Replacing(tmp_path, steps=1000)

    with pytest.raises(MissingObjectError):
        FolderSink(tmp_path, sleep=writer).get(HEADER)

    assert writer.left == 900


@pytest.mark.parametrize("name", ["packs/ab/c.age", "keys/a.age"])
def test_where_nobody_replaces_anything_nothing_is_waited_for(tmp_path: Path, name: str) -> None:
    writer = Replacing(tmp_path, steps=1000)

    with pytest.raises(MissingObjectError):
        FolderSink(tmp_path, sleep=writer).get(ObjectName(name))

    assert writer.left == 1000


def test_the_whole_file_system_is_flushed(tmp_path: Path) -> None:
    FolderSink(tmp_path).flush()

    with pytest.raises(SinkUnavailableError, match="there is no folder"):
        FolderSink(tmp_path / "none").flush()


def test_a_flush_that_fails_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Bad file descriptor") as caught:
        files._sync_file_system(999_999)

    assert caught.value.errno == errno.EBADF
