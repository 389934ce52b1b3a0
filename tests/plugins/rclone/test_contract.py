"""The sink `rclone`, held to the contract: with a folder of this machine, an S3 store, and WebDAV."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from servers.dav import Dav
from servers.seaweed import Seaweed
from tgvault.api import Sink
from tgvault.testing.contracts import MakeSink, SharedSinkContract
from tgvault_plugins.rclone import RcloneConfig, RcloneSink


class TestFolder(SharedSinkContract):
    @pytest.fixture
    def make_sink(self, tmp_path: Path) -> MakeSink:
        config = tmp_path / "rclone.conf"
        config.write_text(f"[disk]\ntype = alias\nremote = {tmp_path / 'a disk'}\n")
        return partial(RcloneSink, RcloneConfig(remote="disk:backups/vault", config=config))

    @pytest.fixture
    def litter(self, tmp_path: Path) -> Callable[[], None]:
        root = tmp_path / "a disk" / "backups" / "vault"

        def litter() -> None:
            for name in (".DS_Store", "desktop.ini x", "my photo (1).jpg", "packs/ab/a.age.0123abcd.tgvault~"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(b"litter")
            (root / "a" / "b" / "c").mkdir(parents=True)
            (root / "a" / "b" / "c" / "too-deep").write_bytes(b"litter")
            (root / "empty").mkdir()
            (root / "dangling").symlink_to(root / "nowhere")

        return litter


class TestObjectStore(SharedSinkContract):
    @pytest.fixture
    def make_sink(self, seaweed: Seaweed, tmp_path: Path) -> MakeSink:
        config = tmp_path / "rclone.conf"
        config.write_text(
            f"[cloud]\ntype = s3\nprovider = Other\nendpoint = {seaweed.endpoint}\n"
            f"access_key_id = {seaweed.access_key}\nsecret_access_key = {seaweed.secret_key}\n"
            f"region = {seaweed.region}\nforce_path_style = true\n"
        )
        return partial(RcloneSink, RcloneConfig(remote=f"cloud:{seaweed.bucket}/{seaweed.prefix()}", config=config))


class TestWebdav(SharedSinkContract):
    @pytest.fixture
    def folder(self, dav: Dav) -> str:
        return dav.prefix()

    @pytest.fixture
    def make_sink(self, dav: Dav, folder: str, tmp_path: Path) -> MakeSink:
        config = tmp_path / "rclone.conf"
        rclone = str(Path(sys.executable).parent / "rclone")
        words = ["url", dav.endpoint, "vendor", "other", "user", dav.user, "pass", dav.password, "--obscure"]
        subprocess.run(
            [rclone, "config", "create", "--config", str(config), "web", "webdav", *words],
            check=True,
            capture_output=True,
        )
        return partial(RcloneSink, RcloneConfig(remote=f"web:{folder}", config=config))

    def test_a_listing_of_many_objects_has_each_once(self, sink: Sink, dav: Dav, folder: str) -> None:
        """Laid there by hand: to send them takes a minute."""
        root = dav.files / folder
        expected = sorted(f"packs/{at % 7:02x}/{at:05}" for at in range(1_100))
        for name in expected:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(b"x")

        assert sorted(each.name for each in sink.list("")) == expected
