"""The sink `rclone`, held to the contract: with a folder of this machine and an S3 store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from servers.dav import Dav
from servers.seaweed import Seaweed
from tgvault.api import ObjectName
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


def test_a_store_that_speaks_webdav_keeps_what_it_is_given(dav: Dav, tmp_path: Path) -> None:
    """How rclone treats each kind of store is its own business; that one of another kind works, is ours."""
    config = tmp_path / "rclone.conf"
    rclone = str(Path(sys.executable).parent / "rclone")
    words = ["url", dav.endpoint, "vendor", "other", "user", dav.user, "pass", dav.password, "--obscure"]
    subprocess.run(
        [rclone, "config", "create", "--config", str(config), "web", "webdav", *words], check=True, capture_output=True
    )
    names = [ObjectName("packs/ab/one"), ObjectName("packs/cd/two")]

    with closing(RcloneSink(RcloneConfig(remote=f"web:{dav.prefix()}", config=config))) as sink:
        sink.prepare()
        for name in names:
            sink.put(name, name.encode())
        sink.replace(names[1], b"another")
        listed = sorted((each.name, each.size) for each in sink.list("packs/"))
        read = [sink.get(name) for name in names]
        sink.delete(names[0])
        left = [each.name for each in sink.list("")]

    assert listed == [(names[0], 12), (names[1], 7)]
    assert read == [b"packs/ab/one", b"another"]
    assert left == names[1:]
