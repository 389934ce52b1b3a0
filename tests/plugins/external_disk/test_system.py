"""The machine that the tests run on, asked for its disks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from disk_support import loop_disk
from tgvault.api import SinkError, SinkUnavailableError
from tgvault_plugins.external_disk import system
from tgvault_plugins.external_disk.system import Machine, mounted_volumes
from tgvault_plugins.external_disk.volumes import Volume


def test_files_and_folders_are_read_where_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")

    machine = Machine()

    assert machine.read(str(tmp_path / "file")) == b"content"
    assert machine.read(str(tmp_path / "none")) == b""
    assert machine.names(str(tmp_path)) == ["file"]
    assert machine.names(str(tmp_path / "none")) is None


def test_only_block_devices_have_a_number(tmp_path: Path) -> None:
    with loop_disk("exfat", tmp_path, size=16 << 20) as disk:
        found = Machine().number(disk.device)

        assert found == f"7:{disk.device.removeprefix('/dev/loop')}"
    for other in ("/dev/null", "/none", "tmpfs", str(tmp_path)):
        assert Machine().number(other) is None


def test_a_command_gives_what_it_printed_or_nothing() -> None:
    assert Machine().run([sys.executable, "-c", "print('told')"]) == b"told\n"
    assert Machine().run([sys.executable, "-c", "print('told'); exit(1)"]) == b""


def test_a_command_that_is_not_there_or_does_not_end_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_PATIENCE", 0.05)

    for command in (["/no/diskutil"], [sys.executable, "-c", "import time; time.sleep(60)"]):
        with pytest.raises(SinkUnavailableError, match="does not tell which disks there are"):
            Machine().run(command)


def test_this_machine_lists_its_disks_or_says_why_not() -> None:
    try:
        found = list(mounted_volumes())
    except SinkError as error:
        assert not Path("/dev/disk").exists()
        assert "/dev/disk" in str(error)  # noqa: PT017
        return

    assert all(isinstance(each, Volume) for each in found)


def test_macos_is_asked_by_its_own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert list(mounted_volumes()) == []
