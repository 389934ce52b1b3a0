"""Servers that several modules use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.openssh import OpenSSH, openssh
from servers.sftp import SftpServer, sftp_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSSH]:
    with openssh(tmp_path_factory.mktemp("openssh")) as server:
        yield server


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("sftp"), extensions=False) as server:
        yield server
