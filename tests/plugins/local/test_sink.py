"""What the sink `local` does beyond the contract."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tgvault.api import (
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkFullError,
    SinkPermissionError,
    SinkUnavailableError,
)
from tgvault.folders.files import LARGE
from tgvault.testing import names
from tgvault_plugins.local import LocalSink, LocalSinkConfig, tgvault_sinks

PACK = ObjectName(f"packs/ab/{'ab' * 32}.age")
LEFTOVER = ".tgvault-0123456789abcdef.tmp"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def sink(root: Path) -> LocalSink:
    sink = LocalSink(LocalSinkConfig(root))
    sink.prepare()
    return sink


def test_it_is_registered_as_local() -> None:
    assert tgvault_sinks() == {"local": LocalSink}


def test_making_one_touches_nothing(root: Path) -> None:
    LocalSink(LocalSinkConfig(root)).close()

    assert not root.exists()


def test_files_and_folders_are_for_their_owner_only(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    sink.replace(ObjectName("vault.json"), b"{}")

    modes = {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert modes == {"packs": 0o700, "packs/ab": 0o700, PACK: 0o600, "vault.json": 0o600}
    assert root.stat().st_mode & 0o777 == 0o700


def test_nothing_temporary_is_left(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    sink.put(PACK, b"content")
    sink.replace(PACK, b"other content")

    assert [path.name for path in (root / "packs/ab").iterdir()] == [Path(PACK).name]


def test_an_object_that_was_cut_short_is_put_again(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / PACK).write_bytes(b"cont")

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"


def test_an_object_that_is_there_is_not_written_again(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    before = (root / PACK).stat()

    sink.put(PACK, b"content")

    assert (root / PACK).stat() == before


def test_a_folder_that_somebody_removed_is_made_again(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / PACK).unlink()
    (root / "packs" / "ab").rmdir()

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"


def test_without_hard_links_objects_are_renamed_into_place(
    sink: LocalSink, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", _no_links)

    sink.put(PACK, b"content")
    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"
    assert [path.name for path in (root / "packs/ab").iterdir()] == [Path(PACK).name]


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_the_second_of_two_writers_changes_nothing(
    sink: LocalSink, root: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    link = os.link

    def overtaken(source: Path, target: Path) -> None:
        target.write_bytes(b"content")
        (link if links else _no_links)(source, target)

    monkeypatch.setattr(os, "link", overtaken)

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"
    assert [path.name for path in (root / "packs/ab").iterdir()] == [Path(PACK).name]


def test_an_error_of_the_disk_when_linking_is_not_taken_for_a_lack_of_links(
    sink: LocalSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(source: Path, target: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "link", failing)

    with pytest.raises(SinkUnavailableError, match="input/output error"):
        sink.put(PACK, b"content")


def test_a_full_disk_is_reported_and_leaves_nothing(sink: LocalSink, root: Path) -> None:
    with _files_of_at_most(1000), pytest.raises(SinkFullError) as caught:
        sink.put(PACK, b"x" * 5000)

    assert caught.value.hint is not None
    assert list((root / "packs/ab").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, SinkFullError),
        (errno.EDQUOT, SinkFullError),
        (errno.EACCES, SinkPermissionError),
        (errno.EROFS, SinkPermissionError),
        (errno.EPERM, SinkPermissionError),
        (errno.EIO, SinkUnavailableError),
        (errno.ESTALE, SinkUnavailableError),
        (errno.ENODEV, SinkUnavailableError),
    ],
)
def test_each_failure_of_the_disk_has_its_error(
    sink: LocalSink, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[SinkError]
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)

    with pytest.raises(expected) as caught:
        sink.put(ObjectName("vault.json"), b"content")

    assert "`vault.json`" in str(caught.value)
    assert caught.value.hint is not None


def test_a_folder_that_cannot_be_made_is_reported() -> None:
    sink = LocalSink(LocalSinkConfig(Path("/sys/tgvault")))

    with pytest.raises(SinkPermissionError, match="/sys/tgvault"):
        sink.prepare()


def test_a_file_in_the_place_of_the_folder_is_reported(root: Path) -> None:
    root.write_bytes(b"a file")

    with pytest.raises(SinkUnavailableError, match="vault"):
        LocalSink(LocalSinkConfig(root)).prepare()


def test_a_folder_that_is_not_there_is_never_made_by_a_backup(root: Path) -> None:
    sink = LocalSink(LocalSinkConfig(root))

    for call in (
        lambda: sink.put(PACK, b"content"),
        lambda: sink.replace(PACK, b"content"),
        lambda: sink.get(PACK),
        lambda: sink.size(PACK),
        lambda: list(sink.list("")),
        lambda: sink.delete(PACK),
        sink.tidy,
    ):
        with pytest.raises(SinkUnavailableError, match="there is no folder"):
            call()

    assert not root.exists()


def test_a_disk_that_is_unmounted_during_the_run_is_noticed(tmp_path: Path, root: Path) -> None:
    (tmp_path / "disk").mkdir()
    root.symlink_to(tmp_path / "disk")
    sink = LocalSink(LocalSinkConfig(root))
    sink.put(PACK, b"content")
    root.unlink()
    root.symlink_to("/proc")

    with pytest.raises(SinkUnavailableError, match="on another disk"):
        sink.put(PACK, b"content")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../b", "a\n", "", ".hidden", "a/b/c/d", "x" * 129])
def test_a_name_that_no_object_can_have_is_refused(sink: LocalSink, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")

    for call in (
        lambda: sink.put(ObjectName(name), b"content"),
        lambda: sink.get(ObjectName(name)),
        lambda: sink.delete(ObjectName(name)),
    ):
        with pytest.raises(SinkError, match="not the name of an object"):
            call()

    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_listing_leaves_out_what_vanishes_while_it_is_read(sink: LocalSink, root: Path) -> None:
    for at in range(20):
        sink.put(ObjectName(f"packs/{at:02}/a"), b"x")
        sink.put(ObjectName(f"index/{at:02}"), b"x")

    listing = sink.list("")
    first = next(listing)
    for folder in ("packs", "index"):
        for path in sorted((root / folder).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    assert len({first.name, *(each.name for each in listing)}) <= 22


def test_folders_that_cannot_hold_the_prefix_are_not_read(sink: LocalSink, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("packs/aa/1", "packs/ab/2", "snapshots/3"):
        sink.put(ObjectName(name), b"x")
    read = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: (read.append(Path(folder).name), scandir(folder))[1])

    assert names(sink, "packs/ab") == ["packs/ab/2"]

    assert read == ["vault", "packs", "ab"]


def test_leftovers_of_killed_writers_are_removed_after_a_day(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    old, young = root / "packs/ab" / LEFTOVER, root / "packs" / LEFTOVER
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    os.utime(old, (0, old.stat().st_mtime - 24 * 60 * 60 - 10))

    sink.tidy()

    assert not old.exists()
    assert young.exists()
    assert sink.get(PACK) == b"content"


def test_a_leftover_that_is_the_object_too_is_removed_alone(sink: LocalSink, root: Path) -> None:
    sink.put(PACK, b"content")
    (root / "packs/ab" / LEFTOVER).hardlink_to(root / PACK)
    os.utime(root / PACK, (0, 0))

    sink.tidy()

    assert names(sink) == [PACK]
    assert sorted(path.name for path in (root / "packs/ab").iterdir()) == [Path(PACK).name]


def test_other_peoples_old_files_are_left_alone(sink: LocalSink, root: Path) -> None:
    for name in ("notes.tmp", ".tgvault-notes.tmp", ".tgvault-0123456789abcdef.tmp.bak"):
        (root / name).write_bytes(b"mine")
        os.utime(root / name, (0, 0))

    sink.tidy()

    assert len(list(root.iterdir())) == 3


def test_a_folder_in_the_place_of_an_object_is_no_object(sink: LocalSink, root: Path) -> None:
    (root / "vault.json").mkdir()

    with pytest.raises(MissingObjectError):
        sink.get(ObjectName("vault.json"))
    sink.delete(ObjectName("vault.json"))

    assert names(sink) == []


def _no_links(source: Path, target: Path) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_expected_is_no_promise_and_nothing_else_changes(sink: LocalSink) -> None:
    name = ObjectName("packs/ab/c.age")
    sink.put(name, b"x" * LARGE)

    for expected in (name, ObjectName("packs/ab/nothing.age")):
        sink.expect(expected)

    assert sink.get(name) == b"x" * LARGE
