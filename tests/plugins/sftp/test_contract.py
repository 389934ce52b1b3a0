"""The sink `sftp`, held to the contract: with OpenSSH, and with a server that knows no extension of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from secrets import token_hex

import pytest

from servers.openssh import OpenSSH
from servers.sftp import SftpServer
from tgvault.api import Credential
from tgvault.testing.contracts import MakeSink, SharedSinkContract
from tgvault_plugins.sftp import SftpConfig, SftpSink


def drop_litter(root: Path) -> None:
    for name in (".DS_Store", "desktop.ini x", "my photo (1).jpg", "packs/ab/.tgvault-0123456789abcdef.tmp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"litter")
    (root / "a" / "b" / "c").mkdir(parents=True)
    (root / "a" / "b" / "c" / "too-deep").write_bytes(b"litter")
    (root / "empty").mkdir()
    (root / "dangling").symlink_to(root / "nowhere")
    (root / "caf\udce9").write_bytes(b"a name that is no UTF-8")


class TestOpenSSH(SharedSinkContract):
    @pytest.fixture
    def config(self, server: OpenSSH) -> SftpConfig:
        return SftpConfig(
            host=server.host,
            port=server.port,
            user=server.user,
            path=f"vaults/{token_hex(4)}",
            identity=server.identity,
            known_hosts=server.known_hosts,
        )

    @pytest.fixture
    def make_sink(self, config: SftpConfig) -> MakeSink:
        return partial(SftpSink, config)

    @pytest.fixture
    def litter(self, server: OpenSSH, config: SftpConfig) -> Callable[[], None]:
        return partial(drop_litter, server.files / config.path)


class TestWithoutExtensions(SharedSinkContract):
    @pytest.fixture
    def config(self, bare_server: SftpServer) -> SftpConfig:
        return SftpConfig(
            host=bare_server.host,
            port=bare_server.port,
            user=bare_server.user,
            path=f"/vaults/{token_hex(4)}",
            known_hosts=bare_server.known_hosts,
        )

    @pytest.fixture
    def make_sink(self, config: SftpConfig) -> MakeSink:
        return partial(with_password, config)

    @pytest.fixture
    def litter(self, bare_server: SftpServer, config: SftpConfig) -> Callable[[], None]:
        return partial(drop_litter, bare_server.files / config.path.strip("/"))


def with_password(config: SftpConfig) -> SftpSink:
    sink = SftpSink(config)
    sink.use(Credential({"password": "the pass word"}))
    return sink
