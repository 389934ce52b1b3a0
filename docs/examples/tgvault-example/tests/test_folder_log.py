"""The sink `folder-log`, held to tgvault's own contract for sinks."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tgvault_example.folder_log import LOG, UNFINISHED, FolderLog, FolderLogConfig

from tgvault.api import ObjectName, SinkError, SinkFullError, SinkPermissionError, SinkUnavailableError
from tgvault.testing.contracts import MakeSink, SharedSinkContract


class TestFolderLog(SharedSinkContract):
    @pytest.fixture
    def make_sink(self, tmp_path: Path) -> MakeSink:
        return partial(FolderLog, FolderLogConfig(path=tmp_path / "vault"))

    @pytest.fixture
    def litter(self, tmp_path: Path) -> Callable[[], None]:
        def drop() -> None:
            for name in (".DS_Store", "my photo (1).jpg", f"{UNFINISHED}0123456789abcdef"):
                (tmp_path / "vault" / name).write_bytes(b"litter")

        return drop


@pytest.fixture
def sink(tmp_path: Path) -> FolderLog:
    sink = FolderLog(FolderLogConfig(path=tmp_path))
    sink.prepare()
    return sink


def test_the_log_tells_what_came_and_went(sink: FolderLog, tmp_path: Path) -> None:
    sink.put(ObjectName("packs/ab/x.age"), b"12345")
    sink.put(ObjectName("packs/ab/x.age"), b"12345")
    sink.delete(ObjectName("packs/ab/x.age"))

    lines = (tmp_path / LOG).read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["put packs/ab/x.age 5", "delete packs/ab/x.age"]


def test_only_what_was_left_over_a_day_ago_is_tidied_away(sink: FolderLog, tmp_path: Path) -> None:
    old, new = tmp_path / f"{UNFINISHED}old", tmp_path / f"{UNFINISHED}new"
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 90_000, time.time() - 90_000))

    sink.tidy()

    assert not old.exists()
    assert new.exists()


def test_a_folder_that_is_gone_is_a_disk_that_is_not_mounted(tmp_path: Path) -> None:
    sink = FolderLog(FolderLogConfig(path=tmp_path / "gone"))

    with pytest.raises(SinkUnavailableError, match="there is no folder"):
        sink.get(ObjectName("vault.json"))
    with pytest.raises(SinkUnavailableError, match="there is no folder"):
        list(sink.list(""))


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, SinkFullError), (errno.EROFS, SinkPermissionError), (errno.EIO, SinkUnavailableError)],
)
def test_an_error_of_the_disk_becomes_the_engines_and_leaves_nothing_behind(
    sink: FolderLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[SinkError]
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(error):
        sink.put(ObjectName("vault.json"), b"{}")
    assert list(tmp_path.iterdir()) == []
