"""The sink `external-disk`, held to the contract: on a folder that passes for a disk, on exFAT and on NTFS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from secrets import token_hex

import pytest

from disk_support import LoopDisk, loop_disk, plain_volume
from tgvault.testing.contracts import MakeSink, SharedSinkContract
from tgvault_plugins.external_disk import ExternalDiskConfig, ExternalDiskSink


def drop_litter(root: Path) -> None:
    for name in (".DS_Store", "desktop.ini x", "my photo (1).jpg", "packs/ab/.tgvault-0123456789abcdef.tmp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"litter")
    (root / "a" / "b" / "c").mkdir(parents=True)
    (root / "a" / "b" / "c" / "too-deep").write_bytes(b"litter")
    (root / "System Volume Information").mkdir()


class TestPlainFolder(SharedSinkContract):
    @pytest.fixture
    def make_sink(self, tmp_path: Path) -> MakeSink:
        config = ExternalDiskConfig(label="BACKUP", path="telegram/vault")
        return partial(ExternalDiskSink, config, mounted=partial(plain_volume, tmp_path))

    @pytest.fixture
    def litter(self, tmp_path: Path) -> Callable[[], None]:
        return partial(drop_litter, tmp_path / "telegram" / "vault")


class OnLoopDisk(SharedSinkContract):
    @pytest.fixture
    def config(self, disk: LoopDisk) -> ExternalDiskConfig:
        return ExternalDiskConfig(label=disk.label, path=f"vaults/{token_hex(4)}")

    @pytest.fixture
    def make_sink(self, disk: LoopDisk, config: ExternalDiskConfig) -> MakeSink:
        return partial(ExternalDiskSink, config, mounted=disk.volumes)

    @pytest.fixture
    def litter(self, disk: LoopDisk, config: ExternalDiskConfig) -> Callable[[], None]:
        return partial(drop_litter, disk.folder / config.path)


class TestExFat(OnLoopDisk):
    @pytest.fixture
    def disk(self, exfat: LoopDisk) -> LoopDisk:
        return exfat


class TestNtfs(OnLoopDisk):
    @pytest.fixture
    def disk(self, ntfs: LoopDisk) -> LoopDisk:
        return ntfs


@pytest.fixture(scope="module")
def exfat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopDisk]:
    with loop_disk("exfat", tmp_path_factory.mktemp("exfat")) as disk:
        yield disk


@pytest.fixture(scope="module")
def ntfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopDisk]:
    with loop_disk("ntfs", tmp_path_factory.mktemp("ntfs")) as disk:
        yield disk
