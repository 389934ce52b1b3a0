"""What the sink `external-disk` does beyond the contract."""

from __future__ import annotations

import errno
import os
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from disk_support import LoopDisk, loop_disk, plain_volume
from tgvault.api import (
    MissingObjectError,
    ObjectName,
    SinkError,
    SinkFullError,
    SinkUnavailableError,
    SinkWaitingError,
)
from tgvault.testing import names
from tgvault.testing.contracts.sink import content, named
from tgvault_plugins.external_disk import ExternalDiskConfig, ExternalDiskSink, tgvault_sinks
from tgvault_plugins.external_disk.volumes import Volume

MIB = 1 << 20
PACK = ObjectName(f"packs/ab/{'ab' * 32}.age")
BACKUP = ExternalDiskConfig(label="BACKUP")
Usage = namedtuple("Usage", "total used free")


class Plugged:
    """Disks that are folders, plugged in and out by the test."""

    def __init__(self, *volumes: Volume) -> None:
        self.volumes = list(volumes)

    def __call__(self) -> list[Volume]:
        return self.volumes


@pytest.fixture
def plugged(tmp_path: Path) -> Plugged:
    return Plugged(*plain_volume(tmp_path))


@pytest.fixture
def sink(plugged: Plugged) -> ExternalDiskSink:
    sink = ExternalDiskSink(BACKUP, mounted=plugged)
    sink.prepare()
    return sink


@pytest.fixture(params=["exfat", "ntfs"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoopDisk]:
    with loop_disk(request.param, tmp_path, size=48 * MIB) as disk:
        yield disk


def test_it_is_registered_as_external_disk() -> None:
    assert tgvault_sinks() == {"external-disk": ExternalDiskSink}


def test_the_folder_is_tgvault_where_nothing_is_said(sink: ExternalDiskSink, tmp_path: Path) -> None:
    sink.put(PACK, b"content")

    assert (tmp_path / "tgvault" / PACK).read_bytes() == b"content"


def test_without_the_disk_every_method_waits(tmp_path: Path) -> None:
    sink = ExternalDiskSink(BACKUP, mounted=Plugged())

    for call in (
        sink.prepare,
        lambda: sink.put(PACK, b"content"),
        lambda: sink.replace(PACK, b"content"),
        lambda: sink.get(PACK),
        lambda: sink.size(PACK),
        lambda: sink.expect(PACK),
        lambda: list(sink.list("")),
        lambda: sink.delete(PACK),
        sink.tidy,
    ):
        with pytest.raises(SinkWaitingError, match="disk `BACKUP` is not plugged in"):
            call()
    sink.close()

    assert list(tmp_path.iterdir()) == []


def test_a_plugged_in_disk_without_the_folder_is_a_fault_and_gets_none(plugged: Plugged, tmp_path: Path) -> None:
    sink = ExternalDiskSink(BACKUP, mounted=plugged)

    with pytest.raises(SinkUnavailableError, match="there is no folder") as caught:
        sink.put(PACK, b"content")

    assert not isinstance(caught.value, SinkWaitingError)
    assert list(tmp_path.iterdir()) == []


def test_what_a_pulled_out_disk_does_not_answer_is_not_missing(sink: ExternalDiskSink, plugged: Plugged) -> None:
    with pytest.raises(MissingObjectError):
        sink.get(PACK)
    sink.put(PACK, b"content")
    plugged.volumes.clear()

    with pytest.raises(SinkWaitingError):
        sink.get(ObjectName("packs/ab/other.age"))


def test_an_error_of_a_disk_that_is_gone_is_that_it_waits(
    sink: ExternalDiskSink, plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulled_out(descriptor: int) -> None:
        plugged.volumes.clear()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", pulled_out)

    with pytest.raises(SinkWaitingError):
        sink.put(PACK, b"content")


def test_an_error_of_a_disk_that_is_there_stays_what_it_is(
    sink: ExternalDiskSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)

    with pytest.raises(SinkUnavailableError, match="input/output error") as caught:
        sink.put(PACK, b"content")

    assert not isinstance(caught.value, SinkWaitingError)


def test_another_disk_of_that_name_in_its_place_is_refused(
    sink: ExternalDiskSink, plugged: Plugged, tmp_path: Path
) -> None:
    sink.put(PACK, b"content")
    shutil.rmtree(tmp_path / "tgvault")
    (tmp_path / "other").mkdir()
    plugged.volumes = [Volume("8:33", tmp_path / "other", frozenset({"BACKUP"}), frozenset({"77AA-00BB"}))]

    for _ in range(2):
        with pytest.raises(SinkUnavailableError, match="another disk is called `BACKUP`"):
            sink.put(PACK, b"content")

    assert list((tmp_path / "other").iterdir()) == []


def test_what_does_not_fit_is_refused_before_it_is_written(
    sink: ExternalDiskSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.put(PACK, b"content")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 2 * MIB))

    for store in (sink.put, sink.replace):
        with pytest.raises(SinkFullError) as caught:
            store(ObjectName("packs/cd/e.age"), content(3 * MIB))
        assert "it takes 3.1 MB, and 1.0 MB are free" in str(caught.value)
        assert caught.value.hint is not None
    sink.put(PACK, b"content")

    assert not (tmp_path / "tgvault" / "packs" / "cd").exists()


def test_an_object_that_is_there_needs_no_room(sink: ExternalDiskSink, monkeypatch: pytest.MonkeyPatch) -> None:
    sink.put(PACK, b"content")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 0))

    sink.put(PACK, b"content")

    with pytest.raises(SinkFullError, match=r"0\.0 MB are free"):
        sink.put(PACK, b"other content")


