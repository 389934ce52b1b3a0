"""The sinks `s3` and `webdav`, held to the contract on real servers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import opendal
import pytest

from cloud_support import dav_maker, s3_maker
from servers.dav import Dav
from servers.seaweed import Seaweed
from tgvault.testing.contracts import MakeSink, SharedSinkContract

_LITTER = (".DS_Store", "desktop.ini x", "my photo (1).jpg", "packs/ab/.tgvault-0123456789abcdef.tmp", "a/b/c/too-deep")


class TestS3(SharedSinkContract):
    @pytest.fixture
    def folder(self, seaweed: Seaweed) -> str:
        return f"{seaweed.prefix()}/Sicherung Ö"

    @pytest.fixture
    def make_sink(self, seaweed: Seaweed, folder: str) -> MakeSink:
        return s3_maker(seaweed, folder)

    @pytest.fixture
    def litter(self, seaweed: Seaweed, folder: str) -> Callable[[], None]:
        return partial(_drop_in_bucket, seaweed, folder)


class TestWebdav(SharedSinkContract):
    @pytest.fixture
    def path(self, dav: Dav) -> str:
        return f"{dav.prefix()}/Sicherung Ö"

    @pytest.fixture
    def make_sink(self, dav: Dav, path: str) -> MakeSink:
        return dav_maker(dav, path)

    @pytest.fixture
    def litter(self, dav: Dav, path: str) -> Callable[[], None]:
        return partial(_drop_in_folder, dav.files / path)


def _drop_in_bucket(server: Seaweed, prefix: str) -> None:
    operator = opendal.Operator(
        "s3",
        bucket=server.bucket,
        endpoint=server.endpoint,
        region=server.region,
        access_key_id=server.access_key,
        secret_access_key=server.secret_key,
    )
    for name in (*_LITTER, "folder/"):
        if name.endswith("/"):
            operator.create_dir(f"{prefix}/{name}")
        else:
            operator.write(f"{prefix}/{name}", b"litter")


def _drop_in_folder(root: Path) -> None:
    for name in (*_LITTER, ".tgvault-0123456789abcdef.tmp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"litter")
    (root / "System Volume Information").mkdir()