def test_a_disk_that_does_not_say_what_is_free_is_tried(
    sink: ExternalDiskSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path) -> Usage:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", failing)

    sink.put(PACK, b"content")

    assert sink.get(PACK) == b"content"


def test_a_disk_that_was_pulled_out_already_is_closed_in_silence(sink: ExternalDiskSink, tmp_path: Path) -> None:
    sink.put(PACK, b"content")
    shutil.rmtree(tmp_path / "tgvault")

    sink.close()
    sink.close()


def test_a_real_disk_that_is_pulled_out_and_plugged_in_elsewhere_goes_on(disk: LoopDisk, tmp_path: Path) -> None:
    sink = ExternalDiskSink(ExternalDiskConfig(volume=disk.id), mounted=disk.volumes)
    sink.prepare()
    stored = [content(1_500_000 + at, seed=at) for at in range(6)]
    for data in stored[:4]:
        sink.put(named(data), data)

    disk.pull_out()
    for _ in range(2):
        with pytest.raises(SinkWaitingError, match=f"disk `{disk.id}` is not plugged in"):
            sink.put(named(stored[4]), stored[4])
        with pytest.raises(SinkWaitingError):
            names(sink)
    assert list(disk.folder.iterdir()) == []
    disk.plug_in(tmp_path / "elsewhere")

    assert names(sink) == sorted(map(named, stored[:4]))
    for data in stored:
        sink.put(named(data), data)
    assert all(sink.get(named(data)) == data for data in stored)


def test_a_folder_that_is_left_in_the_mount_point_is_not_written_to(disk: LoopDisk) -> None:
    sink = ExternalDiskSink(ExternalDiskConfig(label=disk.label), mounted=disk.volumes)
    sink.prepare()
    sink.put(PACK, b"content")
    disk.pull_out()
    (disk.folder / "tgvault").mkdir()

    with pytest.raises(SinkWaitingError):
        sink.put(PACK, b"content")

    assert list((disk.folder / "tgvault").iterdir()) == []


def test_a_real_disk_that_is_full_keeps_what_it_took_and_says_so(disk: LoopDisk) -> None:
    sink = ExternalDiskSink(ExternalDiskConfig(label=disk.label), mounted=disk.volumes)
    sink.prepare()
    kept: list[bytes] = []

    with pytest.raises(SinkFullError, match=r"it takes 5\.\d MB, and \d\.\d MB are free"):
        fill(sink, kept)

    assert len(kept) >= 6
    assert names(sink) == sorted(map(named, kept))
    assert all(sink.get(named(data)) == data for data in kept)
    sink.delete(named(kept[0]))
    sink.put(PACK, content(4 * MIB))
    sink.tidy()
    sink.close()


def test_two_real_disks_of_one_name_are_refused(tmp_path: Path) -> None:
    for kind in ("one", "two"):
        (tmp_path / kind).mkdir()
    with (
        loop_disk("exfat", tmp_path / "one", size=16 * MIB) as one,
        loop_disk("ntfs", tmp_path / "two", size=16 * MIB) as two,
    ):
        sink = ExternalDiskSink(ExternalDiskConfig(label="my disk"), mounted=lambda: [*one.volumes(), *two.volumes()])

        with pytest.raises(SinkError, match=f"2 disks are called `my disk`: `{one.folder}` and `{two.folder}`"):
            sink.prepare()


def fill(sink: ExternalDiskSink, kept: list[bytes]) -> None:
    for at in range(12):
        data = content(5 * MIB + at, seed=at)
        sink.put(named(data), data)
        kept.append(data)
